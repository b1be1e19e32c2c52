"""The questions a segment search asks. In: encoded columns and what became of each row. Out: contrasts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from aimon.insight.sample_columns import MISSING, RARE, Column
from aimon.insight.segments_contrast import Arms, Contrast, Fault, Floats

LEAST_GROUP = 0.02
VALUES = 4
REFERENCE, CURRENT = 0, 1
ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the pooled rows, reference first; NaN where it is not known.

    `loss` is how wrong each prediction was (1 and 0 for wrong and right, or a distance), `selected` 1 or 0, `groups`
    the protected attributes.
    """

    loss: Floats | None = None
    selected: Floats | None = None
    groups: Mapping[str, Column] = field(default_factory=dict)
    loss_name: str = "error"


def sides(columns: Sequence[Column]) -> NDArray[np.int8]:
    """REFERENCE or CURRENT for each pooled row."""
    if not columns:
        return np.empty(0, np.int8)
    return np.repeat(np.array([REFERENCE, CURRENT], np.int8), [len(columns[0].reference), len(columns[0].current)])


def error_questions(side: NDArray[np.int8], outcomes: Outcomes) -> Iterator[Contrast]:
    """Where the loss rose more than elsewhere; without reference losses, where it is larger than elsewhere."""
    if outcomes.loss is None:
        return
    known = ~np.isnan(outcomes.loss)
    arm = np.where(known, side, np.int8(-1))
    if ((arm == REFERENCE) & known).any():
        signs: tuple[int, ...] = (-1, 1)
    else:
        arm, signs = np.where(arm == CURRENT, np.int8(0), np.int8(-1)), (1,)
    yield Contrast(Fault.ERROR, outcomes.loss_name, Arms(arm, signs), np.nan_to_num(outcomes.loss), worse=1)


def volume_questions(side: NDArray[np.int8]) -> Iterator[Contrast]:
    """Where the share of the rows changed."""
    if (side == REFERENCE).any() and (side == CURRENT).any():
        yield Contrast(Fault.VOLUME, ROWS, Arms(side, (-1, 1)))


def drift_questions(side: NDArray[np.int8], targets: Sequence[Column]) -> Iterator[Contrast]:
    """Where a column moved more than elsewhere: its normal score, the share of a value, the share of missing ones."""
    if not ((side == REFERENCE).any() and (side == CURRENT).any()):
        return
    everyone = Arms(side, (-1, 1))
    for column in targets:
        for subject, values in _parts(column):
            unknown = np.isnan(values)
            arms = Arms(np.where(unknown, np.int8(-1), side), (-1, 1)) if unknown.any() else everyone
            if (~unknown).any() and values[~unknown].std() > 0:
                yield Contrast(Fault.DRIFT, column.name, arms, np.nan_to_num(values), group=subject)


def unfairness_questions(side: NDArray[np.int8], outcomes: Outcomes) -> Iterator[Contrast]:
    """Where the gap between a group's selection rate and everybody else's widened more than elsewhere.

    Without a reference: where it is wider than elsewhere.
    """
    if outcomes.selected is None:
        return
    compared = (side == REFERENCE).any()
    for attribute, column in outcomes.groups.items():
        for label, is_member in _members(column):
            member = is_member.astype(np.int8)
            known = ~np.isnan(outcomes.selected) & _known(column)
            arm = side * np.int8(2) + member if compared else member
            signs: tuple[int, ...] = (1, -1, -1, 1) if compared else (-1, 1)
            arms = Arms(np.where(known, arm, np.int8(-1)), signs)
            yield Contrast(Fault.UNFAIRNESS, attribute, arms, np.nan_to_num(outcomes.selected), group=label)


def _parts(column: Column) -> Iterator[tuple[str | None, Floats]]:
    values = column.pooled
    if column.labels is None:
        missing = np.isnan(values)
        yield None, _normal(values)
        if missing.mean() >= LEAST_GROUP / 2:
            yield MISSING, missing.astype(np.float64)
        return
    counts = np.bincount(values.astype(np.int64), minlength=len(column.labels))
    frequent = [
        code for code in np.argsort(-counts, kind="stable")[:VALUES] if counts[code] >= LEAST_GROUP * len(values)
    ]
    if len(frequent) == 2 and counts[frequent].sum() == len(values):
        frequent = frequent[1:]
    for code in frequent:
        yield column.labels[int(code)], (values == code).astype(np.float64)


def _normal(values: Floats) -> Floats:
    """The normal score of each value's rank among all; ties share a score."""
    from scipy.special import ndtri

    present = values[~np.isnan(values)]
    ordered = np.sort(present)
    below = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    with np.errstate(invalid="ignore"):
        scores = ndtri((below / 2.0 + 0.5) / (len(ordered) + 1.0))
    return np.where(np.isnan(values), np.nan, scores)


def _members(column: Column) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    labels = column.labels or ()
    codes = column.pooled
    named = [
        (label, codes == code)
        for code, label in enumerate(labels)
        if label not in (RARE, MISSING) and (codes == code).mean() >= LEAST_GROUP
    ]
    yield from named[1:] if len(named) == 2 else named


def _known(column: Column) -> NDArray[np.bool_]:
    labels = column.labels or ()
    return column.pooled != labels.index(MISSING) if MISSING in labels else np.ones(len(column.pooled), bool)
