"""Drift of each column against the reference. In: a grid and two profiles on it. Out: estimates, unjudged.

One measure a column, PSI, is the test that may raise an alarm; the others describe the same change in other units.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.metrics import distances
from aimon.metrics.bins import Binned, by_steps, rebin
from aimon.metrics.contingency import contingency
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.interval import LEAST_ROWS
from aimon.metrics.noncentral import bounds, survival
from aimon.metrics.ordered import ordered
from aimon.metrics.panel import LABEL, Panel, Source, column_sources, label_source, panel
from aimon.metrics.proportions import Z95
from aimon.profile.axis import Floats
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.profile.tables import CHARACTERS, HOURS, WEEKDAYS
from aimon.spec.model import Kind

LN2 = float(np.log(2.0))
NO_ROWS = "there are no rows to compare"
NO_NUMBERS = "one side has no numbers to compare"
ONE_BIN = "all rows lie in one bin, so there is nothing to test"
VANISHED = "the column is missing from the data, so its rows count as null"
NOT_IN_REFERENCE = "the reference has no such column to compare with"
AT_LEAST = "some values lie beyond the grid, 2,047 scales from the reference's median, so it is at least as much"
CALENDAR = "dates move with the calendar without any fault, so only a limit of its own judges this"
CHARACTERS_DEPEND = "characters of one text depend on each other, so no interval is given"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """One measure of some columns of the panel, as arrays."""

    metric: str
    places: NDArray[np.int64]
    value: Floats
    low: Floats
    high: Floats
    p_value: Floats | None = None
    n: Floats
    m: Floats
    bins: NDArray[np.int64] | None = None
    of_numbers: bool = False
    at_least: NDArray[np.bool_] | None = None


def drift(
    grid: Grid, baseline: Profile, current: Profile, segment: str | None = None, *, detailed: bool = True
) -> list[Estimate]:
    """Every drift measure of every column, by column; PSI alone where not `detailed`."""
    sources = list(_sources(grid, current, segment))
    compared = panel(sources, baseline, current, segment)
    unknown = [] if segment else [_unknown(each, current) for each in sources if baseline.get(each.table) is None]
    if not compared.sources:
        return unknown
    by_column: list[list[Estimate]] = [[] for _ in compared.sources]
    calendar = [_moves_with_calendar(grid, source) for source in compared.sources]
    for measured in _measures(compared, detailed=detailed):
        for place, estimate in _estimates(compared, calendar, measured):
            by_column[place].append(estimate)
    texts = _characters(grid, baseline, current) if detailed and segment is None else ()
    return [*(estimate for column in by_column for estimate in column), *texts, *unknown]


def _unknown(source: Source, current: Profile) -> Estimate:
    """A column that cannot be compared, because the reference did not have it."""
    counts = current.get(source.table)
    return Estimate(
        metric="psi",
        column=source.column,
        n_reference=0,
        n_current=0 if counts is None else int(counts.sum()),
        labels=source.table == LABEL,
        obstacle=Obstacle.ASSUMPTION,
        note=NOT_IN_REFERENCE,
    )


def _sources(grid: Grid, current: Profile, segment: str | None) -> Iterator[Source]:
    for source in column_sources(grid, segment):
        yield source
        if segment is None and grid.kinds.get(source.column) is Kind.DATETIME:
            yield Source(f"hour:{source.column}", f"hour:{source.column}", HOURS)
            yield Source(f"weekday:{source.column}", f"weekday:{source.column}", WEEKDAYS)
    if current.get("label", segment) is not None:
        yield from label_source(grid, segment)


def _moves_with_calendar(grid: Grid, source: Source) -> bool:
    """Whether time alone changes it. The hour of the day does not move, so it is a date's test."""
    return source.table.startswith("weekday:") or (
        source.table.startswith("column:") and grid.kinds.get(source.column) is Kind.DATETIME
    )


def _estimates(compared: Panel, calendar: list[bool], measured: _Measured) -> Iterator[tuple[int, Estimate]]:
    """The arrays of one measure as one estimate a column; no value where a side has no rows."""
    absent_bins = [None] * len(measured.places)
    p_values = absent_bins if measured.p_value is None else measured.p_value.tolist()
    bins = absent_bins if measured.bins is None else measured.bins.tolist()
    arrays = (measured.value, measured.low, measured.high, measured.n, measured.m)
    columns = zip(measured.places.tolist(), *(a.tolist() for a in arrays), p_values, bins, strict=True)
    for row, (place, value, low, high, n, m, p_value, used) in enumerate(columns):
        source = compared.sources[place]
        empty = n <= 0 or m <= 0
        note = VANISHED if source.column in compared.absent else CALENDAR if calendar[place] else None
        if note is None and measured.at_least is not None and measured.at_least[row]:
            note = AT_LEAST
        yield (
            place,
            Estimate(
                metric=measured.metric,
                column=source.column,
                value=None if empty else value,
                low=None if empty else low,
                high=None if empty else high,
                p_value=None if empty else p_value,
                n_reference=int(n) if measured.of_numbers else int(compared.reference[place].sum()),
                n_current=int(m) if measured.of_numbers else int(compared.current[place].sum()),
                bins=used,
                primary=measured.metric == "psi" and not calendar[place],
                described=calendar[place],
                labels=source.table == LABEL,
                obstacle=Obstacle.TOO_FEW_ROWS if empty else None,
                note=(NO_NUMBERS if measured.of_numbers else NO_ROWS) if empty else note,
            ),
        )


def _measures(compared: Panel, *, detailed: bool) -> Iterator[_Measured]:
    binned = rebin(compared)
    yield from _divergences(binned, detailed=detailed)
    if detailed:
        yield _chi2(binned)
        yield from _shares(binned)
        for places in by_steps(compared):
            yield from _numbers(compared, places)


def _divergences(binned: Binned, *, detailed: bool) -> Iterator[_Measured]:
    """PSI, KL, Jensen-Shannon, Hellinger: each, without drift, is a multiple of a chi-square of B - 1 degrees."""
    n, m = binned.reference.sum(axis=1), binned.current.sum(axis=1)
    smoothed = distances.shares(binned)
    p, q, degrees = smoothed.p, smoothed.q, np.maximum(smoothed.bins - 1, 0)
    spread = 1.0 / np.maximum(n, 1.0) + 1.0 / np.maximum(m, 1.0)
    divergences = [("psi", distances.psi(p, q), spread)]
    if detailed:
        divergences += [
            ("kl", np.maximum(distances.kl(p, q), 0.0), spread / 2.0),
            ("js", distances.jensen_shannon(p, q), spread / 8.0),
            ("hellinger", distances.hellinger(p, q) ** 2, spread / 8.0),
        ]
    scaled = np.stack([divergence / unit for _, divergence, unit in divergences])
    lows, highs = bounds(scaled, np.maximum(degrees, 1))
    p_values = survival(scaled, degrees)
    for row, (metric, divergence, unit) in enumerate(divergences):
        value = _distance(metric, divergence)
        yield _Measured(
            metric=metric,
            places=np.arange(len(n)),
            value=value,
            low=np.minimum(_distance(metric, lows[row] * unit), value),
            high=np.maximum(_distance(metric, highs[row] * unit), value),
            p_value=p_values[row],
            n=n,
            m=m,
            bins=smoothed.bins if metric == "psi" else None,
        )


def _distance(metric: str, divergence: Floats) -> Floats:
    """The divergence as it is reported: the root, in bits, for Jensen-Shannon, the root for Hellinger."""
    if metric == "js":
        divergence = divergence / LN2
    return divergence if metric in ("psi", "kl") else np.asarray(np.sqrt(np.minimum(divergence, 1.0)))


def _chi2(binned: Binned) -> _Measured:
    test = contingency(binned)
    return _Measured(
        metric="chi2",
        places=np.arange(len(test.effect)),
        value=test.effect,
        low=np.minimum(test.low, test.effect),
        high=np.maximum(test.high, test.effect),
        p_value=test.p_value,
        n=binned.reference.sum(axis=1),
        m=binned.current.sum(axis=1),
    )


def _shares(binned: Binned) -> Iterator[_Measured]:
    """Total variation with its normal interval, and the largest change with the bin's own."""
    n, m = binned.reference.sum(axis=1), binned.current.sum(axis=1)
    p, q = distances.plain_shares(binned)
    safe_n, safe_m = np.maximum(n, 1.0), np.maximum(m, 1.0)
    total = distances.total_variation(p, q)
    largest = distances.largest_change(p, q)
    at = np.abs(q - p).argmax(axis=1)[:, None]
    a, b = np.take_along_axis(p, at, 1)[:, 0], np.take_along_axis(q, at, 1)[:, 0]
    spreads = (
        ("total_variation", total, distances.total_variation_spread(p, q, safe_n, safe_m)),
        ("l_infinity", largest, np.sqrt(a * (1.0 - a) / safe_n + b * (1.0 - b) / safe_m)),
    )
    for metric, value, spread in spreads:
        low, high = _at_least(value - Z95 * spread, n, m), np.minimum(value + Z95 * spread, 1.0)
        yield _Measured(metric=metric, places=np.arange(len(n)), value=value, low=low, high=high, n=n, m=m)


def _at_least(low: Floats, n: Floats, m: Floats) -> Floats:
    """A normal lower bound, which few rows do not support."""
    return np.where(np.minimum(n, m) < LEAST_ROWS, 0.0, np.maximum(low, 0.0))


def _numbers(compared: Panel, places: list[int]) -> Iterator[_Measured]:
    result = ordered(compared.of(places))
    where = np.array(places)
    band, half = result.ks_band, Z95 * result.spread
    yield _Measured(
        metric="ks",
        places=where,
        value=result.ks,
        low=np.maximum(result.ks - band, 0.0),
        high=np.minimum(result.ks + band, 1.0),
        p_value=result.ks_p,
        n=result.n,
        m=result.m,
        of_numbers=True,
    )
    yield _Measured(
        metric="wasserstein",
        places=where,
        value=result.wasserstein,
        low=_at_least(result.wasserstein - half, result.n, result.m),
        high=result.wasserstein + half,
        n=result.n,
        m=result.m,
        of_numbers=True,
        at_least=result.at_least,
    )


def _characters(grid: Grid, baseline: Profile, current: Profile) -> Iterator[Estimate]:
    """How the mix of letters, digits, spaces, punctuation and other characters of a text changed."""
    for column in grid.columns:
        name = f"characters:{column}"
        before, after = baseline.get(name), current.get(name)
        if before is None or after is None or len(before) != CHARACTERS.size:
            continue
        n, m = int(before.sum()), int(after.sum())
        known = n > 0 and m > 0
        yield Estimate(
            metric="total_variation",
            column=name,
            value=float(distances.total_variation(before / n, after / m)) if known else None,
            n_reference=n,
            n_current=m,
            described=True,
            obstacle=None if known else Obstacle.TOO_FEW_ROWS,
            note=CHARACTERS_DEPEND if known else NO_ROWS,
        )


def drift_score(psi: Floats, critical: Floats, weights: Floats) -> float | None:
    """How much of the model's input drifted: 100 times the weighted mean over columns of min(1, psi / critical limit).

    From 0 (none) to 100 (every column beyond its critical limit). None where no column has weight.

    >>> drift_score(np.array([0.05, 0.5]), np.array([0.25, 0.25]), np.array([1.0, 1.0]))
    60.0
    """
    if len(psi) == 0 or weights.sum() <= 0:
        return None
    return float(100.0 * (np.minimum(1.0, psi / critical) * weights).sum() / weights.sum())
