"""Documents through Dagster: made of what is stored, left out where there is nothing to make them of."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from aimon.platform import Platform
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.execution import run_model_days
from resources.names import EVIDENTLY, PDF, RANGE_END, RANGE_START, WEEK

FIRST = date(2026, 11, 1)


@pytest.fixture
def judged(platform: Platform, instance: dg.DagsterInstance) -> dg.DagsterInstance:
    assert run_model_days(platform, instance, "alpha", FIRST, FIRST).succeeded
    return instance


def make(root: Path, instance: dg.DagsterInstance, job: str, last: str = "alpha") -> dg.ExecuteInProcessResult:
    tags = {RANGE_START: "2026-11-01|alpha", RANGE_END: f"2026-11-01|{last}"}
    return build_definitions(root).resolve_job_def(job).execute_in_process(instance=instance, tags=tags)


@pytest.mark.parametrize(("job", "key", "file"), [("pdf_page", PDF, "report.pdf"), ("week_page", WEEK, "week.html")])
def test_a_document_is_an_artifact_that_its_materialisation_leads_to(
    root: Path, platform: Platform, judged: dg.DagsterInstance, job: str, key: dg.AssetKey, file: str
) -> None:
    result = make(root, judged, job)

    (event,) = result.get_asset_materialization_events()
    metadata = event.step_materialization_data.materialization.metadata
    path = platform.lake.path(f"reports/model=alpha/date=2026-11-01/{file}")
    assert (event.asset_key, event.partition) == (key, "2026-11-01|alpha")
    assert dg.MetadataValue.path(path) in metadata.values()
    assert Path(path).stat().st_size == metadata["bytes"].value


def test_a_model_that_was_not_judged_has_no_document_and_is_no_failure(root: Path, judged: dg.DagsterInstance) -> None:
    result = make(root, judged, "pdf_page", last="gamma")

    assert result.success
    assert judged.get_materialized_partitions(PDF) == {"2026-11-01|alpha"}
    said = [entry.message for entry in judged.all_logs(result.run_id) if "was not made" in entry.message]
    assert any("pdf of 2026-11-01|beta was not made: beta was not judged on 2026-11-01" in line for line in said)


def test_documents_wait_behind_everything_else(root: Path) -> None:
    definitions = build_definitions(root)

    for job in ("pdf_page", "week_page", "evidently_page"):
        assert definitions.resolve_job_def(job).tags["dagster/priority"] == "-1"
    assert "dagster/priority" not in definitions.resolve_job_def("model_day").tags


def test_dagster_knows_when_each_asset_is_late(root: Path) -> None:
    graph = build_definitions(root).resolve_asset_graph()

    late = {key.path[-1]: graph.get(key).freshness_policy for key in graph.get_all_asset_keys()}
    hours = {name: policy.fail_window.to_timedelta().total_seconds() / 3_600 for name, policy in late.items() if policy}
    assert hours["drift"] == hours["report"] == 12
    assert (hours[WEEK.path[-1]], hours[EVIDENTLY.path[-1]]) == (192, 36)
    assert late[PDF.path[-1]] is None
