import numpy as np
import pandas as pd  # noqa: TID253 - the oracle of these tests
import pytest
from fairlearn import metrics as fl

from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.fairness import calibration, fairness
from aimon.metrics.interval import share_of

RATES = {
    "selection_rate": fl.selection_rate,
    "tpr": fl.true_positive_rate,
    "fpr": fl.false_positive_rate,
    "fnr": fl.false_negative_rate,
    "tnr": fl.true_negative_rate,
    "count": fl.count,
}


@pytest.fixture
def people(random) -> dict[str, np.ndarray]:
    n = 4000
    sex, race = random.choice(["f", "m"], n), random.choice(["a", "b", "c", "d"], n, p=[0.5, 0.3, 0.15, 0.05])
    score = np.clip(random.beta(2, 3, n) + 0.05 * (sex == "m") - 0.08 * (race == "c"), 0.01, 0.99)
    return {
        "sex": sex,
        "race": race,
        "s": score,
        "y": (score > 0.4).astype(int),
        "t": (random.random(n) < score).astype(int),
    }


ROLES = {"label": "t", "score": "s", "protected": ("sex", "race"), "positive": 1, "features": ()}


def _found(counted, reference, current, **roles) -> list[Estimate]:
    _, grid, baseline, window = counted(reference, current, **{**ROLES, **roles})
    return fairness(grid, baseline, window)


def _gap(found: list[Estimate], metric: str, column: object) -> Estimate:
    (estimate,) = (e for e in found if e.metric == metric and e.column == column and e.group is None)
    return estimate


@pytest.mark.parametrize("column", ["sex", "race", ("sex", "race")])
def test_rates_of_groups_are_exactly_those_of_fairlearn(column, counted, people) -> None:
    features = people[column] if isinstance(column, str) else pd.DataFrame({name: people[name] for name in column})
    frame = fl.MetricFrame(metrics=RATES, y_true=people["t"], y_pred=people["y"], sensitive_features=features)
    found = {
        (e.metric, e.group): e for e in _found(counted, people, people) if e.column == column and e.group is not None
    }
    for metric in RATES:
        for group, value in frame.by_group[metric].items():
            assert found[metric, group].value == value, (metric, group)


@pytest.mark.parametrize("column", ["sex", "race"])
def test_gaps_are_exactly_those_of_fairlearn(column, counted, people) -> None:
    found = _found(counted, people, people)
    sides = {"y_true": people["t"], "y_pred": people["y"], "sensitive_features": people[column]}
    assert _gap(found, "demographic_parity_difference", column).value == fl.demographic_parity_difference(**sides)
    assert _gap(found, "disparate_impact", column).value == fl.demographic_parity_ratio(**sides)
    assert _gap(found, "equalized_odds_difference", column).value == fl.equalized_odds_difference(**sides)
    assert _gap(found, "equal_opportunity_difference", column).value == fl.equal_opportunity_difference(**sides)


def test_the_pair_that_decides_is_the_lowest_and_the_highest_group(counted, people) -> None:
    gap = _gap(_found(counted, people, people), "demographic_parity_difference", "race")
    rates = {group: people["y"][people["race"] == group].mean() for group in "abcd"}
    assert gap.groups == (min(rates, key=rates.get), max(rates, key=rates.get))
    assert gap.low <= gap.value <= gap.high


def test_rates_have_wilsons_interval_on_their_own_denominator(counted, people) -> None:
    found = {(e.metric, e.group): e for e in _found(counted, people, people) if e.column == "sex"}
    positives = people["t"][people["sex"] == "f"].sum()
    hits = (people["t"] & people["y"])[people["sex"] == "f"].sum()
    expected = share_of(int(hits), int(positives), "")
    tpr = found["tpr", "f"]
    assert (tpr.value, tpr.low, tpr.high, tpr.n_current) == (expected.value, expected.low, expected.high, positives)
    assert tpr.labels
    assert not found["selection_rate", "f"].labels


def test_a_group_without_positive_labels_has_no_true_positive_rate(counted, people) -> None:
    current = {name: values.copy() for name, values in people.items()}
    current["t"][current["race"] == "d"] = 0
    found = _found(counted, people, current)
    by_group = {(e.metric, e.group): e for e in found if e.column == "race"}
    tpr = by_group["tpr", "d"]
    assert tpr.value is None
    assert tpr.obstacle is Obstacle.NO_DENOMINATOR
    assert tpr.note == "no row has a positive label"
    others = [by_group["tpr", group].value for group in "abc"]
    gap = _gap(found, "equal_opportunity_difference", "race")
    assert gap.value == pytest.approx(max(others) - min(others))


def test_a_rate_on_a_handful_of_rows_is_given_and_not_judged(counted, people) -> None:
    keep = (people["race"] != "d") | (np.cumsum(people["race"] == "d") <= 6)
    found = _found(counted, people, {name: values[keep] for name, values in people.items()})
    rate = next(e for e in found if e.metric == "selection_rate" and e.group == "d")
    assert rate.value is not None
    assert rate.obstacle is Obstacle.NO_DENOMINATOR
    assert rate.note == "it rests on 6 rows; 10 are the least"


def test_empty_intersections_are_named(counted, people) -> None:
    keep = ~((people["sex"] == "f") & (people["race"] == "d"))
    found = _found(counted, people, {name: values[keep] for name, values in people.items()})
    empty = [e for e in found if e.group == ("f", "d")]
    assert [(e.metric, e.value, e.note) for e in empty] == [("count", 0.0, "no row is of this group")]


def test_rows_of_unknown_group_are_counted_and_bound_what_they_could_change(counted, people) -> None:
    current = {name: values.astype(object) for name, values in people.items()}
    current["sex"][:200], current["sex"][200:260] = None, "never seen before"
    found = _found(counted, people, {name: values.tolist() for name, values in current.items()})
    unknown = _gap(found, "unknown_share", "sex")
    assert unknown.value == pytest.approx(260 / 4000)
    assert {e.group for e in found if e.column == "sex" and e.group is not None} == {"f", "m"}
    gap, bounds = (
        _gap(found, name, "sex") for name in ("demographic_parity_difference", "demographic_parity_difference_bounds")
    )
    assert bounds.low <= gap.value == bounds.value <= bounds.high
    ratio = _gap(found, "disparate_impact_bounds", "sex")
    assert ratio.low <= ratio.value <= ratio.high


def test_gaps_are_compared_with_those_of_the_baseline(counted, people) -> None:
    current = {name: values.copy() for name, values in people.items()}
    current["y"][(current["sex"] == "f") & (np.arange(4000) % 2 == 0)] = 0
    shift = _gap(_found(counted, people, current), "demographic_parity_difference_shift", "sex")

    def gap(data) -> float:
        return fl.demographic_parity_difference(data["t"], data["y"], sensitive_features=data["sex"])

    assert shift.value == pytest.approx(gap(current) - gap(people))
    assert shift.low > 0.05


def test_without_labels_there_are_selection_rates(counted, people) -> None:
    found = _found(counted, people, people, label=None)
    assert {e.metric for e in found if e.group is not None} == {"count", "selection_rate"}
    assert not any(e.labels for e in found)


def test_a_group_scored_too_high_shows_in_its_calibration(counted, people) -> None:
    found = _found(counted, people, people)
    for group in "abcd":
        rows = people["race"] == group
        estimate = next(e for e in found if e.metric == "calibration" and e.group == group and e.column == "race")
        assert estimate.value == pytest.approx(people["s"][rows].mean() - people["t"][rows].mean(), abs=0.02)
    assert _gap(found, "calibration_difference", "race").value >= 0


def test_one_group_alone_has_no_gap(counted, people) -> None:
    rows = people["sex"] == "f"
    found = _found(counted, people, {name: values[rows] for name, values in people.items()})
    gap = _gap(found, "demographic_parity_difference", "sex")
    assert gap.value is None
    assert gap.obstacle is Obstacle.NO_DENOMINATOR
    assert gap.note.startswith("fewer than two groups have rows to compare: ")
    assert "m 0" in gap.note


def test_where_nobody_is_selected_there_is_no_ratio(counted, people) -> None:
    found = _found(counted, people, {**people, "y": np.zeros(4000, int)})
    assert _gap(found, "disparate_impact", "sex").note == "no group was selected, so their ratio is undefined"
    assert _gap(found, "demographic_parity_difference", "sex").value == 0.0


def test_segments_have_the_fairness_of_their_rows(counted, people, random) -> None:
    data = {**people, "channel": random.choice(["web", "app"], 4000)}
    _, grid, baseline, window = counted(data, data, **ROLES, segments=("channel",))
    found = fairness(grid, baseline, window, "channel=web")
    rows = data["channel"] == "web"
    expected = fl.demographic_parity_difference(data["t"][rows], data["y"][rows], sensitive_features=data["sex"][rows])
    assert _gap(found, "demographic_parity_difference", "sex").value == expected
    assert all(not isinstance(e.column, tuple) for e in found)


def test_numbers_are_protected_in_bands(counted, people, random) -> None:
    data = {**people, "age": random.integers(18, 80, 4000)}
    found = _found(counted, data, data, protected=("age",))
    groups = [e.group for e in found if e.metric == "count"]
    assert len(groups) >= 3
    assert sum(e.value for e in found if e.metric == "count") == 4000


def test_a_group_without_scores_has_no_calibration() -> None:
    assert calibration(np.zeros((3, 2), np.int64), np.array([0.2, 0.5, 0.8])).value is None
