"""Verdicts on scores alone. In: a model, its scores, sizes. Out: records; what needs counts says that it has none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from aimon.metrics.drift import drift_score
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.metric import Family
from aimon.metrics.registry import METRICS
from aimon.metrics.symmetric import METRIC, NO_COUNTS, symmetric
from aimon.spec.model import ModelSpec, Task
from aimon.verdict.evaluate import Found, records_of
from aimon.verdict.limits import limits_of
from aimon.verdict.record import Record

_CLASSES = (Task.BINARY, Task.MULTICLASS)


@dataclass(frozen=True, slots=True)
class Scored:
    """A window as its scores tell it. `step` is how far a score may lie from the true one."""

    scores: Mapping[str, float]
    bins: Mapping[str, int]
    features: tuple[str, ...]
    n_reference: int
    n_current: int
    step: float


def evaluate_scores(spec: ModelSpec, scored: Scored) -> list[Record]:
    """Judge the window: drift by its scores, volume by its rows."""
    drifts = symmetric(
        scored.scores, scored.bins, n_reference=scored.n_reference, n_current=scored.n_current, step=scored.step
    )
    found = [Found(Family.DRIFT, None, each) for each in (*drifts, _score(spec, scored, drifts))]
    return records_of(spec, [*found, *_volume(scored.n_current), *unsupported(spec, scored.bins)])


def evaluate_withheld(spec: ModelSpec, columns: Mapping[str, int], rows: int, reason: str) -> list[Record]:
    """The records of a window whose scores the owner does not give."""
    held = [
        Found(
            Family.DRIFT,
            None,
            Estimate(metric=METRIC, column=each, n_current=rows, obstacle=Obstacle.TOO_FEW_ROWS, note=reason),
        )
        for each in sorted(columns)
    ]
    return records_of(spec, [*held, *_volume(rows), *unsupported(spec, columns)])


def unsupported(spec: ModelSpec, columns: Mapping[str, int]) -> Iterator[Found]:
    """What scores cannot tell, one result for each thing that somebody would look for."""
    for family, metric, column in (
        *((Family.DRIFT, "psi", each) for each in sorted(columns)),
        *((Family.QUALITY, "missing_shift", each) for each in sorted(columns)),
        *((Family.FAIRNESS, "demographic_parity_difference", each) for each in spec.columns.protected),
        (Family.PERFORMANCE, "accuracy" if spec.task in _CLASSES else "mae", None),
        (Family.ESTIMATE, "domain_auc", None),
    ):
        yield Found(family, None, Estimate(metric=metric, column=column, obstacle=Obstacle.ASSUMPTION, note=NO_COUNTS))


def _volume(rows: int) -> Iterator[Found]:
    volume = Estimate(metric="volume", value=float(rows), low=float(rows), high=float(rows), n_current=rows)
    yield Found(Family.OPERATIONS, None, volume)


def _score(spec: ModelSpec, scored: Scored, drifts: list[Estimate]) -> Estimate:
    """The drift score of the features: of each the share of its last limit, as of PSI."""
    values, limits, weights = [], [], []
    for each in drifts:
        bounds = limits_of(spec, METRICS[METRIC], each, None)
        if each.column in scored.features and each.value is not None and bounds is not None and bounds.last:
            values.append(each.value)
            limits.append(bounds.last)
            weights.append(spec.importance.get(str(each.column), 1.0))
    value = drift_score(np.array(values), np.array(limits), np.array(weights))
    return Estimate(
        metric="drift_score",
        value=value,
        n_reference=scored.n_reference,
        n_current=scored.n_current,
        obstacle=Obstacle.TOO_FEW_ROWS if value is None else None,
        note="no feature has a score to average" if value is None else None,
    )
