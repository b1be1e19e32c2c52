"""A column's damage done to reference rows: what a fault seen in the current rows would make of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aimon.insight.faults_named import DataFault, FaultKind
from aimon.insight.sample_columns import Column
from aimon.insight.sample_random import random_for

Floats = NDArray[np.float64]


def transported(column: Column, values: Floats, rows: NDArray[np.int64], faults: Sequence[DataFault]) -> Floats:
    """The rows' values of the column, moved to where the current rows' values lie.

    A part of the rows becomes missing, as many as in the current rows. Numbers go to the current number of the same
    rank, or, where the sign turned, of the opposite rank. Categories move no more than they must.
    """
    n = len(column.reference)
    before, now = values[:n], values[n:]
    random = random_for(column.name, 0)
    if column.labels is not None:
        return _moved(values[rows], before, now, random)
    made = values[rows].copy()
    present = np.sort(now[~np.isnan(now)])
    ordered = np.sort(before[~np.isnan(before)])
    there = ~np.isnan(made)
    if len(present) and len(ordered) and there.any():
        ranks = np.searchsorted(ordered, made[there], "right") / len(ordered)
        if any(fault.kind is FaultKind.SIGN for fault in faults):
            ranks = 1.0 - ranks
        made[there] = present[np.minimum((ranks * len(present)).astype(np.int64), len(present) - 1)]
    vanished = max(0.0, float(np.isnan(now).mean()) - float(np.isnan(before).mean()))
    made[random.random(len(made)) < vanished] = np.nan
    return made


def _moved(made: Floats, before: Floats, now: Floats, random: np.random.Generator) -> Floats:
    """Each code stays as far as the current share of it allows; the rest is drawn from the codes that gained."""
    size = int(max(before.max(), now.max())) + 1
    old, new = (np.bincount(part.astype(np.int64), minlength=size) / len(part) for part in (before, now))
    gained = np.maximum(new - old, 0.0)
    if gained.sum() <= 0:
        return made
    codes = made.astype(np.int64)
    stays = random.random(len(made)) < np.minimum(1.0, new[codes] / np.maximum(old[codes], 1e-12))
    drawn = random.choice(size, len(made), p=gained / gained.sum())
    return np.where(stays, made, drawn.astype(np.float64))
