"""A made-up population for the insight benchmark: 50 related columns, a model that scores them, and labels.

Every population is another: which columns there are, how they hang together and what the model uses come from the seed.
Numbers are skewed, rounded, bounded and missing as in life; the model errs more in some places than in others.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

NUMBERS, CATEGORIES, FLAGS = 27, 15, 6
FACTORS = 6
USED = 10
LETTERS = np.array([f"value {letter}" for letter in "abcdefghijkl"])
Floats = NDArray[np.float64]
Rng = np.random.Generator
Rows = dict[str, NDArray]


@dataclass(frozen=True)
class Population:
    """How columns are drawn (`loadings` on common factors, then a shape each) and what the model makes of them."""

    loadings: Floats
    shapes: tuple[int, ...]
    shares: tuple[Floats, ...]
    flag_shares: Floats
    used: tuple[str, ...]
    weights: Floats
    effects: Floats

    @property
    def numbers(self) -> list[str]:
        return [f"number_{place:02}" for place in range(NUMBERS)]

    @property
    def categories(self) -> list[str]:
        return [f"category_{place:02}" for place in range(CATEGORIES)]

    @property
    def features(self) -> list[str]:
        return [*self.numbers, *self.categories, *(f"flag_{place}" for place in range(FLAGS)), "sex", "race"]


def population(seed: int) -> Population:
    rng = np.random.default_rng([seed, 40])
    size = (FACTORS, NUMBERS + CATEGORIES)
    loadings = rng.normal(size=size) * (rng.random(size) < 0.3)
    shares = tuple(rng.dirichlet(np.full(int(rng.integers(2, 12)), 1.5)) for _ in range(CATEGORIES))
    names = [f"number_{place:02}" for place in range(NUMBERS)] + [f"category_{place:02}" for place in range(CATEGORIES)]
    return Population(
        loadings=loadings / np.sqrt((loadings**2).sum(axis=0) + 1.0),
        shapes=tuple(rng.integers(len(SHAPES), size=NUMBERS).tolist()),
        shares=shares,
        flag_shares=rng.uniform(0.1, 0.6, FLAGS),
        used=tuple(names[place] for place in rng.permutation(len(names))[:USED]),
        weights=rng.choice([-1.0, 1.0], USED) * rng.uniform(0.5, 1.0, USED),
        effects=np.hstack([rng.normal(size=(USED, len(LETTERS))), np.zeros((USED, 1))]),
    )


def draw_rows(made: Population, rng: Rng, n: int) -> Rows:
    """Feature values of n independent rows: numbers as floats with NaN, categories as text."""
    own = np.sqrt(np.maximum(1.0 - (made.loadings**2).sum(axis=0), 0.0))
    latent = rng.normal(size=(n, FACTORS)) @ made.loadings + own * rng.normal(size=(n, len(own)))
    rows: Rows = {}
    for place, name in enumerate(made.numbers):
        rows[name] = SHAPES[made.shapes[place]].drawn(latent[:, place], rng)
    for place, name in enumerate(made.categories):
        rows[name] = _named(latent[:, NUMBERS + place], made.shares[place])
    for place, share in enumerate(made.flag_shares):
        rows[f"flag_{place}"] = np.where(rng.random(n) < share, "yes", "no")
    rows["sex"] = rng.choice(["female", "male"], n, p=[0.48, 0.52])
    rows["race"] = rng.choice(["a", "b", "c", "d"], n, p=[0.5, 0.25, 0.15, 0.1])
    return rows


def logit(made: Population, rows: Rows) -> Floats:
    """The log-odds that the model gives. Like a tree, it takes nothing for larger than the largest it knows."""
    terms = [
        weight * (_scaled(made, name, rows[name]) if name in made.numbers else effects[_codes(rows[name])])
        for name, weight, effects in zip(made.used, made.weights, made.effects, strict=True)
    ]
    return np.sum(terms, axis=0) + 0.3 * terms[0] * terms[1]


def table(made: Population, rows: Rows, rng: Rng, truth: Rows | None = None) -> pa.Table:
    """The rows with score, prediction and label: the model goes by `rows`, the world by the `truth` behind them."""
    score = sigmoid(logit(made, rows))
    label = rng.random(len(score)) < sigmoid(logit(made, truth or rows) + 0.3 * rng.normal(size=len(score)))
    columns = {name: arrow(values) for name, values in rows.items()}
    outcome = {"score": np.round(score, 5), "prediction": (score >= 0.5).astype(int), "label": label.astype(int)}
    return pa.table({**columns, **outcome})


def sigmoid(x: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-x))


def arrow(values: NDArray) -> pa.Array:
    return pa.array(values, mask=np.isnan(values)) if values.dtype.kind == "f" else pa.array(values)


@dataclass(frozen=True)
class Shape:
    """A marginal: how a normal latent becomes a value, and back."""

    centre: float
    scale: float
    kind: str

    def drawn(self, z: Floats, rng: Rng) -> Floats:
        x = self.centre + self.scale * z
        if self.kind == "money":
            return np.round(np.exp(x), 2)
        if self.kind == "years":
            return np.round(np.clip(x, 18, 95))
        if self.kind == "share":
            return sigmoid(x)
        return np.where(rng.random(len(z)) < 0.06, np.nan, x) if self.kind == "gaps" else x

    def scaled(self, values: Floats) -> Floats:
        x = np.nan_to_num(values, nan=self.centre)
        if self.kind == "money":
            x = np.where(np.isnan(values), self.centre, np.log(np.maximum(x, 1e-3)))
        if self.kind == "share":
            x = np.where(np.isnan(values), self.centre, np.log(np.clip(x, 1e-3, 0.999) / (1 - np.clip(x, 1e-3, 0.999))))
        return np.clip((x - self.centre) / self.scale, -3.0, 3.0)


SHAPES = (
    Shape(50.0, 10.0, "plain"),
    Shape(3.0, 0.8, "money"),
    Shape(42.0, 14.0, "years"),
    Shape(-0.5, 1.2, "share"),
    Shape(10.0, 0.5, "money"),
    Shape(0.0, 3.0, "gaps"),
)


def _scaled(made: Population, name: str, values: Floats) -> Floats:
    return SHAPES[made.shapes[int(name[-2:])]].scaled(values)


def _named(z: Floats, shares: Floats) -> NDArray:
    from scipy.special import ndtr

    return LETTERS[np.searchsorted(np.cumsum(shares)[:-1], ndtr(z))]


def _codes(values: NDArray) -> NDArray[np.int64]:
    """The place of each value among the known ones; an unknown one has the place after the last: it has no effect."""
    places = np.minimum(np.searchsorted(LETTERS, values), len(LETTERS) - 1)
    return np.where(LETTERS[places] == values, places, len(LETTERS))
