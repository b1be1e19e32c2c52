import numpy as np
import pytest

from aimon.metrics.names import column_name, group_name
from aimon.profile.axis import CategoryAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.report.fairness import attributes
from aimon.spec.model import Kind, Task
from aimon.verdict.record import Family, Record, Verdict


@pytest.fixture
def grid():
    axes = {"sex": CategoryAxis(values=("f", "m")), "race": CategoryAxis(values=("A", "B"))}
    axes["ok"] = CategoryAxis(values=("no", "yes"))
    return Grid(
        task=Task.BINARY,
        axes=axes,
        kinds=dict.fromkeys(axes, Kind.CATEGORICAL),
        prediction="ok",
        protected=("sex", "race"),
        positive=("yes",),
    )


def rate(column, group, value, *, n=500, verdict=Verdict.OK, width=0.04):
    return Record(
        family=Family.FAIRNESS,
        metric="selection_rate",
        column=column,
        group=group,
        value=value,
        low=value - width,
        high=value + width,
        n_current=n,
        verdict=verdict,
    )


def test_groups_are_ordered_by_rate_and_carry_the_references_rate(grid):
    selection = np.array([[60, 40, 5], [20, 80, 0], [0, 0, 0], [0, 0, 0], [1, 1, 0]])
    baseline = Profile(grid.id, {TableKey("selection:sex"): selection})
    gap = Record(family=Family.FAIRNESS, metric="disparate_impact", column="sex", groups=("f", "m"), value=0.5)
    (view,) = attributes(grid, [rate("sex", "f", 0.4), rate("sex", "m", 0.8), gap], baseline)
    assert [(group.name, group.rate, group.reference) for group in view.groups] == [("m", 0.8, 0.8), ("f", 0.4, 0.4)]
    assert view.line == pytest.approx(0.64)
    assert view.limit == pytest.approx(0.84 * 1.04)
    assert view.measures == (gap,)


def test_a_group_too_small_to_judge_does_not_set_the_four_fifths_line(grid):
    tiny = rate("sex", "x", 1.0, n=2, verdict=Verdict.INSUFFICIENT)
    (view,) = attributes(grid, [tiny, rate("sex", "f", 0.5)], Profile(grid.id))
    assert view.highest.name == "f"
    assert view.line == pytest.approx(0.4)
    assert view.groups[0].reference is None


def test_a_pair_of_attributes_has_the_references_rates_of_both(grid):
    selection = np.zeros((5, 5, 3), np.int64)
    selection[0, 1] = (30, 10, 0)
    baseline = Profile(grid.id, {TableKey("selection:sex*race"): selection})
    pair, single = rate(("sex", "race"), ("f", "B"), 0.3), rate("race", "A", 0.4)
    first, second = attributes(grid, [pair, single], baseline)
    assert (first.name, second.name) == ("race", "sex\u00d7race")
    assert (second.groups[0].name, second.groups[0].reference) == ("f / B", 0.25)


def test_segments_and_other_families_are_not_drawn(grid):
    elsewhere = Record(family=Family.DRIFT, metric="psi", column="sex", value=0.1)
    inside = Record(family=Family.FAIRNESS, metric="selection_rate", column="sex", group="f", value=0.1, segment="a=b")
    assert attributes(grid, [elsewhere, inside], Profile(grid.id)) == ()


def test_nothing_to_select_has_no_line(grid):
    undefined = Record(
        family=Family.FAIRNESS, metric="selection_rate", column="sex", group="f", verdict=Verdict.NOT_ESTIMABLE
    )
    (view,) = attributes(grid, [undefined], Profile(grid.id))
    assert (view.line, view.highest, view.limit) == (None, None, 1.0)


def test_names_of_columns_and_groups():
    assert (column_name(None), column_name("a"), column_name(("a", "b"))) == ("", "a", "a\u00d7b")
    assert (group_name(None), group_name("x"), group_name(("x", "y"))) == ("", "x", "x / y")
