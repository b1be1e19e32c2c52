from aimon.daily.judging import MOST_SEGMENTS, Judged, by_segment, headline, per_window, scale, worst_first
from aimon.daily.window import Window
from aimon.metrics.metric import Family
from aimon.spec.model import Columns, Limit, ModelSpec, Task, Threshold
from aimon.verdict.record import Record, Verdict

SPEC = ModelSpec(
    model="m",
    task=Task.BINARY,
    columns=Columns(prediction="p"),
    thresholds={
        "cost_usd": Threshold(warning=45, critical=None, segments={"channel=web": Limit(warning=10)}),
        "psi": Threshold(warning=0.1, critical=0.25),
    },
)


def record(metric: str, value: float, verdict: Verdict = Verdict.OK, **place: object) -> Judged:
    return Judged("1d", Record(family=Family.DRIFT, metric=metric, value=value, verdict=verdict, **place))  # type: ignore[arg-type]


def test_limits_of_daily_totals_grow_with_the_window_and_others_do_not() -> None:
    week = per_window(SPEC, Window("7d", 7))

    assert week.thresholds["cost_usd"].warning == 315
    assert week.thresholds["cost_usd"].critical is None
    assert week.thresholds["cost_usd"].segments["channel=web"].warning == 70
    assert week.thresholds["psi"] == SPEC.thresholds["psi"]


def test_a_window_that_is_not_whole_yet_says_nothing_of_few_rows() -> None:
    spec = SPEC.model_copy(update={"thresholds": {**SPEC.thresholds, "volume": Threshold(warning=1_000)}})

    assert per_window(spec, Window("1d", 1)).thresholds["volume"].warning == 1_000
    assert set(per_window(spec, Window("1d", 1), whole=False).thresholds) == {"cost_usd", "psi"}


def test_the_limits_of_one_day_are_those_declared() -> None:
    assert scale(SPEC.thresholds["cost_usd"], 1) == SPEC.thresholds["cost_usd"]


def test_the_worst_comes_first_by_verdict_and_then_by_how_far_beyond_its_limit() -> None:
    near = record("psi", 0.3, Verdict.CRITICAL, threshold=0.25)
    far = record("psi", 0.9, Verdict.CRITICAL, threshold=0.25)
    fine = record("psi", 0.01, Verdict.OK, threshold=0.1)

    assert worst_first([fine, near, far]) == [far, near, fine]


def test_headlines_are_the_days_own_numbers_for_all_rows() -> None:
    judged = [
        record("drift_score", 12.0),
        record("drift_score", 50.0, segment="channel=web"),
        Judged("7d", Record(family=Family.DRIFT, metric="drift_score", value=90.0)),
        record("psi", 0.4, column="income"),
    ]

    assert headline(Family.DRIFT, judged) == {"drift_score": 12.0}


def test_the_foremost_number_is_plotted_for_each_segment_too() -> None:
    judged = [
        record("class_shift", 0.3, segment="channel=app"),
        record("drift_score", 12.0),
        record("drift_score", 50.0, segment="channel=web"),
        record("drift_score", 7.0, segment="channel=app"),
        Judged("7d", Record(family=Family.DRIFT, metric="drift_score", value=90.0, segment="channel=web")),
    ]

    assert by_segment(Family.DRIFT, judged) == {
        "drift_score where channel=app": 7.0,
        "drift_score where channel=web": 50.0,
    }


def test_of_many_segments_the_first_by_name_are_plotted_day_after_day() -> None:
    judged = [record("drift_score", 1.0, segment=f"shop={number:03}") for number in range(100)]

    assert list(by_segment(Family.DRIFT, judged)) == [f"drift_score where shop={n:03}" for n in range(MOST_SEGMENTS)]
    assert by_segment(Family.DRIFT, [record("drift_score", 1.0)]) == {}
