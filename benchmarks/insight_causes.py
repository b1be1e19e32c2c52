"""Planted root causes among innocent drift: does the column that cost the performance rank first?"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from aimon.insight.faults import data_faults
from aimon.insight.rootcause import RootCauses, root_causes
from aimon.insight.rootcause_model import Answer, Answers
from aimon.insight.sample_columns import Column, encoded
from benchmarks.insight_population import Population, Rng, Rows, draw_rows, logit, population, sigmoid, table

ROWS = 20_000
LEAST_RISE = 0.008
LESS_THAN = 0.5
FAULTS = ("unit", "nulls", "stale", "sign", "renamed", "harder")
"""Modes that samples can tell without labels; with labels also those that leave the column's values as they were."""
LABELLED_ONLY = ("shuffled", "concept")


@dataclass(frozen=True)
class Caused:
    """Two samples, the column that was broken and the three that merely drifted."""

    reference: pa.Table
    current: pa.Table
    features: list[str]
    mode: str
    guilty: str
    innocent: tuple[str, ...]


def plant_cause(seed: int, mode: str, rows: int = ROWS) -> Caused:
    """Populations are drawn until the planted fault costs something, and twice what the innocent drift costs."""
    for attempt in range(200):
        rng = np.random.default_rng([seed, 42, attempt])
        made = population(1_000 * seed + attempt)
        reference, world = draw_rows(made, rng, rows), draw_rows(made, rng, rows)
        guilty = _guilty(made, mode, rng)
        if guilty is None:
            continue
        calm = _brier(made, world, world)
        innocent = _drifted(made, world, guilty, rng)
        drifted = _brier(made, world, world)
        seen, truth = _broken(made, world, guilty, mode, rng)
        rise = _brier(made, seen, truth) - drifted
        if rise >= LEAST_RISE and drifted - calm <= LESS_THAN * rise:
            return Caused(
                table(made, reference, rng), table(made, seen, rng, truth), made.features, mode, guilty, innocent
            )
    raise RuntimeError(f"no case of {mode} was drawn in which the fault costs enough")


def explain(case: Caused, seed: int = 0, *, labels: bool = True) -> RootCauses:
    columns = encoded(case.reference, case.current, case.features)
    both = pa.concat_tables([case.reference, case.current])
    truth = both["label"].to_numpy().astype(float)
    if not labels:
        truth[case.reference.num_rows :] = np.nan
    answers = Answers(Answer.PROBABILITY, both["score"].to_numpy(), truth)
    found = root_causes(columns, answers, data_faults(case.reference, case.current, case.features), seed=seed)
    if found is None:
        raise RuntimeError("too few rows for a root cause")
    return found


def cause_figures(seed: int, *, cases: int = 20, rows: int = ROWS) -> dict[str, float]:
    """How often the guilty column ranks first: with labels, without them, and by drift alone."""
    realised, seconds, by_drift = 0, [], 0
    for number in range(cases):
        mode = (*FAULTS, *LABELLED_ONLY)[number % (len(FAULTS) + len(LABELLED_ONLY))]
        case = plant_cause(1_000 * seed + number, mode, rows)
        start = time.perf_counter()
        realised += explain(case, number).causes[0].column == case.guilty
        seconds.append(time.perf_counter() - start)
        by_drift += _most_drifted(encoded(case.reference, case.current, case.features)) == case.guilty
    estimated = 0
    for number in range(cases):
        case = plant_cause(1_000 * seed + 500 + number, FAULTS[number % len(FAULTS)], rows)
        estimated += explain(case, number, labels=False).causes[0].column == case.guilty
    return {
        "root_cause_cases": cases,
        "root_cause_first": realised,
        "root_cause_first_without_labels": estimated,
        "root_cause_first_by_drift": by_drift,
        "root_cause_s": float(np.median(seconds)),
    }


def _guilty(made: Population, mode: str, rng: Rng) -> str | None:
    numeric = mode != "renamed"
    fitting = [name for name in made.used if (name in made.numbers) == numeric]
    return str(rng.choice(fitting)) if fitting else None


def _drifted(made: Population, rows: Rows, guilty: str, rng: Rng) -> tuple[str, ...]:
    """Three columns drift, and the world with them: two that the model does not use, strongly, one that it does."""
    unused = [name for name in [*made.numbers, *made.categories] if name not in made.used]
    used = [name for name in made.used if name != guilty]
    chosen = (*rng.choice(unused, 2, replace=False).tolist(), str(rng.choice(used)))
    for name, size in zip(chosen, (rng.uniform(1.0, 2.5), rng.uniform(1.0, 2.5), rng.uniform(0.3, 0.8)), strict=True):
        if name in made.numbers:
            rows[name] = rows[name] + rng.choice([-1, 1]) * size * np.nanstd(rows[name])
        else:
            common = rng.choice(np.unique(rows[name]))
            rows[name] = np.where(rng.random(len(rows[name])) < size / 4, common, rows[name])
    return chosen


def _broken(made: Population, world: Rows, guilty: str, mode: str, rng: Rng) -> tuple[Rows, Rows]:
    """What the model sees, and what the world goes by."""
    values = world[guilty]
    if mode == "harder":
        moved = {**world, guilty: _harder(made, world, guilty)}
        return moved, moved
    if mode == "concept":
        spread = np.nanstd(values)
        shifted = {**world, guilty: values + 0.3 * spread}
        return shifted, {**shifted, guilty: 2 * np.nanmedian(values) - values}
    return {**world, guilty: DAMAGES[mode](values, rng)}, world


DAMAGES: dict[str, Callable[[np.ndarray, Rng], np.ndarray]] = {
    "unit": lambda x, rng: x * rng.choice([100.0, 1_000.0, 0.01, 1.609344]),
    "nulls": lambda x, rng: np.where(rng.random(len(x)) < rng.uniform(0.4, 0.9), np.nan, x),
    "stale": lambda x, rng: np.where(rng.random(len(x)) < rng.uniform(0.6, 1.0), np.nanmedian(x), x),
    "sign": lambda x, _: -x,
    "renamed": lambda x, _: np.char.upper(x),
    "shuffled": lambda x, rng: rng.permutation(x),
}


def _harder(made: Population, world: Rows, guilty: str) -> np.ndarray:
    """The way in which the answers become less certain."""
    values = world[guilty]
    moved = [values + way * np.nanstd(values) for way in (-1.5, 1.5)]
    return max(moved, key=lambda each: _brier(made, {**world, guilty: each}, {**world, guilty: each}))


def _brier(made: Population, seen: Rows, truth: Rows) -> float:
    """The expected Brier score of the model on what it sees, where labels follow the truth."""
    score, chance = sigmoid(logit(made, seen)), sigmoid(logit(made, truth))
    return float(np.mean((score - chance) ** 2 + chance * (1 - chance)))


def _most_drifted(columns: list[Column]) -> str:
    """The column of the largest PSI: what an alarm count would blame."""

    def psi(column: Column) -> float:
        if column.labels is None:
            edges = np.nanquantile(column.reference, np.linspace(0, 1, 11)[1:-1])
            parts = [
                np.where(np.isnan(x), 10, np.searchsorted(edges, x, "right"))
                for x in (column.reference, column.current)
            ]
            size = 11
        else:
            parts, size = [column.reference.astype(int), column.current.astype(int)], len(column.labels)
        p, q = ((np.bincount(x.astype(int), minlength=size) + 0.5) / (len(x) + 0.5 * size) for x in parts)
        return float(((q - p) * np.log(q / p)).sum())

    return max(columns, key=psi).name
