"""The likely root, in a sentence."""

from typing import Any

from aimon.verdict.record import Family, Maturity, Record, Verdict

World = Any


def body(world: World, number: int) -> str:
    return str(world.notices(number)[0].body)


def missing(world: World) -> None:
    record = Record(family=Family.QUALITY, metric="missing_shift", column="income", value=0.3, verdict=Verdict.CRITICAL)
    world.write([record], family=Family.QUALITY)
    world.judge(check="quality")


def test_a_data_fault_is_its_own_root(world: World) -> None:
    missing(world)
    assert "\nLikely root: the source of income: its values are not what they were in the baseline.\nNext: " in body(
        world, 1
    )


def test_drift_of_another_column_names_the_fault_that_stands(world: World) -> None:
    missing(world)
    world.drift("age")
    world.judge(check="drift")
    assert "\nLikely root: incident 1, loans: missing shift of income is 30%.\n" in body(world, 2)


def test_unfairness_names_the_drift_that_stands(world: World) -> None:
    world.drift("income")
    world.judge()
    unfair = Record(family=Family.FAIRNESS, metric="disparate_impact", column="sex", value=0.5, verdict=Verdict.WARNING)
    world.write([unfair], family=Family.FAIRNESS)
    world.judge(check="fairness")
    assert "Likely root: incident 1, loans: income drifted" in body(world, 2)


def test_where_nothing_else_stands_no_root_is_named(world: World) -> None:
    fallen = Record(
        family=Family.PERFORMANCE,
        metric="accuracy",
        value=0.6,
        threshold=0.7,
        verdict=Verdict.CRITICAL,
        maturity=Maturity.MATURE,
    )
    world.write([fallen], family=Family.PERFORMANCE)
    world.judge(check="performance")
    assert "Likely root" not in body(world, 1)


def explained(world: World) -> None:
    """What the search among whole rows found on the day."""

    def found(metric: str, column: str | None, reason: str, segment: str | None = None) -> Record:
        return Record(
            family=Family.ESTIMATE,
            metric=metric,
            column=column,
            segment=segment,
            value=0.2,
            verdict=Verdict.WATCH,
            reason=reason,
        )

    world.write(
        [
            found("data_fault", "age", "age holds 0 where years were: 20 % of the rows"),
            found("root_cause", "income", "income costs 0.04 of the Brier score"),
            found("root_cause", "age", "age costs 0.01 of the Brier score"),
            found("worst_segment", None, "errors gather where channel is web", "channel=web"),
        ],
        family=Family.ESTIMATE,
    )


def test_a_fall_of_performance_names_what_whole_rows_tell(world: World) -> None:
    explained(world)
    fallen = Record(
        family=Family.PERFORMANCE, metric="accuracy", value=0.6, verdict=Verdict.CRITICAL, maturity=Maturity.MATURE
    )
    world.write([fallen], family=Family.PERFORMANCE)
    world.judge(check="performance")
    assert (
        "\nLikely root: age holds 0 where years were: 20 % of the rows. income costs 0.04 of the Brier score. "
        "errors gather where channel is web.\n"
    ) in body(world, 1)


def test_the_drift_of_a_column_names_only_what_is_about_the_column(world: World) -> None:
    explained(world)
    world.drift("income")
    world.judge()
    told = body(world, 1)
    assert "Likely root: income costs 0.04 of the Brier score. errors gather where channel is web.\n" in told
    assert "age" not in told
