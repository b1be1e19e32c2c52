"""What people said of predictions. In: words on single predictions. Out: a confusion matrix and what it is worth.

People look at what seems wrong. A matrix of disputed cases alone says little of the others, so feedback that was not
drawn at random, or that disagrees about the same case, is marked as such.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from aimon_client.minutes import MOST_CLASSES, OTHER
from aimon_client.proportion import wilson

REMEMBERED = 10_000
"""How many of the latest predictions a late word can still be joined with."""

SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Quality:
    """Precision, recall and F1 of one class, from the feedback."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(slots=True)
class Feedback:
    """Bounded: the latest predictions by id, and counts."""

    matrix: dict[tuple[str, str], int] = field(default_factory=dict)
    """(predicted, said by people) -> how often."""
    disagreements: int = 0
    unknown: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    _predicted: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _said: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def predicted(self, id: str, prediction: Any) -> None:  # noqa: A002 - the word of the contract
        """Remember a prediction for the word that may come."""
        self._predicted[id] = str(prediction)
        if len(self._predicted) > REMEMBERED:
            self._predicted.popitem(last=False)

    def said(self, id: str, label: Any, kind: str) -> bool:  # noqa: A002
        """Count a word; false where the prediction is not known any more."""
        predicted = self._predicted.get(id)
        if predicted is None:
            self.unknown += 1
            return False
        word = self._known(str(label))
        if id in self._said:
            self.disagreements += self._said[id] != word
            return True
        self._said[id] = word
        if len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        cell = (self._known(predicted), word)
        self.matrix[cell] = self.matrix.get(cell, 0) + 1
        self.by_kind[kind] = self.by_kind.get(kind, 0) + 1
        return True

    def _known(self, name: str) -> str:
        names = {each for cell in self.matrix for each in cell}
        return name if name in names or len(names) < MOST_CLASSES else OTHER

    @property
    def count(self) -> int:
        """How many predictions were spoken of."""
        return sum(self.matrix.values())

    @property
    def biased(self) -> bool:
        """Whether most of it was chosen by people, not drawn: then the rates hold for the chosen cases only."""
        return self.count > 0 and self.by_kind.get(SAMPLE, 0) * 2 < self.count

    def accuracy(self) -> tuple[float, float, float] | None:
        """The share of agreement with its interval."""
        if not self.count:
            return None
        right = sum(count for (predicted, word), count in self.matrix.items() if predicted == word)
        return (right / self.count, *wilson(right, self.count))

    def quality(self, name: Any) -> Quality:
        """Of one class against all others."""
        own = str(name)
        both = self.matrix.get((own, own), 0)
        said = sum(count for (_, word), count in self.matrix.items() if word == own)
        predicted = sum(count for (guess, _), count in self.matrix.items() if guess == own)
        precision, recall = both / predicted if predicted else None, both / said if said else None
        f1 = 2 * both / (predicted + said) if predicted + said else None
        return Quality(precision, recall, f1, said)
