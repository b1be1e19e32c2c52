import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control  # noqa: TID253 - the oracle of these tests

from aimon.metrics.registry import METRICS
from aimon.spec.model import Threshold
from aimon.verdict.evaluate import evaluate
from aimon.verdict.history import History, SeriesKey
from aimon.verdict.record import Family, Maturity, Record, Verdict

ROLES = {
    "score": "s",
    "label": "t",
    "protected": ("sex",),
    "segments": ("channel",),
    "positive": 1,
    "features": ("x", "c"),
}


def _people(random: np.random.Generator, n: int, *, shift: float = 0.0, unfair: float = 0.0) -> dict[str, np.ndarray]:
    sex, score = random.choice(["f", "m"], n), random.beta(2, 3, n)
    chosen = (score > 0.4) & ~((sex == "f") & (random.random(n) < unfair))
    return {
        "x": random.normal(shift, 1, n),
        "c": random.choice(list("abc"), n),
        "sex": sex,
        "channel": random.choice(["web", "app"], n),
        "s": score,
        "y": chosen.astype(int),
        "t": (random.random(n) < score).astype(int),
    }


def _of(records: list[Record], metric: str, **where: object) -> Record:
    (record,) = (
        r
        for r in records
        if r.metric == metric and all(getattr(r, name) == value for name, value in {"segment": None, **where}.items())
    )
    return record


def _alarms(records: list[Record]) -> set[tuple[str, object]]:
    return {(r.metric, r.column) for r in records if r.verdict.alarms and r.segment is None}


def test_a_window_like_the_baseline_raises_no_alarm(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 8000), _people(random, 4000), **ROLES)
    assert _alarms(evaluate(spec, grid, baseline, current)) == set()


def test_a_shifted_column_is_found_and_nothing_else(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 5000), _people(random, 1500, shift=0.6), **ROLES)
    records = evaluate(spec, grid, baseline, current)
    assert _alarms(records) == {("psi", "x")}
    found = _of(records, "psi", column="x")
    assert found.low > 0.1
    assert (found.n_reference, found.n_current) == (5000, 1500)
    assert _of(records, "psi", column="x", segment="channel=web").verdict.alarms
    assert _of(records, "drift_score").value > 20


def test_a_model_that_turned_unfair_is_found(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 5000), _people(random, 3000, unfair=0.5), **ROLES)
    records = evaluate(spec, grid, baseline, current)
    assert _of(records, "demographic_parity_difference", column="sex").verdict is Verdict.CRITICAL
    assert _of(records, "disparate_impact", column="sex").verdict is Verdict.CRITICAL
    assert _of(records, "disparate_impact", column="sex").groups == ("f", "m")


def test_adjusted_p_values_are_those_of_all_primary_tests(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 2000), _people(random, 1000, shift=0.2), **ROLES)
    tests = [r for r in evaluate(spec, grid, baseline, current) if r.metric == "psi"]
    assert len(tests) == 3 * len(list(grid.columns)) + 3  # whole and two segments, and the label in each
    assert [r.p_adjusted for r in tests] == pytest.approx(
        false_discovery_control([r.p_value for r in tests]), abs=1e-15
    )


def test_records_come_in_one_order_and_the_same_every_time(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 500), _people(random, 300), **ROLES)
    records = evaluate(spec, grid, baseline, current)
    assert records == evaluate(spec, grid, baseline, current)
    segments = [record.segment for record in records]
    assert segments == sorted(segments, key=lambda s: (s is not None, s))
    keys = [(r.family, r.metric, r.column, r.segment, r.group) for r in records]
    assert len(keys) == len(set(keys))


def test_labels_that_still_arrive_are_marked_and_raise_no_alarm(counted, random) -> None:
    current = _people(random, 3000)
    current["t"] = 1 - current["t"]
    spec, grid, baseline, window = counted(_people(random, 3000), current, **ROLES)
    mature = evaluate(spec, grid, baseline, window, maturity=Maturity.MATURE)
    early = evaluate(spec, grid, baseline, window, maturity=Maturity.PROVISIONAL)
    assert _of(mature, "accuracy").verdict is Verdict.CRITICAL
    assert _of(early, "accuracy").verdict is Verdict.WATCH
    assert _of(early, "accuracy").maturity is Maturity.PROVISIONAL
    assert _of(early, "psi", column="x").maturity is None
    assert _of(early, "psi", column="t").p_adjusted is None
    assert not any(r.verdict.alarms for r in early if r.maturity is not None)


def test_declared_limits_count_for_their_metric_column_and_segment(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 5000), _people(random, 3000, shift=0.6), **ROLES)
    strict = spec.model_copy(
        update={
            "thresholds": {
                "psi": Threshold(columns={"x": {"warning": 5.0}}, segments={"channel=web": {"critical": 0.01}}),
                "kl": Threshold(warning=0.01),
            }
        }
    )
    records = evaluate(strict, grid, baseline, current)
    assert _of(records, "psi", column="x").verdict is Verdict.OK
    assert _of(records, "psi", column="x", segment="channel=web").verdict is Verdict.CRITICAL
    assert _of(records, "kl", column="x").verdict is Verdict.WARNING
    assert _of(records, "kl", column="x", segment="channel=app").verdict is Verdict.WARNING
    assert not any(r.metric == "ks" and r.segment is not None for r in records)


def test_the_models_own_past_sets_limits_beside_the_fixed_ones(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 5000), _people(random, 3000, shift=0.6), **ROLES)
    usual = 0.35 + random.normal(0, 0.1, 20)
    history = History(values={SeriesKey("psi", "x"): usual, SeriesKey("volume"): [9000.0 + i for i in range(20)]})
    records = evaluate(spec, grid, baseline, current, history=history)
    assert _of(records, "psi", column="x").verdict is Verdict.WATCH
    assert _of(records, "volume").verdict is Verdict.WARNING


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows_are_too_few_to_tell(rows: int, counted, random) -> None:
    spec, grid, baseline, current = counted(
        _people(random, 2000), {k: v[:rows] for k, v in _people(random, 2).items()}, **ROLES
    )
    records = evaluate(spec, grid, baseline, current)
    psi = _of(records, "psi", column="x")
    assert psi.verdict is Verdict.INSUFFICIENT
    assert psi.low_power
    assert psi.reason
    assert not any(r.verdict.alarms for r in records)
    _explained(records)


def test_an_empty_baseline_compares_with_nothing(counted, random) -> None:
    spec, grid, _, current = counted(_people(random, 500), _people(random, 500), **ROLES)
    empty = replace(current, tables={key: counts * 0 for key, counts in current.tables.items()})
    records = evaluate(spec, grid, empty, current)
    assert _of(records, "psi", column="x").verdict is Verdict.INSUFFICIENT
    _explained(records)


def test_a_column_that_vanished_or_changed_its_type_is_critical_and_says_so(counted, random) -> None:
    people = _people(random, 3000)
    del people["c"]
    people["x"] = np.array(["text"] * 3000)
    spec, grid, baseline, current = counted(_people(random, 3000), people, **ROLES)
    records = evaluate(spec, grid, baseline, current)
    assert _of(records, "psi", column="c").verdict is Verdict.CRITICAL
    assert _of(records, "missing_shift", column="c").verdict is Verdict.CRITICAL
    assert "missing from the data" in _of(records, "psi", column="c").reason
    assert _of(records, "psi", column="x").verdict is Verdict.CRITICAL
    assert _of(records, "unreadable_share", column="x").verdict is Verdict.CRITICAL


def test_a_column_of_the_grid_that_the_baseline_lacks_is_unsupported(counted, random) -> None:
    spec, grid, baseline, current = counted(_people(random, 500), _people(random, 500), **ROLES)
    partial = replace(baseline, tables={k: v for k, v in baseline.tables.items() if k.table != "column:x"})
    found = _of(evaluate(spec, grid, partial, current), "psi", column="x")
    assert found.verdict is Verdict.UNSUPPORTED
    assert found.reason == "the reference has no such column to compare with"


def test_performance_falls_when_labels_are_noise(counted, random) -> None:
    current = _people(random, 3000)
    current["t"] = random.integers(0, 2, 3000)
    spec, grid, baseline, window = counted(_people(random, 5000), current, **ROLES)
    records = evaluate(spec, grid, baseline, window)
    assert {"accuracy", "roc_auc", "brier"} <= {r.metric for r in records if r.verdict.alarms and r.segment is None}


def test_a_regression_is_judged_by_the_growth_of_its_errors(counted, random) -> None:
    def houses(noise: float) -> dict[str, np.ndarray]:
        price = random.lognormal(12, 0.5, 3000)
        return {"y": price * random.lognormal(0, noise, 3000), "t": price, "x": price}

    roles = {"task": "regression", "label": "t", "features": ("x",)}
    spec, grid, baseline, window = counted(houses(0.1), houses(0.2), **roles)
    records = evaluate(spec, grid, baseline, window)
    assert _of(records, "mae").verdict is Verdict.CRITICAL
    assert _of(records, "rmse").verdict.alarms
    assert _of(records, "mae").threshold == pytest.approx(
        1.25 * _of(evaluate(spec, grid, baseline, baseline), "mae").value
    )


def _explained(records: list[Record]) -> None:
    """No value is infinite or not a number; one that is missing has a verdict and a reason."""
    for record in records:
        for number in (record.value, record.low, record.high, record.p_value, record.p_adjusted, record.threshold):
            assert number is None or math.isfinite(number), record
        if record.value is None:
            assert record.verdict in (Verdict.INSUFFICIENT, Verdict.NOT_ESTIMABLE, Verdict.UNSUPPORTED), record
            assert record.reason, record
        if record.verdict is not Verdict.OK:
            assert record.reason, record
        if None not in (record.value, record.low, record.high):
            assert record.low - 1e-9 <= record.value <= record.high + 1e-9, record
        assert record.metric in METRICS
        assert record.family in Family
        json.dumps(record.as_json())


cells = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(2**70), 2**70),
    st.text(max_size=4),
    st.booleans(),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    reference=st.lists(st.tuples(cells, cells, st.sampled_from([0, 1, None])), min_size=1, max_size=25),
    current=st.lists(st.tuples(cells, cells, st.sampled_from([0, 1, None])), max_size=25),
)
def test_whatever_the_cells_hold_every_record_explains_itself(counted, reference, current) -> None:
    def table(rows: list[tuple]) -> dict[str, list]:
        names = ("a", "b", "t")
        columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
        text = {name: [None if v is None else str(v) for v in columns[name]] for name in ("a", "b")}
        return {**text, "t": columns["t"], "y": [i % 2 for i in range(len(rows))]}

    roles = {
        "label": "t",
        "protected": ("b",),
        "segments": ("a",),
        "positive": 1,
        "features": {"a": "numeric", "b": "categorical"},
    }
    spec, grid, baseline, window = counted(table(reference), table(current), **roles)
    _explained(evaluate(spec, grid, baseline, window))


@pytest.mark.parametrize("task", ["ranking", "generative"])
def test_a_model_whose_answers_are_no_classes_has_drift_quality_and_operations(task: str, counted, random) -> None:
    def calls(n: int) -> dict[str, object]:
        answers = [f"answer {i}: {'word ' * (i % 9)}" for i in range(n)]
        return {"x": random.normal(size=n), "y": answers, "took": random.lognormal(0, 0.3, n)}

    roles = {"task": task, "features": ("x",), "latency": "took"}
    spec, grid, baseline, window = counted(calls(600), calls(500), **roles)
    records = evaluate(spec, grid, baseline, window)
    _explained(records)
    assert {r.family for r in records} == {Family.DRIFT, Family.QUALITY, Family.OPERATIONS}
    assert not _alarms(records)


@pytest.mark.parametrize(
    ("maturity", "verdict"),
    [(Maturity.MATURE, Verdict.CRITICAL), (Maturity.PROVISIONAL, Verdict.OK), (None, Verdict.OK)],
)
def test_labels_that_are_missing_alarm_only_once_they_had_their_time(counted, random, maturity, verdict) -> None:
    people = _people(random, 4000)
    late = people | {"t": np.where(random.random(4000) < 0.7, None, people["t"])}
    spec, grid, baseline, current = counted(people, late, **ROLES)
    share = _of(evaluate(spec, grid, baseline, current, maturity=maturity), "labelled_share")
    assert (share.verdict, round(share.value, 1)) == (verdict, 0.3)
