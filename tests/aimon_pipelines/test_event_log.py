import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from aimon_pipelines.event_log import KEPT, KeptSqliteEventLog
from aimon_pipelines.instance import EVENT_LOG, open_instance
from assets.preview import accepted

NAMES = dg.StaticPartitionsDefinition(["a", "b", "c"])


@dg.asset(check_specs=[dg.AssetCheckSpec("sound", asset="thing")])
def thing() -> Iterator[object]:
    yield dg.MaterializeResult(metadata={"rows": 3})
    yield dg.AssetCheckResult(check_name="sound", passed=False)


def of_each_name() -> dg.AssetsDefinition:
    """An asset that tells of two of its three partitions, its check of one."""
    with accepted():
        checks = [dg.AssetCheckSpec("sound", asset="each", partitions_def=NAMES)]
    specs = [dg.AssetSpec("each", partitions_def=NAMES, skippable=True)]

    @dg.multi_asset(
        name="told", specs=specs, check_specs=checks, can_subset=True, backfill_policy=dg.BackfillPolicy.single_run()
    )
    def told(context: dg.AssetExecutionContext) -> Iterator[object]:
        for name in ("a", "b"):
            tags = {"dagster/data_version": name}
            context.log_event(dg.AssetMaterialization("each", partition=name, metadata={"rows": 3}, tags=tags))
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey("each"), check_name="sound", passed=False, partition="b", blocking=False
        )
        yield dg.Output(None, output_name="each_sound")

    return told


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


INDEX = {
    "event_logs": "dagster_event_type, step_key, asset_key, partition",
    "asset_event_tags": "asset_key, key, value, event_id",
    "asset_keys": "asset_key, last_materialization is null, last_run_id is null, cached_status_data",
    "asset_check_executions": "asset_key, check_name, partition, execution_status, evaluation_event_storage_id",
}


def told_of_a_range(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the index holds once a run over all partitions, an observation and a runless evaluation were told."""
    with dg.DagsterInstance.from_config(str(home)) as opened:
        job = dg.Definitions(
            assets=[of_each_name()], jobs=[dg.define_asset_job("range", selection="*")]
        ).resolve_job_def("range")
        tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
        job.execute_in_process(instance=opened, tags=tags)
        opened.report_runless_asset_event(dg.AssetObservation("other"))
        with accepted():
            found = dg.AssetCheckEvaluation(asset_key=dg.AssetKey("each"), check_name="sound", passed=True)
        opened.report_runless_asset_event(found)
    with closing(sqlite3.connect(home / "history" / "runs" / "index.db")) as index:
        return {
            table: index.execute(f"select {columns} from {table} order by {table}.rowid").fetchall()  # noqa: S608
            for table, columns in INDEX.items()
        }


def test_its_index_says_what_dagsters_own_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, own = tmp_path / "ours", tmp_path / "own"
    for home in (ours, own):
        home.mkdir()
        (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with (ours / "dagster.yaml").open("a") as config:
        config.write(EVENT_LOG.format(home=ours))

    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "500")
    told = told_of_a_range(ours)
    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE")

    assert told == told_of_a_range(own)
    statuses = {partition: status for _, _, partition, status, _ in told["asset_check_executions"]}
    assert statuses == {"a": "PLANNED", "b": "FAILED", "c": "PLANNED", None: "SUCCEEDED"}


def test_only_the_engines_of_the_last_few_runs_are_kept(instance: dg.DagsterInstance) -> None:
    runs = [dg.materialize([thing], instance=instance).run_id for _ in range(KEPT + 2)]

    log = instance.event_log_storage
    assert isinstance(log, KeptSqliteEventLog)
    assert len(log._engines) == KEPT
    assert all(instance.all_logs(run_id) for run_id in runs)
