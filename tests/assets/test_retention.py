from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from aimon.clock import now
from aimon.daily.ingest import ingest
from aimon.platform import Platform
from aimon.store import expirations
from aimon_pipelines.definitions import build_definitions
from resources.names import RETENTION
from tests.tiny_project import FIRST


def run(platform: Platform, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    job = build_definitions(platform.root).resolve_job_def("keep_retention")
    return job.execute_in_process(instance=instance, raise_on_error=False)


@pytest.fixture
def old(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """Two days in the lake, the first of which has just been kept for 90 days."""
    for day in (FIRST, FIRST + timedelta(1)):
        ingest(platform, platform.model("alpha"), day, now())
    monkeypatch.setenv("AIMON_NOW", "2027-01-31T03:00:00Z")
    return platform


def test_what_is_over_is_deleted_with_the_evidence_in_the_metadata(old: Platform, instance: dg.DagsterInstance) -> None:
    manifest = old.lake.manifest("alpha", FIRST)

    result = run(old, instance)

    assert result.success
    assert old.lake.days("alpha") == [FIRST + timedelta(1)]
    (made,) = result.get_asset_materialization_events()
    metadata = made.step_materialization_data.materialization.metadata
    assert made.asset_key == RETENTION
    assert manifest is not None
    assert (metadata["deletions"].value, metadata["rows"].value) == (1, 400)
    (row,) = metadata["evidence"].records
    assert row.data == {
        "kind": "predictions",
        "model": "alpha",
        "day": "2026-11-01",
        "files": 1,
        "rows": 400,
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "policy": "retention.predictions is 90d",
    }
    with old.store.session() as connection:
        (kept,) = expirations.query(connection)
    assert kept.sha256 == manifest.sha256


def test_what_cannot_be_deleted_fails_the_run_after_the_rest_is_gone(
    old: Platform, instance: dg.DagsterInstance, root: Path
) -> None:
    (root / "storage/lake/predictions/model=alpha" / f"date={FIRST}" / "manifest.json").write_text("damaged")
    ingest(old, old.model("beta"), FIRST, now())

    result = run(old, instance)

    assert not result.success
    assert old.lake.days("beta") == []
