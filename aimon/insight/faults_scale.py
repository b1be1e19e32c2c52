"""Numbers on another scale: another unit, another zero, another sign, for all rows or for a part of them.

A change of unit leaves the shape as it was; a change of the world hardly ever does. So a factor is named only where the
values, divided by it, are distributed as before, and, unless it is far from 1, only where it is a well-known one.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from aimon.insight.faults_named import DataFault, FaultKind, number, percent
from aimon.insight.faults_values import LEAST_ROWS, Pair, alike, distance

MOVED = 0.15
EXACT, ROUGH = 0.005, 0.035
"""How far the logarithm of a factor may lie from a known one: this, and twice its standard error, but never more."""
FAR = 5.0
PART = 0.01
FACTORS = {
    10.0: "ten times",
    100.0: "a hundred times, as cents for whole units or percent for shares",
    1_000.0: "a thousand times, as grams for kilograms or milliseconds for seconds",
    1e6: "a million times",
    12.0: "as months for years",
    7.0: "as days for weeks",
    24.0: "as hours for days",
    60.0: "as minutes for hours or seconds for minutes",
    3_600.0: "as seconds for hours",
    86_400.0: "as seconds for days",
    365.25: "as days for years",
    1.609344: "as kilometres for miles",
    3.28084: "as feet for metres",
    2.54: "as centimetres for inches",
    2.204623: "as pounds for kilograms",
    3.785412: "as litres for gallons",
    4.184: "as kilojoules for kilocalories",
    1.95583: "as leva or marks for euros",
}
BACKWARDS = {
    10.0: "a tenth",
    100.0: "a hundredth, as whole units for cents or shares for percent",
    1_000.0: "a thousandth, as kilograms for grams or seconds for milliseconds",
    1e6: "a millionth",
    12.0: "as years for months",
    7.0: "as weeks for days",
    24.0: "as days for hours",
    60.0: "as hours for minutes or minutes for seconds",
    3_600.0: "as hours for seconds",
    86_400.0: "as days for seconds",
    365.25: "as years for days",
    1.609344: "as miles for kilometres",
    3.28084: "as metres for feet",
    2.54: "as inches for centimetres",
    2.204623: "as kilograms for pounds",
    3.785412: "as gallons for litres",
    4.184: "as kilocalories for kilojoules",
    1.95583: "as euros for leva or marks",
}
KNOWN = {**FACTORS, **{1.0 / factor: words for factor, words in BACKWARDS.items()}}
TEMPERATURES = (
    (1.8, 32.0, "as Fahrenheit for Celsius"),
    (1.0 / 1.8, -32.0 / 1.8, "as Celsius for Fahrenheit"),
    (1.0, 273.15, "as kelvin for Celsius"),
    (1.0, -273.15, "as Celsius for kelvin"),
)

Floats = NDArray[np.float64]


def rescaled(pair: Pair) -> Iterator[DataFault]:
    """The first of these that explains the change: a factor, another zero, a sign; for all rows, else for a part."""
    if not pair.enough or _is_coarse(pair):
        return
    whole = (_factor, _temperature, _sign, _standardised, _offset) if pair.distance > MOVED else ()
    for recognise in (*whole, _factor_of_some, _sign_of_some):
        found = recognise(pair)
        if found is not None:
            yield found
            return


def _is_coarse(pair: Pair) -> bool:
    """A few values, such as grades, have no shape to recognise."""
    return len(pair.reference.distinct[0]) < 20


def _factor(pair: Pair) -> DataFault | None:
    before, now = pair.reference.ordered, pair.current.ordered
    found = _common_factor(before, now)
    if found is None:
        return None
    factor, error = found
    known = min(KNOWN, key=lambda candidate: abs(np.log(candidate / factor)))
    if abs(np.log(known / factor)) <= min(EXACT + 2.0 * error, ROUGH):
        if alike(before, now / known):
            return DataFault(FaultKind.UNIT, pair.name, 1.0, _scaled(pair.name, known, "the values of"))
    elif max(factor, 1.0 / factor) >= FAR and alike(before, now / factor):
        shown = number(float(f"{factor:.2g}"))
        sentence = (
            f"the values of {pair.name} are about {shown} times what they were, large and small alike: another unit"
        )
        return DataFault(FaultKind.UNIT, pair.name, 1.0, sentence)
    return None


def _scaled(name: str, factor: float, which: str) -> str:
    shown = number(float(f"{factor:.6g}"))
    return f"{which} {name} look multiplied by {shown} ({KNOWN[factor]})"


def _common_factor(before: Floats, now: Floats) -> tuple[float, float] | None:
    """The ratio of the quantiles and the standard error of its logarithm, where it is the same for all of them."""
    ends = np.linspace(0.05, 0.95, 19)
    old, new = np.quantile(before, ends), np.quantile(now, ends)
    usable = (np.abs(old) > 0.05 * float(np.median(np.abs(old)))) & (np.sign(old) == np.sign(new))
    if usable.sum() < 10:
        return None
    ratios = np.log(new[usable] / old[usable])
    if float(np.quantile(np.abs(ratios - np.median(ratios)), 0.8)) >= 0.1 or not _as_wide(before, now):
        return None
    spread = float(np.log(np.abs(old[usable])).std())
    return float(np.exp(ratios.mean())), 1.1 * spread * float(np.sqrt(1.0 / len(before) + 1.0 / len(now)))


def _as_wide(before: Floats, now: Floats) -> bool:
    """Whether positive values spread over as many orders of magnitude as before; a power of them does not."""
    if before[0] <= 0 or now[0] <= 0:
        return True
    old, new = (float(np.subtract(*np.quantile(np.log(values), [0.9, 0.1]))) for values in (before, now))
    return abs(new / old - 1.0) <= 3.0 * float(np.sqrt(1.0 / len(before) + 1.0 / len(now))) if old > 0 else False


def _temperature(pair: Pair) -> DataFault | None:
    for factor, zero, words in TEMPERATURES:
        back = (pair.current.ordered - zero) / factor
        if alike(pair.reference.ordered, back):
            return DataFault(FaultKind.UNIT, pair.name, 1.0, f"the values of {pair.name} look converted, {words}")
    return None


def _sign(pair: Pair) -> DataFault | None:
    if alike(pair.reference.ordered, -pair.current.ordered[::-1]):
        return DataFault(FaultKind.SIGN, pair.name, 1.0, f"the values of {pair.name} have the opposite sign")
    return None


def _standardised(pair: Pair) -> DataFault | None:
    before, now = pair.reference.ordered, pair.current.ordered
    centre, spread = float(before.mean()), float(before.std())
    if spread <= 0 or abs(float(now.mean())) > 0.1 or abs(float(now.std()) - 1.0) > 0.1:
        return None
    if alike(before, centre + spread * now):
        sentence = f"{pair.name} arrives standardised: mean 0 and standard deviation 1"
        return DataFault(FaultKind.UNIT, pair.name, 1.0, sentence)
    return None


def _offset(pair: Pair) -> DataFault | None:
    """The same shape so far away that the ranges hardly meet: another zero, not another world."""
    before, now = pair.reference.ordered, pair.current.ordered
    moved = float(np.median(now) - np.median(before))
    width = float(np.subtract(*np.quantile(before, [0.99, 0.01])))
    if abs(moved) < 1.5 * width or not alike(before, now - moved):
        return None
    way = "added to" if moved > 0 else "taken from"
    sentence = f"about {number(float(f'{abs(moved):.3g}'))} was {way} every value of {pair.name}"
    return DataFault(FaultKind.OFFSET, pair.name, 1.0, sentence)


def _factor_of_some(pair: Pair) -> DataFault | None:
    """A part of the rows lies outside the reference's range, and inside it again once divided by a known factor."""
    before, now = pair.reference.ordered, pair.current.ordered
    low, high = np.quantile(before, [0.0005, 0.9995])
    width = float(high - low)
    outside = now[(now < low - width) | (now > high + width)]
    if len(outside) < max(30, PART * len(now)):
        return None
    fits = {}
    for factor in (10.0, 100.0, 1_000.0, 1e6, 60.0, 3_600.0, 86_400.0):
        scaled = before * factor
        expected = scaled[(scaled < low - width) | (scaled > high + width)]
        if len(expected) >= LEAST_ROWS:
            fits[factor] = distance(expected, outside)
    best = min(fits, key=lambda factor: fits[factor], default=None)
    if best is None or fits[best] > 0.05 + 1.95 * float(np.sqrt(1.0 / len(outside) + 1.0 / LEAST_ROWS)):
        return None
    seen = float(np.mean((before * best < low - width) | (before * best > high + width)))
    share = min(1.0, len(outside) / len(now) / seen)
    which = f"{percent(share)} of the values of"
    return DataFault(FaultKind.UNIT, pair.name, share, _scaled(pair.name, best, which))


def _sign_of_some(pair: Pair) -> DataFault | None:
    """Values of one sign only, of which a part now has the other and the old sizes."""
    before, now = pair.reference.ordered, pair.current.ordered
    if float(np.mean(before < 0)) > 0.001 and float(np.mean(before > 0)) > 0.001:
        return None
    turned = now[now < 0] if before[-1] > 0 else now[now > 0]
    if len(turned) < max(30, PART * len(now)) or not alike(before[before != 0], np.sort(-turned)):
        return None
    share = len(turned) / len(now)
    return DataFault(
        FaultKind.SIGN, pair.name, share, f"{percent(share)} of the values of {pair.name} have the opposite sign"
    )
