"""Reading evaluations on Dagster's real storages: in memory, and SQLite as it is installed by default."""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from aimon.incident.evaluation import Evaluation
from sensors import evaluations
from sensors.evaluations import SETTLE_SECONDS, drain, evaluations_of_run

models = dg.StaticPartitionsDefinition(["2026-11-01|alpha", "2026-11-01|beta", "2026-11-01|gamma"])
SOUND = dg.AssetCheckSpec("sound", asset="drift", partitions_def=models)


@dg.asset(partitions_def=models, check_specs=[SOUND], backfill_policy=dg.BackfillPolicy.single_run())
def drift(context: dg.AssetExecutionContext) -> Iterator[object]:
    yield dg.MaterializeResult()
    yield dg.Output(None, output_name="drift_sound")
    for key in context.partition_keys:
        yield dg.AssetCheckEvaluation(
            asset_key=context.asset_key, check_name="sound", passed="beta" not in key, metadata={}, partition=key
        )


@pytest.fixture(params=["memory", "sqlite"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    opened = (
        dg.DagsterInstance.ephemeral() if request.param == "memory" else dg.DagsterInstance.local_temp(str(tmp_path))
    )
    with opened:
        yield opened


def materialize(instance: dg.DagsterInstance, key: str = "2026-11-01|beta") -> str:
    return dg.materialize([drift], instance=instance, partition_key=key).run_id


def later(seconds: float = SETTLE_SECONDS + 1) -> object:
    return lambda: time.time() + seconds


def test_every_evaluation_is_handed_over_once_it_is_stored(instance: dg.DagsterInstance) -> None:
    seen: list[Evaluation] = []
    materialize(instance)
    materialize(instance, "2026-11-01|alpha")

    drained = drain(instance, 0, seen.extend, clock=later())

    assert [(each.model, each.passed) for each in seen] == [("beta", False), ("alpha", True)]
    assert drained.read == 2
    assert drain(instance, drained.cursor, seen.extend, clock=later()).read == 0


def test_the_cursor_waits_for_events_to_settle_and_reads_them_again(instance: dg.DagsterInstance) -> None:
    seen: list[Evaluation] = []
    materialize(instance)

    drained = drain(instance, 0, seen.extend)
    again = drain(instance, drained.cursor, seen.extend)

    assert drained.cursor == 0
    assert again.read == 1
    assert seen[0].key == seen[1].key


def test_more_events_than_a_batch_are_all_read(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations, "BATCH", 2)
    seen: list[Evaluation] = []
    for _ in range(5):
        materialize(instance)

    drained = drain(instance, 0, seen.extend, clock=later())

    assert drained.read == len({each.key for each in seen}) == 5


def test_when_handling_raises_nothing_is_skipped(instance: dg.DagsterInstance) -> None:
    materialize(instance)

    def refuse(batch: list[Evaluation]) -> None:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError, match="away"):
        drain(instance, 0, refuse, clock=later())
    assert drain(instance, 0, lambda batch: None, clock=later()).read == 1


def test_a_cursor_from_a_storage_that_is_gone_starts_again(instance: dg.DagsterInstance) -> None:
    materialize(instance)

    assert drain(instance, 9_999, lambda batch: None, clock=later()).read == 1


def test_a_range_run_gives_one_evaluation_for_each_partition(instance: dg.DagsterInstance) -> None:
    run = dg.materialize(
        [drift],
        instance=instance,
        tags={
            "dagster/asset_partition_range_start": "2026-11-01|alpha",
            "dagster/asset_partition_range_end": "2026-11-01|gamma",
        },
    )

    assert [each.model for each in evaluations_of_run(instance, run.run_id)] == ["alpha", "beta", "gamma"]
