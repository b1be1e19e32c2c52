"""Numbers that lost something: stuck at one value, cut at an end, rounded."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from aimon.insight.faults_named import DataFault, FaultKind, number, percent
from aimon.insight.faults_values import LEAST_ROWS, Pair, Values, rose

STUCK = 0.5
PILED = 0.01
CUT = 0.02
GRAINS = (1_000.0, 100.0, 10.0, 1.0, 0.1, 0.01)


def stuck(pair: Pair) -> Iterator[DataFault]:
    """One value in at least half of the rows, where the reference varied: a feed that stopped."""
    before, now = pair.reference, pair.current
    found = _most_frequent(pair)
    if found is None or min(before.rows, now.rows) < LEAST_ROWS:
        return
    shown, count, stood, variety = found
    if count < STUCK * now.rows or variety < 5 or not rose(stood, before.rows, count, now.rows, 0.3):
        return
    share = count / now.rows
    was = percent(stood / before.rows) if stood else "none"
    sentence = f"{pair.name} is stuck at {shown}: {percent(share)} of the rows, {was} in the reference"
    yield DataFault(FaultKind.STALE, pair.name, share, sentence)


def stuck_since(pair: Pair, moments: NDArray[np.int64]) -> Iterator[DataFault]:
    """One value in every row after some instant, where it was rare before; `moments` are of the current rows.

    The rows of the last stretch must be at least 100 and a twentieth of all.
    """
    before, now = pair.reference, pair.current
    if not pair.is_numeric or not pair.enough or len(before.distinct[0]) < 20:
        return
    order = np.argsort(moments, kind="stable")
    values = now.numbers[order]
    last = values[-1]
    different = np.flatnonzero(values != last)
    start = int(different[-1]) + 1 if len(different) else 0
    length = len(values) - start
    if np.isnan(last) or length < max(100, 0.05 * len(values)) or start == 0:
        return
    if rose(before.count_of(float(last)), before.rows, length, length, 0.5):
        since = np.datetime64(int(moments[order][start]), "us").astype("datetime64[m]")
        sentence = f"{pair.name} is {number(float(last))} in every row since {str(since).replace('T', ' ')} UTC"
        yield DataFault(FaultKind.STALE, pair.name, length / len(values), sentence)


def capped(pair: Pair) -> Iterator[DataFault]:
    """An end of the range where values pile up, or beyond which there are none any more."""
    before, now = pair.reference, pair.current
    if not pair.enough or len(before.distinct[0]) < 20 or len(now.distinct[0]) < 5:
        return
    for upper in (True, False):
        sign = 1.0 if upper else -1.0
        found = _cut(np.sort(sign * before.ordered), np.sort(sign * now.ordered))
        if found is None:
            continue
        limit, piled, share = sign * found[0], found[1], found[2]
        side = "above" if upper else "below"
        what = f"the values of {pair.name} {side} {number(limit)}"
        if piled:
            sentence = f"{what} are cut to it: {percent(share)} of the rows are exactly {number(limit)}"
        else:
            sentence = f"{what} are gone; they were {percent(share)} of the reference"
        yield DataFault(FaultKind.CAPPED, pair.name, share, sentence)


def rounded(pair: Pair) -> Iterator[DataFault]:
    """Every value a multiple of some grain, where the reference was finer."""
    if not pair.enough or len(pair.current.distinct[0]) < 5:
        return
    for grain in GRAINS:
        if _on_grain(pair.current, grain) > 0.99 and _on_grain(pair.reference, grain) < 0.5:
            what = "decimals are gone" if grain == 1.0 else f"every value is a multiple of {number(grain)}"
            sentence = f"the values of {pair.name} arrive rounded: {what}"
            yield DataFault(FaultKind.ROUNDED, pair.name, 1.0, sentence)
            return


def _most_frequent(pair: Pair) -> tuple[str, int, int, int] | None:
    """The current rows' most frequent value, its rows now and before, and how many values the reference has."""
    before, now = pair.reference, pair.current
    if pair.is_numeric:
        values, counts = now.distinct
        if not len(values):
            return None
        value, count = float(values[counts.argmax()]), int(counts.max())
        return number(value), count, before.count_of(value), len(before.distinct[0])
    if not now.counts:
        return None
    text = max(now.counts, key=lambda each: (now.counts[each], each))
    return f"'{text}'", now.counts[text], before.counts.get(text, 0), len(before.counts)


def _cut(before: NDArray[np.float64], now: NDArray[np.float64]) -> tuple[float, bool, float] | None:
    """The upper end at which the values were cut, whether they pile up there, and the share of the rows concerned.

    Below the end both are distributed alike, up to the last stretch before it; so a distribution that moved is no cut.
    """
    limit = float(now[-1])
    beyond = 1.0 - np.searchsorted(before, limit, "right") / len(before)
    at = 1.0 - np.searchsorted(now, limit, "left") / len(now)
    before_at = (np.searchsorted(before, limit, "right") - np.searchsorted(before, limit, "left")) / len(before)
    if beyond < CUT:
        return None
    width = float(np.subtract(*np.quantile(before, [0.75, 0.25])))
    near = _shares(before, limit, width), _shares(now, limit, width)
    if at >= PILED and at > 5 * before_at and 0.5 < at / (beyond + before_at) < 2.0:
        scale = 1.0
    elif at < PILED:
        scale = 1.0 / (1.0 - beyond)
    else:
        return None
    expected = near[0] * scale
    noise = 4.0 * np.sqrt(np.maximum(expected, 1e-9) * (1.0 / len(before) + 1.0 / len(now)))
    if (expected * len(now) < 30).any() or (np.abs(near[1] - expected) > noise + 0.1 * expected).any():
        return None
    return limit, scale == 1.0, float(at if scale == 1.0 else beyond)


def _shares(ordered: NDArray[np.float64], limit: float, width: float) -> NDArray[np.float64]:
    """The shares of the two stretches just below the limit, each a quarter of the interquartile range."""
    edges = np.searchsorted(ordered, [limit - 0.5 * width, limit - 0.25 * width, limit], "left")
    result: NDArray[np.float64] = np.diff(edges) / len(ordered)
    return result


def _on_grain(values: Values, grain: float) -> float:
    scaled = values.ordered / grain
    return float(np.mean(np.abs(scaled - np.round(scaled)) < 1e-6))
