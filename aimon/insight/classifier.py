"""The domain classifier: whether a model can tell current rows from reference rows, how well, and by which columns.

It sees every kind of change that whole rows can show, such as a broken relation between two columns that each look as
before. In: encoded columns. Out: the area under the ROC curve of held-out rows with its interval and null probability.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.insight.classifier_auc import Floats, Placements, null_error
from aimon.insight.classifier_thread import one_thread
from aimon.insight.sample_columns import Column, matrix
from aimon.insight.sample_random import random_for

LEAST_ROWS = 100
FOLDS = 2
SCREENING_ROWS, MOST_CARRIERS, IMPORTANCE_ROWS = 200, 20, 1_000
ROWS_A_CALL = 4_000
Z95 = 1.959964
MODEL = {"max_iter": 60, "learning_rate": 0.1, "max_leaf_nodes": 15, "max_bins": 63, "early_stopping": False}


@dataclass(frozen=True, slots=True)
class Carrier:
    """A column that tells the two samples apart: shuffling it takes `drop` off the area, at least `low`."""

    column: str
    drop: float
    low: float


@dataclass(frozen=True, slots=True)
class Separation:
    """How well current rows are told from reference rows: 0.5 is not at all, 1 is always."""

    auc: float
    low: float
    high: float
    p_value: float
    n_reference: int
    n_current: int
    carriers: tuple[Carrier, ...] = ()


@dataclass(frozen=True, slots=True)
class _Fold:
    """A model and the rows that it has not seen."""

    model: Any
    rows: Floats
    is_current: NDArray[np.bool_]
    placements: Placements
    null: float


def separate(columns: Sequence[Column], *, seed: int = 0, significant: float = 0.05) -> Separation | None:
    """Train on one half and score the other, both ways round; None below 100 rows a side, or without columns.

    Given its model, the area of a fold is a Mann-Whitney statistic, so its null is known without retraining. The folds'
    areas hang together in a way nobody has a law for; but the standard deviation of a mean is at most the mean of the
    standard deviations, which is what the interval and the test use. The columns are asked for only where the
    separation is significant.
    Reference: Lopez-Paz and Oquab (2017), Revisiting classifier two-sample tests.
    """
    n, m = (len(columns[0].reference), len(columns[0].current)) if columns else (0, 0)
    if min(n, m) < LEAST_ROWS:
        return None
    random = random_for("folds", seed)
    folds = _folds(columns, n, m, random)
    auc = float(np.mean([fold.placements.auc for fold in folds]))
    error = float(np.mean([fold.placements.error for fold in folds]))
    p_value = _upper_tail((auc - 0.5) / float(np.mean([fold.null for fold in folds])))
    carriers = _carriers(columns, folds, random) if p_value <= significant else ()
    return Separation(auc, max(auc - Z95 * error, 0.0), min(auc + Z95 * error, 1.0), p_value, n, m, carriers)


def _folds(columns: Sequence[Column], n: int, m: int, random: np.random.Generator) -> list[_Fold]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows, categorical = matrix(columns)
    is_current = np.arange(n + m) >= n
    held = np.concatenate([random.permutation(n) % FOLDS, random.permutation(m) % FOLDS])
    folds = []
    with one_thread():
        for number in range(FOLDS):
            inside, outside = held != number, held == number
            model = HistGradientBoostingClassifier(categorical_features=categorical, random_state=0, **MODEL)
            model.fit(rows[inside], is_current[inside])
            placements = Placements.of(_score(model, rows[outside]), is_current[outside])
            null = null_error(int(is_current[outside].sum()), int((~is_current[outside]).sum()))
            folds.append(_Fold(model, rows[outside], is_current[outside], placements, null))
    return folds


def _carriers(columns: Sequence[Column], folds: Sequence[_Fold], random: np.random.Generator) -> tuple[Carrier, ...]:
    """The columns whose shuffling among held-out rows lowers the area for sure, at 5 % over all columns together.

    Few rows say which columns are worth asking of many. The bar is that of all columns, so the choice costs nothing.
    """
    every = range(len(columns))
    promising = _drops(every, folds, SCREENING_ROWS, random)[:, 0].argsort(kind="stable")[::-1][:MOST_CARRIERS]
    asked = sorted(promising.tolist())
    drops, sure = _drops(asked, folds, IMPORTANCE_ROWS, random), _sure(len(columns))
    found = [
        Carrier(columns[place].name, float(drop), float(drop - sure * error))
        for place, (drop, error) in zip(asked, drops, strict=True)
    ]
    return tuple(sorted((each for each in found if each.low > 0), key=lambda each: (-each.drop, each.column)))


def _drops(places: Sequence[int], folds: Sequence[_Fold], most: int, random: np.random.Generator) -> Floats:
    """For each column what its shuffling takes off the area, and the standard error of that."""
    drops = np.zeros((len(places), FOLDS, 2))
    with one_thread():
        for number, fold in enumerate(folds):
            chosen = _some_of_each(fold.is_current, most, random)
            rows, is_current = fold.rows[chosen], fold.is_current[chosen]
            whole = Placements.of(_score(fold.model, rows), is_current)
            shuffled = random.permutation(len(chosen))
            for line, scores in enumerate(_shuffled_scores(fold.model, rows, places, shuffled)):
                drops[line, number] = whole.drop(Placements.of(scores, is_current))
    mean: Floats = drops.mean(axis=1)
    return mean


def _shuffled_scores(
    model: Any, rows: Floats, places: Sequence[int], shuffled: NDArray[np.int64]
) -> Iterator[NDArray[np.float64]]:
    """The scores with each column shuffled in turn; few rows are asked many columns at once, since a call costs."""
    at_once = max(1, ROWS_A_CALL // len(rows))
    for start in range(0, len(places), at_once):
        block = places[start : start + at_once]
        asked = np.tile(rows, (len(block), 1)).reshape(len(block), *rows.shape)
        for line, place in enumerate(block):
            asked[line, :, place] = rows[shuffled, place]
        yield from _score(model, asked.reshape(-1, rows.shape[1])).reshape(len(block), -1)


def _some_of_each(is_current: NDArray[np.bool_], most: int, random: np.random.Generator) -> NDArray[np.int64]:
    sides = (random.permutation(np.flatnonzero(side))[:most] for side in (is_current, ~is_current))
    return np.concatenate(list(sides))


def _score(model: Any, rows: Floats) -> Floats:
    return np.asarray(model.decision_function(rows), np.float64)


def _upper_tail(z: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(-z))


def _sure(tests: int) -> float:
    """The normal score that all of so many null tests stay below with 95 %."""
    from scipy.special import ndtri

    return float(-ndtri(0.05 / tests))
