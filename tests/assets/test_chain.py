from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from aimon.daily.model_day import ModelDay
from aimon.errors import DataError
from aimon.platform import Platform
from aimon.store import heartbeats
from aimon_pipelines.partitions import model_days
from assets.chain import model_day_assets
from assets.made import Judgement, Made
from assets.step import Step
from resources.names import AS_OF_TAG, RANGE_END, RANGE_START
from sensors.failed_runs import failed_partitions

FIRST, SECOND = dg.AssetKey("first"), dg.AssetKey("second")


def judged(passed: bool) -> Judgement:
    return Judgement(passed=passed, severity=dg.AssetCheckSeverity.WARN, description="as told", metadata={"seen": 1})


def count(day: ModelDay) -> Made:
    if day.spec.model == "beta":
        raise DataError("beta's rows are unusable")
    return Made(metadata={"day": day.day.isoformat(), "as_of": day.as_of.isoformat()}, data_version="v1")


def judge(day: ModelDay) -> Made:
    return Made(metadata={}, judgements={"sound": judged(passed=day.spec.model != "gamma")})


STEPS = (
    Step(key=FIRST, make=count, description="counts", kinds=frozenset({"python"})),
    Step(
        key=SECOND, make=judge, description="judges", kinds=frozenset(), deps=(FIRST,), checks={"sound": "It is sound."}
    ),
)


def run(
    platform: Platform,
    instance: dg.DagsterInstance,
    first: str,
    last: str,
    *,
    steps: Sequence[Step] = STEPS,
    **tags: str,
) -> dg.ExecuteInProcessResult:
    partitions = model_days(platform.root)
    assets = model_day_assets(partitions, steps)
    job = dg.define_asset_job("chain", selection=dg.AssetSelection.assets(assets))
    definitions = dg.Definitions(
        assets=[assets], jobs=[job], resources={"platform": platform}, executor=dg.in_process_executor
    )
    return definitions.resolve_job_def("chain").execute_in_process(
        instance=instance, tags={RANGE_START: first, RANGE_END: last, **tags}, raise_on_error=False
    )


def only_run(instance: dg.DagsterInstance) -> dg.RunRecord:
    (record,) = instance.get_run_records()
    return record


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str | None, bool]:
    return {found.partition: found.passed for found in result.get_asset_check_evaluations()}


def test_a_single_partition_is_made_and_its_check_names_it(platform: Platform, instance: dg.DagsterInstance) -> None:
    result = run(platform, instance, "2026-11-01|alpha", "2026-11-01|alpha")

    assert result.success
    assert instance.get_materialized_partitions(SECOND) == {"2026-11-01|alpha"}
    assert evaluations(result) == {"2026-11-01|alpha": True}


def test_a_check_says_where_the_days_report_is(platform: Platform, instance: dg.DagsterInstance) -> None:
    (found,) = run(platform, instance, "2026-11-01|alpha", "2026-11-01|alpha").get_asset_check_evaluations()

    where = platform.lake.path("reports/model=alpha/date=2026-11-01/report.html")
    assert found.metadata["report"] == dg.MetadataValue.path(where)


def test_in_a_range_every_partition_has_an_evaluation_of_its_own(
    platform: Platform, instance: dg.DagsterInstance
) -> None:
    result = run(platform, instance, "2026-11-01|gamma", "2026-11-03|gamma")

    assert result.success
    assert evaluations(result) == dict.fromkeys(("2026-11-01|gamma", "2026-11-02|gamma", "2026-11-03|gamma"), False)


def test_one_model_that_fails_stops_no_other_and_is_named(platform: Platform, instance: dg.DagsterInstance) -> None:
    result = run(platform, instance, "2026-11-01|alpha", "2026-11-02|gamma")

    made = instance.get_materialized_partitions(SECOND)
    assert not result.success
    assert made == {"2026-11-01|alpha", "2026-11-02|alpha", "2026-11-01|gamma", "2026-11-02|gamma"}
    failure = result.failure_data_for_node("analyse")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.metadata["failed"].value == {
        "2026-11-01|beta": "beta's rows are unusable",
        "2026-11-02|beta": "beta's rows are unusable",
    }
    assert "2 of 6 partitions failed, the others are done" in str(failure.user_failure_data.description)


def test_a_retired_model_inside_a_range_is_left_out(root: Path, instance: dg.DagsterInstance) -> None:
    from aimon.platform import open_platform

    file = root / "models" / "beta.yaml"
    file.write_text(file.read_text() + "retired: true\n")
    with open_platform(root) as platform:
        result = run(platform, instance, "2026-11-01|alpha", "2026-11-01|gamma")

    assert result.success
    assert instance.get_materialized_partitions(FIRST) == {"2026-11-01|alpha", "2026-11-01|gamma"}


def test_a_model_whose_file_is_gone_is_a_failure_that_says_so(platform: Platform, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("models", ["lost"])

    result = run(platform, instance, "2026-11-01|lost", "2026-11-01|lost")

    failure = result.failure_data_for_node("analyse")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "the model 'lost' cannot be run; its file is not in" in str(failure.user_failure_data.description)


def test_nothing_is_made_of_what_cannot_be_used_and_its_check_has_said_so(
    platform: Platform, instance: dg.DagsterInstance
) -> None:
    unusable = Judgement(passed=False, severity=dg.AssetCheckSeverity.ERROR, description="no rows")

    def read(day: ModelDay) -> Made:
        usable = day.spec.model != "beta"
        return Made(
            metadata={}, judgements={} if usable else {"valid": unusable}, unusable=None if usable else "no rows"
        )

    steps = (Step(key=FIRST, make=read, description="reads", kinds=frozenset(), checks={"valid": "It is."}), STEPS[1])
    result = run(platform, instance, "2026-11-01|alpha", "2026-11-01|gamma", steps=steps)

    assert instance.get_materialized_partitions(FIRST) == {f"2026-11-01|{name}" for name in ("alpha", "beta", "gamma")}
    assert instance.get_materialized_partitions(SECOND) == {"2026-11-01|alpha", "2026-11-01|gamma"}
    assert evaluations(result)["2026-11-01|beta"] is False
    failed = failed_partitions(instance, only_run(instance))
    assert failed.reasons == {"2026-11-01|beta": "no rows"}
    assert failed.untold == {}


@pytest.mark.parametrize(
    ("tags", "as_of"),
    [
        ({}, "2026-11-20T12:00:00+00:00"),
        ({AS_OF_TAG: "2026-11-05T06:00:00Z"}, "2026-11-05T06:00:00+00:00"),
    ],
)
def test_what_is_known_is_the_runs_tag_or_the_current_slot(
    platform: Platform,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    tags: dict[str, str],
    as_of: str,
) -> None:
    monkeypatch.setenv("AIMON_NOW", "2026-11-20T17:24:00Z")

    result = run(platform, instance, "2026-11-01|alpha", "2026-11-01|alpha", **tags)

    (made,) = (event for event in result.get_asset_materialization_events() if event.asset_key == FIRST)
    assert made.step_materialization_data.materialization.metadata["as_of"].value == as_of
    assert (made.step_materialization_data.materialization.tags or {})["dagster/data_version"] == "v1"


def test_checks_alone_judge_what_is_stored_and_make_nothing(platform: Platform, instance: dg.DagsterInstance) -> None:
    def judge_stored(_: ModelDay) -> dict[str, Judgement]:
        return {"sound": judged(passed=True)}

    checks = {"sound": "It is."}
    step = Step(key=SECOND, make=count, description="judges", kinds=frozenset(), checks=checks, judge=judge_stored)
    assets = model_day_assets(model_days(platform.root), [step])
    job = dg.define_asset_job("checks", selection=dg.AssetSelection.checks(dg.AssetCheckKey(SECOND, "sound")))
    definitions = dg.Definitions(
        assets=[assets], jobs=[job], resources={"platform": platform}, executor=dg.in_process_executor
    )

    result = definitions.resolve_job_def("checks").execute_in_process(
        instance=instance, tags={RANGE_START: "2026-11-01|alpha", RANGE_END: "2026-11-02|alpha"}
    )

    assert evaluations(result) == {"2026-11-01|alpha": True, "2026-11-02|alpha": True}
    assert instance.get_materialized_partitions(SECOND) == set()


def test_each_step_of_each_model_leaves_a_sign_of_life(platform: Platform, instance: dg.DagsterInstance) -> None:
    run(platform, instance, "2026-11-01|alpha", "2026-11-02|beta")

    with platform.store.session() as connection:
        beats = heartbeats.last(connection, heartbeats.Kind.MODEL)
    assert {(beat.subject, beat.step, str(beat.day)) for beat in beats} == {
        ("alpha", "first", "2026-11-02"),
        ("alpha", "second", "2026-11-02"),
    }
