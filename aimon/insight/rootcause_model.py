"""Stand-ins for the deployed model and for its loss, learnt from samples, so that they can be asked about other inputs.

In: encoded columns and what the model answered. Out: the loss that the answers to changed rows would have. The model
did not change between the samples, so both teach what it does, with damaged values too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.insight.classifier_thread import one_thread

TREES = {"max_iter": 80, "learning_rate": 0.15, "max_leaf_nodes": 15, "max_bins": 63, "early_stopping": False}
LOSS_TREES = {"max_iter": 40, "learning_rate": 0.1, "max_leaf_nodes": 8, "min_samples_leaf": 300, "max_bins": 63}
CLASS_TREES = {"max_iter": 30, "learning_rate": 0.2, "max_leaf_nodes": 15, "max_bins": 63, "early_stopping": False}

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Answer(StrEnum):
    """What the model answers, and so how wrong it can be."""

    PROBABILITY = "probability"
    NUMBER = "number"
    CLASS = "class"


LOSSES = {
    Answer.PROBABILITY: "Brier score",
    Answer.NUMBER: "mean absolute error",
    Answer.CLASS: "error rate",
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What the model answered to the pooled rows and what came true, NaN where it is not known; classes as codes."""

    kind: Answer
    given: Floats
    truth: Floats

    def loss(self, rows: Rows) -> Floats:
        """How wrong the model was."""
        given, truth = self.given[rows], self.truth[rows]
        if self.kind is Answer.PROBABILITY:
            return (given - truth) ** 2
        return np.abs(given - truth) if self.kind is Answer.NUMBER else (given != truth).astype(np.float64)


class StandIn:
    """The deployed model as learnt from its answers to some rows, and how wrong it usually is on reference rows.

    The usual loss is learnt from the row and the answer together: a column that neither the answer nor the loss depends
    on has no effect on it, even where it goes with one that has.
    """

    def __init__(
        self, answers: Answers, values: Floats, categorical: Sequence[bool], taught: Rows, usual: Rows
    ) -> None:
        from sklearn.ensemble import HistGradientBoostingRegressor

        self._answers = answers
        self._model = _trees(answers.kind, categorical)
        self._usual = HistGradientBoostingRegressor(
            categorical_features=[*categorical, False], random_state=0, **LOSS_TREES
        )
        with one_thread():
            self._model.fit(values[taught], answers.given[taught])
            self._usual.fit(self._with_answer(values[usual]), answers.loss(usual))

    def losses(self, values: Floats, rows: Rows) -> tuple[Floats, Floats]:
        """For rows with these values: how wrong the answers would be (NaN without a label), and usually are."""
        with one_thread():
            chances = self._chances(values)
            usual = np.asarray(self._usual.predict(np.column_stack([values, self._firmness(chances)])), np.float64)
        truth = self._answers.truth[rows]
        if self._answers.kind is Answer.CLASS:
            return self._class_loss(chances, truth), usual
        if self._answers.kind is Answer.NUMBER:
            return np.abs(chances - truth), usual
        return (chances - truth) ** 2, usual

    def _chances(self, values: Floats) -> Floats:
        """The answers; for classes, the probability of each."""
        if self._answers.kind is Answer.CLASS:
            return np.asarray(self._model.predict_proba(values), np.float64)
        given = np.asarray(self._model.predict(values), np.float64)
        return np.clip(given, 0.0, 1.0) if self._answers.kind is Answer.PROBABILITY else given

    def _firmness(self, chances: Floats) -> Floats:
        """The answer as one number; for classes, how sure it is."""
        return chances.max(axis=1) if self._answers.kind is Answer.CLASS else chances

    def _with_answer(self, values: Floats) -> Floats:
        return np.column_stack([values, self._firmness(self._chances(values))])

    def _class_loss(self, chances: Floats, truth: Floats) -> Floats:
        """The probability given to other classes than the true one; NaN where that is not known."""
        place = {value: number for number, value in enumerate(self._model.classes_.tolist())}
        codes = np.array([place.get(value, -1) for value in truth.tolist()])
        right = np.where(codes >= 0, chances[np.arange(len(codes)), np.maximum(codes, 0)], 0.0)
        return np.where(np.isnan(truth), np.nan, 1.0 - right)


def _trees(kind: Answer, categorical: Sequence[bool]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if kind is Answer.CLASS:
        return HistGradientBoostingClassifier(categorical_features=categorical, random_state=0, **CLASS_TREES)
    return HistGradientBoostingRegressor(categorical_features=categorical, random_state=0, **TREES)
