"""What the reference's ways would have made of each row. In: columns and an outcome. Out: the outcome less that.

A change of treatment stands out far more clearly once what the row's own values explain is taken away.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aimon.insight.classifier_thread import one_thread
from aimon.insight.sample_columns import Column, matrix, telling
from aimon.insight.sample_random import random_for

LEAST_ROWS = 200
MODEL = {"max_iter": 60, "learning_rate": 0.15, "max_leaf_nodes": 15, "max_bins": 63, "early_stopping": False}

Floats = NDArray[np.float64]


def less_usual(columns: Sequence[Column], outcome: Floats, is_reference: NDArray[np.bool_], *, seed: int) -> Floats:
    """The outcome of each pooled row less what two models, each of one half of the reference, expect of it.

    A reference row is left to the model that has not seen it; of a current row both are asked. With too few reference
    rows, or nothing to explain, it is the outcome itself.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    usable = telling(columns)
    known = np.flatnonzero(is_reference & ~np.isnan(outcome))
    if not usable or len(known) < LEAST_ROWS or outcome[known].std() <= 0:
        return outcome
    rows, categorical = matrix(usable)
    half = random_for("halves", seed).permutation(len(known)) % 2
    expected = np.zeros(len(outcome))
    with one_thread():
        for number in range(2):
            seen, unseen = known[half == number], known[half != number]
            model = HistGradientBoostingRegressor(categorical_features=categorical, random_state=0, **MODEL)
            model.fit(rows[seen], outcome[seen])
            expected[unseen] = model.predict(rows[unseen])
            expected[~is_reference] += model.predict(rows[~is_reference]) / 2.0
    return outcome - expected
