from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.profile import total
from aimon.spec.model import Columns, ModelSpec
from aimon.verdict.evaluate import evaluate
from aimon.verdict.pooled import judge_pooled, rates
from examples.federation.patients import HOSPITALS, rows

SPEC = ModelSpec(
    model="treatment",
    task="binary",
    columns=Columns(prediction="treated", score="score", protected=("sex",), features=("age", "pressure")),
    positive=1,
)
GRID = build_grid(SPEC, rows("west", 0))
SITES = {name: count_all(GRID, rows(name, 2)) for name in HOSPITALS}
WHOLE = total(list(SITES.values()), GRID.id)


def test_the_sum_and_each_part_are_judged_as_they_are_by_themselves() -> None:
    judged = judge_pooled(SPEC, GRID, WHOLE, WHOLE, SITES)
    assert judged.whole == evaluate(SPEC, GRID, WHOLE, WHOLE)
    assert judged.parts["north"] == evaluate(SPEC, GRID, WHOLE, SITES["north"])


def test_a_gap_that_every_part_turns_around_is_told_with_its_numbers() -> None:
    judged = judge_pooled(SPEC, GRID, WHOLE, WHOLE, SITES)
    (found,) = judged.turned()
    assert (found.metric, found.column, found.gap.higher, found.gap.lower) == ("selection_rate", "sex", "m", "f")
    pooled = rates(judged.whole, "selection_rate", "sex")
    assert found.gap.pooled == pooled["m"] - pooled["f"] > 0.1
    assert all(gap < 0 for gap in found.gap.parts.values())
    assert str(found).startswith("selection_rate of sex: pooled, m is ")


def test_parts_that_agree_with_the_sum_turn_nothing_around() -> None:
    assert judge_pooled(SPEC, GRID, WHOLE, WHOLE, {}).turned() == []
    same = {"a": SITES["north"], "b": SITES["north"]}
    assert judge_pooled(SPEC, GRID, WHOLE, SITES["north"], same).turned() == []
