from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from aimon.insight.faults_named import DataFault, FaultKind
from aimon.insight.rootcause import RootCauses, root_causes
from aimon.insight.rootcause_model import Answer, Answers
from aimon.insight.rootcause_transport import transported
from aimon.insight.sample_columns import Column

Rng = np.random.Generator
Values = np.ndarray
ROWS = 6_000


@dataclass
class World:
    """A model that uses `a`, `b` and `city`; `x` and `y` are idle. `seen` is what arrives, `true` what holds."""

    rng: Rng
    true: dict[str, Values]
    seen: dict[str, Values]

    @classmethod
    def drawn(cls, seed: int) -> "World":
        rng = np.random.default_rng(seed)
        both = 2 * ROWS
        true = {name: rng.normal(size=both) for name in "abxy"} | {"city": rng.choice(4, both).astype(float)}
        return cls(rng, true, {name: values.copy() for name, values in true.items()})

    @property
    def current(self) -> Values:
        return np.arange(2 * ROWS) >= ROWS

    def logit(self, values: dict[str, Values]) -> Values:
        a, b = (np.clip(np.nan_to_num(values[name]), -3, 3) for name in "ab")
        city = np.array([-1.0, 0.0, 0.5, 1.0, 0.0])[values["city"].astype(int)]
        return 1.2 * a - 0.9 * b + city

    @property
    def columns(self) -> list[Column]:
        labels = ("Boston", "Chicago", "Doña Ana", "Houston", "(rare)", "(missing)")
        return [
            Column(name, values[:ROWS], values[ROWS:], labels if name == "city" else None)
            for name, values in self.seen.items()
        ]

    def answers(self, kind: Answer = Answer.PROBABILITY, *, labels: bool = True) -> Answers:
        made, real = self.logit(self.seen), self.logit(self.true)
        if kind is Answer.NUMBER:
            given, truth = made, real + 0.5 * self.rng.normal(size=len(real))
        elif kind is Answer.CLASS:
            given, truth = (np.digitize(each, [-1.0, 1.0]).astype(float) for each in (made, real))
            truth = np.where(self.rng.random(len(truth)) < 0.1, self.rng.integers(0, 3, len(truth)), truth)
        else:
            given = 1 / (1 + np.exp(-made))
            truth = (self.rng.random(len(real)) < 1 / (1 + np.exp(-real))).astype(float)
        return Answers(kind, given, truth if labels else np.where(self.current, np.nan, truth))

    def explain(self, faults: tuple[DataFault, ...] = (), **options: object) -> RootCauses:
        found = root_causes(self.columns, self.answers(**options), faults, seed=1)  # type: ignore[arg-type]
        assert found is not None
        return found


def innocents_drift(world: World) -> None:
    """Idle columns far, a used one a little, and the world with them."""
    for name, size in (("x", 2.0), ("y", -1.5), ("a", 0.2)):
        world.true[name][world.current] += size
        world.seen[name][world.current] += size


def times_hundred(world: World) -> None:
    world.seen["b"][world.current] *= 100


def goes_missing(world: World) -> None:
    world.seen["b"][world.current & (world.rng.random(2 * ROWS) < 0.6)] = np.nan


def turns_sign(world: World) -> None:
    world.seen["b"][world.current] *= -1


def is_shuffled(world: World) -> None:
    world.seen["b"][world.current] = world.rng.permutation(world.seen["b"][world.current])


def changes_meaning(world: World) -> None:
    world.true["b"][world.current] *= -1


DAMAGES: list[tuple[Callable[[World], None], FaultKind | None]] = [
    (times_hundred, FaultKind.UNIT),
    (goes_missing, FaultKind.NULLS),
    (turns_sign, FaultKind.SIGN),
    (is_shuffled, None),
    (changes_meaning, None),
]


@pytest.mark.parametrize(("damage", "kind"), DAMAGES, ids=[damage[0].__name__ for damage in DAMAGES])
def test_the_broken_column_ranks_before_columns_that_drift_more(
    damage: Callable[[World], None], kind: FaultKind | None
) -> None:
    world = World.drawn(1)
    innocents_drift(world)
    damage(world)
    found = world.explain()
    first, second = found.causes[:2]

    assert first.column == "b"
    assert first.is_shown
    assert first.effect > 1.5 * max(second.effect, 0.0)
    assert found.change is not None
    assert first.share == pytest.approx(1.0, abs=0.35)
    assert found.sentences[0].startswith("b adds 0.")
    assert found.sentences[0].endswith("its values no longer tell what they told.")


@pytest.mark.parametrize(("damage", "kind"), DAMAGES[:3], ids=[damage[0].__name__ for damage in DAMAGES[:3]])
def test_without_current_labels_a_recognised_fault_is_done_to_the_reference(
    damage: Callable[[World], None], kind: FaultKind
) -> None:
    world = World.drawn(2)
    innocents_drift(world)
    damage(world)
    with_labels = world.explain().causes[0]
    found = world.explain((DataFault(kind, "b", 1.0, "b is broken"),), labels=False)

    assert found.current is None
    assert found.change is None
    assert found.causes[0].column == "b"
    assert found.causes[0].share is None
    assert found.causes[0].effect == pytest.approx(with_labels.effect, rel=0.4)
    assert found.sentences[0].endswith("): b is broken.")


@pytest.mark.parametrize("labels", [True, False])
def test_a_column_that_moved_to_where_the_model_is_less_sure_is_blamed_for_that(labels: bool) -> None:
    world = World.drawn(3)
    innocents_drift(world)
    for values in (world.true, world.seen):
        values["a"][:ROWS] += 1.5
    found = world.explain(labels=labels)

    assert found.causes[0].column == "a"
    assert found.causes[0].mix > 0.02
    assert found.sentences[0].endswith("its values moved to where the model is less often right.")


@pytest.mark.parametrize(("kind", "loss"), [(Answer.NUMBER, "mean absolute error"), (Answer.CLASS, "error rate")])
def test_other_tasks_have_their_own_loss(kind: Answer, loss: str) -> None:
    world = World.drawn(4)
    innocents_drift(world)
    turns_sign(world)
    found = world.explain(kind=kind)

    assert found.loss == loss
    assert found.causes[0].column == "b"
    assert found.change is not None
    assert found.causes[0].effect == pytest.approx(found.change, rel=0.5)


def test_a_category_that_lost_its_meaning_is_blamed() -> None:
    world = World.drawn(5)
    innocents_drift(world)
    world.seen["city"][world.current] = 4.0
    found = world.explain()

    assert found.causes[0].column == "city"


def test_where_the_performance_did_not_change_no_cause_is_shown() -> None:
    world = World.drawn(6)
    for name in ("x", "y"):
        world.true[name][world.current] += 2.0
        world.seen[name][world.current] += 2.0
    found = world.explain()

    assert found.sentences == ["No column is shown to have raised the Brier score."]
    assert found.reference == pytest.approx(found.current, abs=0.01)


def test_the_interval_of_an_effect_holds_what_undoing_the_fault_would_regain() -> None:
    held = 0
    for seed in range(6):
        world = World.drawn(10 + seed)
        turns_sign(world)
        rows = np.arange(ROWS, 2 * ROWS)
        broken = world.answers()
        mended = Answers(broken.kind, 1 / (1 + np.exp(-world.logit(world.true))), broken.truth)
        gain = float((broken.loss(rows) - mended.loss(rows)).mean())
        first = world.explain().causes[0]
        held += first.low <= gain <= first.high
    assert held >= 4


def test_too_few_labels_of_the_reference_give_no_answer() -> None:
    world = World.drawn(7)
    answers = world.answers()
    unlabelled = Answers(answers.kind, answers.given, np.where(world.current, answers.truth, np.nan))

    assert root_causes(world.columns, unlabelled) is None
    assert root_causes([], answers) is None


def test_the_same_seed_gives_the_same_causes() -> None:
    world = World.drawn(8)
    turns_sign(world)
    answers = world.answers()

    assert root_causes(world.columns, answers, seed=3) == root_causes(world.columns, answers, seed=3)


def test_a_fault_done_to_reference_rows_gives_the_current_distribution() -> None:
    rng = np.random.default_rng(9)
    reference, current = rng.gamma(2.0, 1.0, 3_000), -10.0 * rng.gamma(2.0, 1.0, 3_000)
    current[rng.random(3_000) < 0.3] = np.nan
    column = Column("x", reference, current)
    fault = DataFault(FaultKind.SIGN, "x", 1.0, "")
    made = transported(column, column.pooled, np.arange(3_000), [fault])

    assert np.isnan(made).mean() == pytest.approx(0.3, abs=0.03)
    there = ~np.isnan(made)
    assert np.nanmean(made) == pytest.approx(np.nanmean(current), rel=0.05)
    assert np.corrcoef(reference[there], made[there])[0, 1] < -0.99


def test_categories_move_no_more_than_they_must() -> None:
    reference = np.repeat([0.0, 1.0, 2.0], [500, 300, 200])
    current = np.repeat([0.0, 1.0, 3.0], [500, 300, 200])
    column = Column("k", reference, current, ("a", "b", "c", "d", "(rare)", "(missing)"))
    made = transported(column, column.pooled, np.arange(1_000), [])

    assert np.array_equal(made[:800], reference[:800])
    assert (made[800:] == 3.0).all()
    same = Column("k", reference, reference, column.labels)
    assert np.array_equal(transported(same, same.pooled, np.arange(1_000), []), reference)
