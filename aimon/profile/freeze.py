"""Freezing axes. In: spreads and categories of the reference. Out: axes, bands and units that never change again.

Scale and center are numbers of the reference itself, so multiplying a column by a power of two changes no cell.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from aimon.profile.axis import LARGEST, BandAxis, CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.canonical import raw_number, with_synonyms
from aimon.profile.sums import BOUND, Unit
from aimon.profile.survey import SHARES, Spread

MOST_VALUES = 100
MOST_TAIL = 10_000
FEW_GROUPS = 20
TRUE_WORDS = ("1", "true", "yes", "y", "t", "positive", "pos", "approved", "accepted")
FALSE_WORDS = {"0": "1", "false": "true", "no": "yes", "n": "y", "f": "t", "negative": "positive", "neg": "pos"}


def numeric_axis(spread: Spread) -> NumericAxis:
    """The axis of numbers: the median as its center, and the first of the scales that is not zero.

    The interquartile range; where that is 0 the middle 90 %, 98 %, 99.8 %, the whole range; for a constant its
    absolute value; for zero, 1. Where there are few different values, the first of these that tells all of them apart.
    """
    if spread.low is None or spread.high is None:
        return NumericAxis(center=0.0, scale=1.0)
    quantiles = dict(zip(SHARES, spread.quantiles().tolist(), strict=True))
    center = min(max(quantiles[0.5], -LARGEST), LARGEST)
    spread_scales = list(_scales(quantiles, spread.low, spread.high))
    atoms = tuple(sorted(spread.atoms or ()))
    axis = NumericAxis(center=center, scale=spread_scales[0], low=spread.low, high=spread.high)
    for scale in (*spread_scales, *(spread_scales[0] * 4.0**-power for power in range(1, 40))) if atoms else ():
        finer = axis.model_copy(update={"scale": scale, "atoms": atoms, "unit": spread_scales[0]})
        if scale > 0 and len(np.unique(finer.cell(np.array(atoms)))) == len(atoms):
            return finer
    return axis


def _scales(quantiles: Mapping[float, float], low: float, high: float) -> Iterable[float]:
    pairs = ((0.25, 0.75), (0.05, 0.95), (0.01, 0.99), (0.001, 0.999))
    widths = [quantiles[upper] - quantiles[lower] for lower, upper in pairs]
    positive = [width for width in (*widths, high - low, abs(quantiles[0.5])) if width > 0]
    yield from (min(width, LARGEST) for width in positive or [1.0])


def score_axis(spread: Spread) -> NumericAxis | ProbabilityAxis:
    """Probabilities where every reference score lies in [0, 1], else numbers."""
    if spread.low is None or spread.high is None or (spread.low >= 0 and spread.high <= 1):
        return ProbabilityAxis()
    return numeric_axis(spread)


def category_axis(rows: Mapping[str, int], always: Iterable[str] = ()) -> CategoryAxis:
    """The most frequent categories, those that must be there, and the tail of other known ones.

    >>> category_axis({"web": 5, "shop": 9}, always=["app"])
    CategoryAxis(kind='category', values=('shop', 'web', 'app'), tail=())
    """
    ranked = sorted(rows, key=lambda text: (-rows[text], text))
    values = tuple(dict.fromkeys((*ranked[:MOST_VALUES], *always)))
    tail = tuple(text for text in ranked[MOST_VALUES : MOST_VALUES + MOST_TAIL] if text not in values)
    return CategoryAxis(values=values, tail=tail)


def class_axis(several: Sequence[Mapping[str, int]], always: Iterable[str]) -> CategoryAxis:
    """One axis for prediction and label, so that equal classes have equal cells: numbers in order, then text.

    >>> class_axis([{"10": 3, "9": 1}, {"9": 2}], always=["no"]).values
    ('9', '10', 'no')
    """
    rows: dict[str, int] = {}
    for counted in several:
        for text, count in counted.items():
            rows[text] = rows.get(text, 0) + count
    axis = category_axis(rows, always)
    return CategoryAxis(values=tuple(sorted(axis.values, key=_natural)), tail=axis.tail)


def _natural(text: str) -> tuple[bool, float, str]:
    number = raw_number(text)
    return (number is None, 0.0 if number is None else float(number), text)


def positives(declared: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Which classes are positive: the declared ones in the data's own spelling, else the one that looks like yes.

    Of two classes: a word for yes, else the larger number, else the last in the alphabet. Of more: only words for yes.

    >>> positives(["1"], ["false", "true"]), positives([], ["0", "1"]), positives([], ["bad", "good"])
    (('true',), ('1',), ('good',))
    >>> positives([], ["0"]), positives([], ["a", "b", "c"])
    (('1',), ())
    """
    classes = sorted(known, key=_natural)
    if declared:
        spelling = with_synonyms({text: place for place, text in enumerate(classes)})
        return tuple(dict.fromkeys(classes[spelling[text]] if text in spelling else text for text in declared))
    yes = [text for text in classes if text.lower() in TRUE_WORDS]
    if yes and len(classes) != 2:
        return tuple(yes[:1])
    if len(classes) == 2 and yes and any(raw_number(text) is None for text in classes):
        return tuple(yes[:1])
    if len(classes) == 1:
        return (FALSE_WORDS.get(classes[0].lower(), classes[0]),)
    return (classes[-1],) if len(classes) == 2 else ()


def band_axis(spread: Spread) -> BandAxis:
    """Few numbers as they are, many in four groups of about equal size."""
    if spread.atoms and len(spread.atoms) <= FEW_GROUPS:
        return BandAxis(edges=tuple(sorted(spread.atoms)[1:]))
    if spread.low is None:
        return BandAxis(edges=())
    quantiles = dict(zip(SHARES, spread.quantiles().tolist(), strict=True))
    edges = sorted({quantiles[share] for share in (0.25, 0.5, 0.75)} - {spread.low})
    return BandAxis(edges=tuple(edges))


def unit(axis: NumericAxis, center: float) -> Unit:
    """A unit for sums of `x - center`: a power of two, small beside the axis's scale, that reaches beyond its range."""
    reach = max(abs((axis.low or 0.0) - center), abs((axis.high or 0.0) - center))
    scale = min(max(axis.scale, reach / (BOUND / 32)), LARGEST)
    return Unit(center=center, scale=2.0 ** math.floor(math.log2(scale)))
