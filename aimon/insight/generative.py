"""Answers of a generative model. In: texts, marks of a judge, marks of people. Out: refusals, lengths, quality.

A judge is a noisy instrument: what it says is corrected by the rows that people marked too, and shown with how far both
agree. Nothing here calls a model.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aimon.metrics.estimate import Obstacle
from aimon.metrics.interval import LEAST_ROWS, Measure, normal, share_of, undefined
from aimon.metrics.proportions import Z95

Floats = NDArray[np.float64]

LEAST_PAIRS = 30
WORST_JUDGE = 0.1
_NOT_ABLE = "(can.?t|cannot|can not|won.?t|will not|am unable to|am not able to|am not allowed to)"
_REFUSALS = (
    rf"\b(sorry|apologi[sz]e|unfortunately)\b.{{0,60}}\b(i|we) {_NOT_ABLE}\b",
    rf"\b(i|we) {_NOT_ABLE} (help|assist|answer|provide|do that|comply|discuss|share|create|write)\b",
    rf"\bas an ai\b.{{0,60}}\b{_NOT_ABLE}\b",
    r"\bno puedo (ayudar|responder|proporcionar|compartir)",
    r"\bich kann (dir |ihnen )?(dabei|damit|das) (leider )?nicht",
    r"\bje ne peux pas (vous |t.)?(aider|répondre|fournir)",
)
_REFUSAL = "(?is)" + "|".join(_REFUSALS)
_OPENING = 240


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a judge and people agree beyond chance, over the rows that both marked."""

    kappa: Measure
    raw: Measure


def refusals(answers: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which answers open like a refusal, in English, Spanish, German or French. A rule of thumb, not a judge.

    >>> refusals(pa.chunked_array([["I'm sorry, but I can't help with that.", "Sorry for the wait! Here it is."]]))
    array([ True, False])
    """
    openings = pc.utf8_slice_codeunits(answers.cast(pa.string()).fill_null(""), 0, _OPENING)
    return np.asarray(pc.match_substring_regex(openings, _REFUSAL).to_numpy(), np.bool_)


def refusal_rate(answers: pa.ChunkedArray) -> Measure:
    """The share of answers that open like a refusal."""
    texts = answers.drop_null()
    return share_of(int(refusals(texts).sum()), len(texts), "there are no answers")


def mean_words(answers: pa.ChunkedArray) -> Measure:
    """The mean number of words of an answer."""
    texts = answers.drop_null()
    if not len(texts):
        return undefined(0, "there are no answers")
    counts = pc.count_substring_regex(texts, r"\S+").to_numpy().astype(float)
    return normal(float(counts.mean()), _error(counts), len(counts), least=0.0)


def corrected_mean(judge: Floats, judged: Floats, human: Floats) -> Measure:
    """The mean mark people would give, from a judge's marks of other rows and both marks of some.

    mean(human) + w (mean(judge) - mean(judged)), with the w that makes the variance smallest; `judged` are the judge's
    marks of the rows people marked, which must have been drawn at random, and `judge` those of the rest. However bad
    the judge, the interval holds; a good one narrows it.
    Reference: Angelopoulos, Duchi and Zrnic (2023), PPI++: efficient prediction-powered inference.

    >>> random = np.random.default_rng(1)
    >>> truth = (random.random(4_000) < 0.7).astype(float)
    >>> judge = np.where(random.random(4_000) < 0.9, truth, 1.0 - truth)
    >>> found = corrected_mean(judge[200:], judge[:200], truth[:200])
    >>> found.low < 0.7 < found.high
    True
    """
    n, everything = len(human), len(judge)
    if n < LEAST_PAIRS:
        return undefined(n, f"people marked {n} rows; {LEAST_PAIRS} are the least")
    cover = float(np.cov(judged, human)[0, 1])
    spread = float(np.var(np.concatenate([judge, judged]), ddof=1))
    weight = min(max(cover / ((1.0 + n / max(everything, 1)) * spread), 0.0), 1.0) if spread > 0 and everything else 0.0
    mean_all = float(judge.mean()) if everything else 0.0
    value = float(human.mean()) + weight * (mean_all - float(judged.mean()))
    variance = float(np.var(human - weight * judged, ddof=1)) / n
    variance += weight**2 * float(np.var(judge, ddof=1)) / everything if everything > 1 else 0.0
    return normal(value, variance**0.5, n)


def corrected_rate(judge: Measure, judged: NDArray[np.bool_], human: NDArray[np.bool_]) -> Measure:
    """The share people would call good, from the share a judge calls good and its known errors.

    (rate + specificity - 1) / (sensitivity + specificity - 1); the errors may come from rows of an earlier period.
    The interval is the delta method's on counts with one success and one failure more, for three binomial shares.
    Reference: Rogan and Gladen (1978); Lang and Reiczigel (2014) for the interval.

    >>> human = np.arange(200) < 100
    >>> judged = (np.arange(200) < 90) | (np.arange(200) >= 190)
    >>> found = corrected_rate(share_of(580, 1_000, ""), judged, human)
    >>> round(found.value, 3), found.low < 0.6 < found.high
    (0.6, True)
    """
    good, bad = int(human.sum()), int((~human).sum())
    if min(good, bad) < LEAST_PAIRS or judge.value is None:
        return undefined(
            len(human), f"people marked {good} rows good and {bad} bad; {LEAST_PAIRS} of each are the least"
        )
    hits, rejections = int((judged & human).sum()), int((~judged & ~human).sum())
    youden = hits / good + rejections / bad - 1.0
    if youden < WORST_JUDGE:
        return Measure(
            None, None, None, len(human), Obstacle.ASSUMPTION, "the judge's marks say next to nothing of people's"
        )
    value = min(max((judge.value + rejections / bad - 1.0) / youden, 0.0), 1.0)
    rate = (judge.value * judge.n + 1.0) / (judge.n + 2.0)
    sensitivity, specificity = (hits + 1.0) / (good + 2.0), (rejections + 1.0) / (bad + 2.0)
    youden = sensitivity + specificity - 1.0
    center = (rate + specificity - 1.0) / youden
    variance = rate * (1.0 - rate) / (judge.n + 2.0)
    variance += center**2 * sensitivity * (1.0 - sensitivity) / (good + 2.0)
    variance += (1.0 - center) ** 2 * specificity * (1.0 - specificity) / (bad + 2.0)
    half = Z95 * variance**0.5 / youden
    return Measure(value, max(0.0, min(center - half, value)), min(1.0, max(center + half, value)), len(human))


def agreement(judged: NDArray[np.int64], human: NDArray[np.int64], classes: int) -> Agreement:
    """Cohen's kappa, (observed - by chance) / (1 - by chance), and the plain share of equal marks.

    Marks are 0 to `classes` - 1. The interval is normal with the large-sample variance.
    Reference: Cohen (1960); Fleiss, Cohen and Everitt (1969) for the variance.

    >>> judge = np.repeat([0, 0, 1, 1], [40, 10, 5, 45])
    >>> human = np.repeat([0, 1, 0, 1], [40, 10, 5, 45])
    >>> found = agreement(judge, human, 2)
    >>> round(found.kappa.value, 3), round(found.kappa.low, 2), round(found.kappa.high, 2)
    (0.7, 0.56, 0.84)
    """
    n = len(human)
    table = np.bincount(judged * classes + human, minlength=classes**2).reshape(classes, classes) / max(n, 1)
    same = share_of(round(float(np.trace(table)) * n), n, "people and judge marked no row in common")
    if n < LEAST_ROWS:
        return Agreement(undefined(n, f"people and judge marked {n} rows in common; {LEAST_ROWS} are the least"), same)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, chance = float(np.trace(table)), float(rows @ columns)
    if chance >= 1.0:
        return Agreement(undefined(n, "people and judge always gave one and the same mark"), same)
    kappa = (observed - chance) / (1.0 - chance)
    crossed = rows[None, :] + columns[:, None]
    own = np.diag(table) @ (1.0 - (rows + columns) * (1.0 - kappa)) ** 2
    off = (1.0 - kappa) ** 2 * float(((table - np.diag(np.diag(table))) * crossed**2).sum())
    variance = (float(own) + off - (kappa - chance * (1.0 - kappa)) ** 2) / (n * (1.0 - chance) ** 2)
    return Agreement(normal(kappa, max(variance, 0.0) ** 0.5, n, least=-1.0, most=1.0), same)


def _error(values: Floats) -> float:
    return float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
