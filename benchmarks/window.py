"""Drift, fairness and performance of 30 days x 100 columns, from stored profiles: reading, adding up and judging.

Days of a million and of ten million rows are drawn as the counts that counting such rows gives, consistent between
tables, and written to a lake. The time must not depend on the rows.
"""

import statistics
import tempfile
import time
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from aimon.lake.lake import Lake
from aimon.profile.axis import Axis, CategoryAxis, NumericAxis, ProbabilityAxis, folding
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.profile.store import ProfileStore
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Family
from benchmarks.measure import arguments, report

DAYS = 30
NUMBERS, CATEGORIES = 88, 9
ROWS = 1_000_000
FIRST = date(2026, 3, 1)
GROUPS = CategoryAxis(values=("a", "b", "c"))
CLASSES = CategoryAxis(values=("0", "1"))
SCORE = ProbabilityAxis()
NAMED = CategoryAxis(values=tuple(f"value {place}" for place in range(20)))

Law = NDArray[np.float64]


def the_grid() -> Grid:
    numbers = {f"number {place}": NumericAxis(center=0.0, scale=1.35, low=-5.0, high=5.0) for place in range(NUMBERS)}
    categories = {f"category {place}": NAMED for place in range(CATEGORIES)}
    axes: dict[str, Axis] = {
        **numbers,
        **categories,
        "group": GROUPS,
        "score": SCORE,
        "decision": CLASSES,
        "truth": CLASSES,
    }
    kinds = {name: Kind.CATEGORICAL if isinstance(axis, CategoryAxis) else Kind.NUMERIC for name, axis in axes.items()}
    return Grid(
        task=Task.BINARY,
        axes=axes,
        kinds=kinds,
        prediction="decision",
        score="score",
        label="truth",
        features=(*numbers, *categories),
        protected=("group",),
        positive=("1",),
        label_positive=("1",),
    )


def spec_of(grid: Grid) -> ModelSpec:
    columns = Columns(
        prediction="decision", score="score", label="truth", features=grid.features, protected=grid.protected
    )
    return ModelSpec(model="benchmark", task=Task.BINARY, columns=columns, positive=1)


def laws() -> tuple[Law, Law]:
    """The probability of each step of a standard normal number, and of each (group, step of the score, label)."""
    from scipy.stats import beta, norm

    number = np.diff(norm.cdf(NumericAxis(center=0.0, scale=1.35).edges))
    steps = np.diff(beta.cdf(SCORE.edges, 2, 5))
    truth = np.stack([1.0 - SCORE.places, SCORE.places], axis=-1)
    joint = np.array([0.5, 0.3, 0.2])[:, None, None] * steps[:, None] * truth
    return number / number.sum(), joint / joint.sum()


def drawn(random: np.random.Generator, grid: Grid, rows: int, number: Law, joint: Law) -> Profile:
    """The profile of rows that follow the laws."""
    cells = random.multinomial(rows, joint.ravel()).reshape(joint.shape)
    selected = (SCORE.places >= 0.5).astype(np.int64)
    outcome = np.zeros((3, 2, 2), np.int64)
    np.add.at(outcome.transpose(1, 0, 2), selected, cells.transpose(1, 0, 2))
    coarse = np.zeros((3, SCORE.coarse().size, 2), np.int64)
    np.add.at(coarse.transpose(1, 0, 2), folding(SCORE)[: SCORE.steps], cells.transpose(1, 0, 2))
    padded = {
        "rows": np.array([rows]),
        "column:group": np.pad(cells.sum(axis=(1, 2)), (0, 3)),
        "column:score": np.pad(cells.sum(axis=(0, 2)), (0, 4)),
        "column:decision": np.pad(outcome.sum(axis=(0, 2)), (0, 3)),
        "selection:group": np.pad(outcome.sum(axis=2), ((0, 3), (0, 1))),
        "labelled": np.array([rows, 0]),
        "label": np.pad(outcome.sum(axis=(0, 1)), (0, 3)),
        "confusion": outcome.sum(axis=0),
        "outcome:group": np.pad(outcome, ((0, 3), (0, 0), (0, 0))),
        "score_label": np.pad(cells.sum(axis=0), ((0, 4), (0, 0))),
        "score_label:group": np.pad(coarse, ((0, 3), (0, 0), (0, 0))),
    }
    for name in grid.features:
        law = np.full(20, 0.05) if name.startswith("category") else number
        padded[f"column:{name}"] = np.pad(random.multinomial(rows, law), (0, 3 if name.startswith("category") else 5))
    return Profile(grid.id, {TableKey(name): counts.astype(np.int64) for name, counts in padded.items()})


def main() -> None:
    asked = arguments(str(__doc__).partition("\n")[0])
    random, grid, (number, joint) = np.random.default_rng(asked.seed), the_grid(), laws()
    spec, baseline = spec_of(grid), drawn(random, grid, ROWS, number, joint)
    models = {"window_ms": ROWS, "window_ms_10x_rows": 10 * ROWS}
    with tempfile.TemporaryDirectory(prefix="aimon-benchmark-") as folder:
        profiles = ProfileStore(Lake(folder))
        for model, rows in models.items():
            for place in range(DAYS):
                profiles.write_day(
                    model, "1", FIRST + timedelta(days=place), {0: drawn(random, grid, rows, number, joint)}
                )
        taken: dict[str, list[float]] = {name: [] for model in models for name in (model, f"{model}_read")}
        families: set[Family] = set()
        for turn in range(6 if asked.quick else 16):
            for model in models:
                start = time.perf_counter()
                window = profiles.window(model, FIRST, days=DAYS, grid_id=grid.id)
                read = time.perf_counter()
                records = evaluate(spec, grid, baseline, window)
                end = time.perf_counter()
                families |= {record.family for record in records}
                if turn > 0:  # the first one imports and warms up
                    taken[model].append((end - start) * 1e3)
                    taken[f"{model}_read"].append((read - start) * 1e3)
    if not {Family.DRIFT, Family.FAIRNESS, Family.PERFORMANCE} <= families:
        raise RuntimeError(f"only {sorted(families)} were judged")
    figures = {name: statistics.median(times) for name, times in taken.items()}
    report("window", {**figures, "columns": len(list(grid.columns)), "records": len(records)})


if __name__ == "__main__":
    main()
