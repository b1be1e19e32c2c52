"""From two profiles to records: every metric of a window, judged. In: spec, grid, profiles. Out: records in one order.

The order is fixed: the whole, then each segment by name; in each drift, quality, fairness, performance, operations.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from aimon.metrics.drift import drift, drift_score
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.fairness import fairness
from aimon.metrics.metric import Family
from aimon.metrics.operations import operations
from aimon.metrics.own import metric_of, own_estimates
from aimon.metrics.performance import performance
from aimon.metrics.prediction import prediction_shift
from aimon.metrics.quality import quality
from aimon.metrics.registry import METRICS
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import ModelSpec
from aimon.verdict.discoveries import adjust
from aimon.verdict.history import Bands, SeriesKey
from aimon.verdict.judge import Judgement, badness_of, judge
from aimon.verdict.limits import Limits, limits_of
from aimon.verdict.multiple import adjusted_by_family
from aimon.verdict.noise import Key, redrawn, widened
from aimon.verdict.record import Maturity, Record

LABEL_FEED = "labelled_share"
"""The metric that tells whether labels arrive; it says nothing before they had their time."""


@dataclass(frozen=True, slots=True)
class Found:
    """An estimate, and where it was found."""

    family: Family
    segment: str | None
    estimate: Estimate


def evaluate(
    spec: ModelSpec,
    grid: Grid,
    baseline: Profile,
    current: Profile,
    *,
    maturity: Maturity | None = None,
    history: Bands | None = None,
    more: Iterable[Found] = (),
    sigma: float = 0.0,
) -> list[Record]:
    """Judge the window against the baseline: the whole, and every declared segment.

    `maturity` says whether the window's labels have had their time; a provisional window raises no alarm that needs
    labels. `history` knows the usual range of some series. `more` are estimates that counts alone cannot give; they are
    judged with the others. `sigma` is the standard deviation of the noise in each count of the window.
    """
    found = [*_with_noise(spec, grid, baseline, current, sigma), *more]
    found += _own(spec, found)
    return records_of(spec, found, maturity=maturity, history=history)


def records_of(
    spec: ModelSpec, found: list[Found], *, maturity: Maturity | None = None, history: Bands | None = None
) -> list[Record]:
    """The estimates of one window, judged together."""
    limits = [
        None
        if each.estimate.metric == LABEL_FEED and maturity is not Maturity.MATURE
        else limits_of(spec, metric_of(spec, each.estimate.metric), each.estimate, each.segment)
        for each in found
    ]
    adjusted, beyond = _adjusted(found, maturity), _beyond(found, limits)
    return [
        _record(each, limits[place], adjusted.get(place), beyond.get(place), maturity, history)
        for place, each in enumerate(found)
    ]


def _with_noise(spec: ModelSpec, grid: Grid, baseline: Profile, current: Profile, sigma: float) -> list[Found]:
    """The estimates; where the counts have noise, with it in their intervals."""
    found = list(_found(spec, grid, baseline, current))
    if not sigma:
        return found
    again = [
        {_key(each): each.estimate for each in _found(spec, grid, baseline, one)} for one in redrawn(current, sigma)
    ]
    wide = widened({_key(each): each.estimate for each in found}, again)
    return [replace(each, estimate=wide[_key(each)]) for each in found]


def _key(found: Found) -> Key:
    estimate = found.estimate
    return (found.segment, estimate.metric, estimate.column, estimate.group, found.family)


def _found(spec: ModelSpec, grid: Grid, baseline: Profile, current: Profile) -> Iterator[Found]:
    segments = sorted({*baseline.segments, *current.segments})
    declared = {name for name in spec.thresholds if name in METRICS and METRICS[name].family is Family.DRIFT} - {"psi"}
    for segment in (None, *segments):
        whole = segment is None
        drifts = drift(grid, baseline, current, segment, detailed=whole or bool(declared))
        if not whole:
            drifts = [estimate for estimate in drifts if estimate.metric == "psi" or estimate.metric in declared]
        families: tuple[tuple[Family, Iterable[Estimate]], ...] = (
            (Family.DRIFT, drifts),
            (Family.DRIFT, prediction_shift(grid, baseline, current, segment)),
            (Family.DRIFT, _score(spec, grid, drifts, segment)),
            (Family.QUALITY, quality(grid, baseline, current, segment)),
            (Family.FAIRNESS, fairness(grid, baseline, current, segment)),
            (Family.PERFORMANCE, performance(grid, baseline, current, segment)),
            (Family.OPERATIONS, operations(grid, baseline, current, segment)),
        )
        for family, estimates in families:
            for estimate in estimates:
                yield Found(family, segment, estimate)


def _own(spec: ModelSpec, found: list[Found]) -> list[Found]:
    """The model's own metrics of all rows and of each segment."""
    if not spec.metrics:
        return []
    segments = dict.fromkeys(each.segment for each in found)
    return [
        Found(family, segment, estimate)
        for segment in segments
        for family, estimate in own_estimates(spec, (each.estimate for each in found if each.segment == segment))
        if segment is None or estimate.value is not None
    ]


def _score(spec: ModelSpec, grid: Grid, drifts: list[Estimate], segment: str | None) -> list[Estimate]:
    """The drift score of the features whose PSI has a value and a limit."""
    values, limits, weights, rows = [], [], [], []
    features = set(grid.features)
    for estimate in drifts:
        if estimate.metric != "psi" or estimate.column not in features or estimate.described:
            continue
        bounds = limits_of(spec, METRICS["psi"], estimate, segment)
        if estimate.value is None or bounds is None or bounds.last is None or bounds.last <= 0:
            continue
        values.append(estimate.value)
        limits.append(bounds.last)
        weights.append(spec.importance.get(str(estimate.column), 1.0))
        rows.append((estimate.n_reference or 0, estimate.n_current or 0))
    score = drift_score(np.array(values), np.array(limits), np.array(weights))
    n, m = rows[0] if rows else (0, 0)
    return [
        Estimate(
            metric="drift_score",
            value=score,
            n_reference=n,
            n_current=m,
            obstacle=Obstacle.TOO_FEW_ROWS if score is None else None,
            note="no feature has a psi to average" if score is None else None,
        )
    ]


def _adjusted(found: list[Found], maturity: Maturity | None) -> dict[int, float]:
    """The adjusted p-value of each primary test by its place; tests on labels still arriving are left out.

    The columns' tests are one family. A test of all columns together is one alone.
    """
    tests = [
        (place, each.estimate.p_value)
        for place, each in enumerate(found)
        if each.estimate.primary
        and each.estimate.p_value is not None
        and not (each.estimate.labels and maturity is Maturity.PROVISIONAL)
    ]
    family = [(place, p) for place, p in tests if found[place].estimate.column is not None]
    adjusted = adjust([p for _, p in family])
    return dict(tests) | dict(zip((place for place, _ in family), adjusted.tolist(), strict=True))


def _beyond(found: list[Found], limits: list[Limits | None]) -> dict[int, float]:
    """For each result that is no primary test, the chance of lying so far beyond its limit, adjusted in its family."""
    places, badness = [], []
    for place, (each, bounds) in enumerate(zip(found, limits, strict=True)):
        if bounds is None or each.estimate.primary or each.estimate.value is None:
            continue
        bad = badness_of(each.estimate, bounds)
        if bad is not None:
            places.append(place)
            badness.append(bad)
    families = [found[place].family for place in places]
    return dict(zip(places, adjusted_by_family(families, badness), strict=True))


def _record(
    found: Found,
    limits: Limits | None,
    p_adjusted: float | None,
    p_beyond: float | None,
    maturity: Maturity | None,
    history: Bands | None,
) -> Record:
    estimate, segment = found.estimate, found.segment
    key = SeriesKey(estimate.metric, estimate.column, segment, estimate.group)
    judging = partial(
        judge,
        estimate,
        limits,
        p_adjusted=p_adjusted,
        p_beyond=p_beyond,
        provisional=maturity is Maturity.PROVISIONAL,
    )
    judged: Judgement = judging()
    if history is not None and (limits is None or judged.verdict.alarms):
        judged = judging(band=history.band(key))
    return Record(
        family=found.family,
        metric=estimate.metric,
        column=estimate.column,
        segment=segment,
        group=estimate.group,
        groups=estimate.groups,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        p_value=estimate.p_value,
        p_adjusted=p_adjusted,
        threshold=judged.threshold,
        verdict=judged.verdict,
        maturity=maturity if estimate.labels else None,
        n_reference=estimate.n_reference,
        n_current=estimate.n_current,
        low_power=judged.low_power,
        reason=judged.reason,
    )
