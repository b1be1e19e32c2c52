"""Worlds with a known law, a model trained in it, and windows of shifted rows.

Every world is drawn from its seed. Models are a gradient boosting and a logistic regression that cannot see the bends
and interactions of the law, so their calibration breaks where rows shift.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import Columns, ModelSpec

Floats = NDArray[np.float64]
Rng = np.random.Generator

COLUMNS = 8
REGION = 3
TRAINED, POOL = 6_000, 60_000
NAMES = tuple(f"x{place}" for place in range(COLUMNS))
SPEC = ModelSpec(
    model="world",
    task="binary",
    columns=Columns(prediction="decision", score="score", label="label", features=NAMES, segments=("channel",)),
    positive=1,
    label_positive=1,
)

SHIFTS: Mapping[str, Callable[[Floats], Floats]] = {
    "one column moves": lambda x: x[:, 0],
    "two columns move": lambda x: 0.7 * (x[:, 1] - x[:, 2]),
    "other regions": lambda x: np.array([0.0, 1.0, 2.0, -1.0])[x[:, REGION].astype(int)],
    "more extreme rows": lambda x: 0.2 * (x[:, 0] ** 2 + x[:, 1] ** 2),
}
"""Covariate shifts: how much likelier a row is to be drawn, as a logarithm."""


def _far(x: Floats, hit: NDArray[np.bool_], _: Rng) -> None:
    x[hit, 6] += 9.0


def _new_region(x: Floats, hit: NDArray[np.bool_], _: Rng) -> None:
    x[hit, REGION] = 7


def _missing(x: Floats, hit: NDArray[np.bool_], _: Rng) -> None:
    x[hit, 5] = np.nan


def _impossible_pair(x: Floats, hit: NDArray[np.bool_], random: Rng) -> None:
    x[hit, 1] = 2.2 + 0.3 * random.normal(size=int(hit.sum()))
    x[hit, 2] = -2.2 + 0.3 * random.normal(size=int(hit.sum()))


BREAKS: Mapping[str, Callable[[Floats, NDArray[np.bool_], Rng], None]] = {
    "a column jumps out of its range": _far,
    "a region nobody knew": _new_region,
    "values go missing": _missing,
    "two columns meet where they never met": _impossible_pair,
}
"""Ways to send some rows where the reference has none."""


@dataclass(frozen=True)
class World:
    """A law, a model, its reference on a grid, and a pool of labelled rows that windows are drawn from."""

    grid: Grid
    reference: pa.Table
    baseline: Profile
    pool: Floats
    labels: Floats
    model: Any
    threshold: float

    def window(self, rows: int, random: Rng, shift: str | None = None) -> pa.Table:
        """Rows of the law itself, or of a covariate shift."""
        weight = np.zeros(len(self.pool)) if shift is None else SHIFTS[shift](self.pool)
        chance = np.exp(weight - weight.max())
        chosen = random.choice(len(self.pool), rows, replace=False, p=chance / chance.sum())
        return _table(self.pool[chosen], self.labels[chosen], self.model, self.threshold)

    def broken(self, rows: int, random: Rng, kind: str, share: float) -> pa.Table:
        """Rows of which a share lies where the reference has none."""
        chosen = random.choice(len(self.pool), rows, replace=False)
        x = self.pool[chosen].copy()
        BREAKS[kind](x, random.random(rows) < share, random)
        return _table(x, self.labels[chosen], self.model, self.threshold)

    def count(self, table: pa.Table) -> Profile:
        return count_all(self.grid, table)


def world(seed: int, *, linear: bool, reference_rows: int) -> World:
    """A world from its seed; `linear` models are logistic regressions."""
    random = np.random.default_rng([seed, 17])
    law = _law(random)
    model = _trained(random, law, linear=linear)
    x, y = _drawn(random, law, reference_rows)
    scores = model.predict_proba(np.nan_to_num(x))[:, 1]
    threshold = float(random.choice([0.5, np.quantile(scores, 0.8)]))
    reference = _table(x, y, model, threshold)
    grid = build_grid(SPEC, reference)
    pool, labels = _drawn(random, law, POOL)
    return World(grid, reference, count_all(grid, reference), pool, labels, model, threshold)


def _law(random: Rng) -> Callable[[Floats], Floats]:
    """The log-odds of the label: a line, a bend, an interaction, a wave and regions."""
    slopes = random.normal(size=COLUMNS) * 0.6
    slopes[REGION] = 0.0
    start, bend, pair, wave = random.normal() - 1.0, *random.normal(size=3) * 0.5
    regions = random.normal(size=4) * 0.5

    def log_odds(x: Floats) -> Floats:
        region = regions[x[:, REGION].astype(int)]
        curved = bend * (x[:, 0] ** 2 - 1.0) + pair * x[:, 1] * x[:, 2] + wave * np.sin(2.0 * x[:, 5])
        return start + x @ slopes + curved + region

    return log_odds


def _drawn(random: Rng, law: Callable[[Floats], Floats], rows: int) -> tuple[Floats, Floats]:
    x = random.normal(size=(rows, COLUMNS))
    x[:, 1] = 0.5 * x[:, 2] + 0.87 * x[:, 1]
    x[:, REGION] = random.integers(0, 4, rows)
    x[:, 4] = np.exp(0.7 * x[:, 4])
    return x, (random.random(rows) < 1.0 / (1.0 + np.exp(-law(x)))).astype(float)


def _trained(random: Rng, law: Callable[[Floats], Floats], *, linear: bool) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=500) if linear else HistGradientBoostingClassifier(max_iter=60, random_state=0)
    return model.fit(*_drawn(random, law, TRAINED))


def _table(x: Floats, y: Floats, model: Any, threshold: float) -> pa.Table:
    scores = model.predict_proba(np.nan_to_num(x))[:, 1]
    columns: dict[str, Any] = {name: x[:, place] for place, name in enumerate(NAMES)}
    columns[NAMES[REGION]] = np.array(["north", "east", "south", "west", *"????"])[x[:, REGION].astype(int)]
    channel = np.where(x[:, 6] > 0.5, "web", "branch")
    decision, label = (scores > threshold).astype(int), y.astype(int)
    return pa.table(columns | {"score": scores, "decision": decision, "label": label, "channel": channel})
