import json
from datetime import timedelta

import pytest

from aimon.cli.app import run
from aimon.clock import day_end
from aimon.daily.ingest import ingest
from aimon.daily.reference import ensure_reference
from aimon.errors import ExpiredDayError
from aimon.govern.retention import expire
from aimon.platform import open_platform
from aimon.spec.model import PeriodBaseline
from tests.govern.conftest import DUE
from tests.tiny_project import FIRST, tiny_project


@pytest.fixture
def project(tmp_path, lake_of, monkeypatch):
    """A project whose lake has days that are over."""
    for name in ("AIMON_ROOT", "AIMON_LAKE_URL", "AIMON_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("retention: {predictions: 90d, samples: 99d}\n")
    lake_of(tmp_path / "storage" / "lake", "m")
    return tmp_path


@pytest.fixture
def aimon(project, capsys):
    def call(*arguments):
        capsys.readouterr()
        code = run(["-C", str(project), "retention", *arguments])
        return (code, *capsys.readouterr())

    return call


def test_a_dry_run_then_a_run_then_nothing(aimon):
    code, out, err = aimon("run", "--dry-run")
    assert (code, err) == (0, "")
    assert "predictions            6 model-days of 1 models, 18 rows," in out
    assert "would be deleted (retention.predictions is 90d)" in out
    code, out, _ = aimon("run", "--json")
    told = json.loads(out)
    assert (code, told["dry_run"], told["problems"]) == (0, False, [])
    kinds = [one["kind"] for one in told["deleted"]]
    in_lake = ("predictions", "quarantine", "samples", "profiles", "reports", "validation")
    assert {kind: kinds.count(kind) for kind in kinds} == {kind: len(DUE[kind]) for kind in in_lake}
    assert told["deleted"][0]["deleted_at"] == "2026-11-20T06:00:00Z"
    assert aimon("run") == (0, "Nothing deleted: nothing is older than it may be.\n", "")


def test_the_evidence_is_shown(aimon):
    assert aimon("evidence") == (0, "Nothing was deleted yet.\n", "")
    aimon("run")
    _, out, _ = aimon("evidence", "--limit", "3")
    assert len(out.splitlines()) == 3
    assert out.splitlines()[0].startswith("2026-11-20  validation        m  2025-11-19")
    told = json.loads(aimon("evidence", "--json", "--model", "m")[1])
    assert {one["policy"] for one in told if one["kind"] == "predictions"} == {"retention.predictions is 90d"}
    assert json.loads(aimon("evidence", "--json", "--model", "other")[1]) == []


def test_what_could_not_be_deleted_ends_with_2(aimon, project):
    (manifest,) = project.glob("storage/lake/predictions/model=m/date=2026-08-21/manifest.json")
    manifest.write_text("{")
    code, out, err = aimon("run")
    assert code == 2
    assert "is damaged; materialise the day again" in err
    assert "profiles" in out


def test_days_of_the_active_baseline_may_expire_and_the_baseline_stays(tmp_path, monkeypatch):
    root = tiny_project(tmp_path / "tiny", days=4)
    last = FIRST + timedelta(days=1)
    with open_platform(root) as platform:
        declared = platform.project.models["alpha"]
        period = PeriodBaseline.model_validate({"from": FIRST, "to": last})
        spec = declared.model_copy(update={"baseline": period})
        before = ensure_reference(platform, spec)
        ingest(platform, spec, FIRST + timedelta(days=3), day_end(last))
        now = day_end(last) + timedelta(days=90)
        monkeypatch.setenv("AIMON_NOW", now.isoformat())
        expire(platform.lake, platform.store, platform.project.settings.retention, now)
        assert platform.lake.days("alpha") == [FIRST + timedelta(days=3)]
        after = ensure_reference(platform, spec)
        assert (after.baseline_id, after.sha256, after.rows) == (before.baseline_id, before.sha256, before.rows)
        with pytest.raises(ExpiredDayError, match="are not written again"):
            ingest(platform, spec, FIRST, now)
