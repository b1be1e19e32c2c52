"""What people's feedback says of a model, and whether to train it again. In: counted cases. Out: rates, reasons.

People look at what seems wrong. Rates of disputed cases alone say little of the others, so they are marked as biased
unless most cases were drawn at random, and are then no reason to train again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aimon.metrics.proportions import wilson
from aimon.store.words import Judged

SAMPLE = "sample"
LEAST_CASES = 50
LEAST_ACCURACY = 0.8


@dataclass(frozen=True, slots=True)
class Quality:
    """Precision, recall and F1 of one class, from the feedback; null where nothing tells."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """The cases that were looked at. `matrix` counts (predicted, said); `unjoined` cases have no known prediction."""

    cases: int
    unjoined: int
    matrix: dict[tuple[str, str], int]
    by_kind: dict[str, int]
    disagreements: int

    @property
    def biased(self) -> bool:
        """Whether most cases were chosen by people: then the rates hold for the chosen cases only."""
        return 2 * self.by_kind.get(SAMPLE, 0) < self.cases

    def accuracy(self) -> tuple[float, float, float] | None:
        """The share that people found right, with its 95 % interval."""
        known = sum(self.matrix.values())
        if not known:
            return None
        right = sum(cases for (predicted, said), cases in self.matrix.items() if predicted == said)
        low, high = wilson(right, known)
        return right / known, float(low), float(high)

    def quality(self) -> dict[str, Quality]:
        """By class, one against all others. Where a wrong case does not say what was right, recall is unknown."""
        found = {}
        for name in sorted({predicted for predicted, _ in self.matrix}):
            both = self.matrix.get((name, name), 0)
            predicted = sum(cases for (guess, _), cases in self.matrix.items() if guess == name)
            said = sum(cases for (_, word), cases in self.matrix.items() if word == name)
            complete = not any(word.startswith("not ") for _, word in self.matrix)
            recall = both / said if said and complete else None
            f1 = 2 * both / (predicted + said) if complete and predicted + said else None
            found[name] = Quality(both / predicted if predicted else None, recall, f1, said)
        return found

    def as_json(self) -> dict[str, Any]:
        """As it is told."""
        accuracy = self.accuracy()
        return {
            "cases": self.cases,
            "unjoined": self.unjoined,
            "by_kind": self.by_kind,
            "biased": self.biased,
            "disagreements": self.disagreements,
            "matrix": [
                {"predicted": predicted, "said": said, "cases": cases}
                for (predicted, said), cases in sorted(self.matrix.items())
            ],
            "accuracy": None if accuracy is None else dict(zip(("value", "low", "high"), accuracy, strict=True)),
            "classes": {
                name: {"precision": each.precision, "recall": each.recall, "f1": each.f1, "support": each.support}
                for name, each in self.quality().items()
            },
        }


def judge_feedback(judged: Sequence[Judged], disagreements: int) -> Feedback:
    """Add up the cases. A wrong one means the other class where there are two; else it is only known what it is not."""
    classes = sorted({each.predicted for each in judged if each.predicted is not None})
    matrix: Counter[tuple[str, str]] = Counter()
    by_kind: Counter[str] = Counter()
    unjoined = 0
    for each in judged:
        by_kind[each.kind] += each.cases
        if each.predicted is None:
            unjoined += each.cases
            continue
        others = [name for name in classes if name != each.predicted]
        other = others[0] if len(others) == 1 else f"not {each.predicted}"
        matrix[each.predicted, each.predicted if each.correct else other] += each.cases
    return Feedback(sum(by_kind.values()), unjoined, dict(matrix), dict(by_kind), disagreements)


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether to train again, and why."""

    yes: bool
    reasons: tuple[str, ...]


def should_retrain(feedback: Feedback, alarms: Sequence[str]) -> Advice:
    """Train again where people clearly found too much wrong, or where drift or performance alarms stand.

    >>> should_retrain(judge_feedback([Judged("1", "sample", False, 40), Judged("1", "sample", True, 40)], 0), []).yes
    True
    """
    reasons = list(alarms)
    accuracy = feedback.accuracy()
    known = sum(feedback.matrix.values())
    if accuracy is not None and known >= LEAST_CASES and not feedback.biased and accuracy[2] < LEAST_ACCURACY:
        reasons.insert(0, f"people agree with {accuracy[0]:.0%} of {known:,} predictions drawn at random")
    return Advice(bool(reasons), tuple(reasons))
