from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from aimon_pipelines.event_log import KEPT, KeptSqliteEventLog
from aimon_pipelines.instance import open_instance


@dg.asset(check_specs=[dg.AssetCheckSpec("sound", asset="thing")])
def thing() -> Iterator[object]:
    yield dg.MaterializeResult(metadata={"rows": 3})
    yield dg.AssetCheckResult(check_name="sound", passed=False)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with open_instance(tmp_path) as opened:
        yield opened


def test_a_home_of_ours_keeps_its_events_with_ours(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.event_log_storage, KeptSqliteEventLog)


def test_what_it_stored_dagsters_own_log_reads_and_the_other_way_round(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run_id = dg.materialize([thing], instance=instance).run_id
    own = SqliteEventLogStorage(str(tmp_path / "storage" / "dagster" / "history" / "runs"))

    events = [entry.message for entry in own.get_logs_for_run(run_id)]

    assert events == [entry.message for entry in instance.all_logs(run_id)]
    assert any("did not pass" in message for message in events)
    (record,) = instance.fetch_materializations(dg.AssetKey("thing"), limit=1).records
    assert record.asset_materialization is not None
    assert record.asset_materialization.metadata["rows"].value == 3


def test_only_the_engines_of_the_last_few_runs_are_kept(instance: dg.DagsterInstance) -> None:
    runs = [dg.materialize([thing], instance=instance).run_id for _ in range(KEPT + 2)]

    log = instance.event_log_storage
    assert isinstance(log, KeptSqliteEventLog)
    assert len(log._engines) == KEPT
    assert all(instance.all_logs(run_id) for run_id in runs)
