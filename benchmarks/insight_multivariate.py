"""What multivariate drift of 20,000 rows of 100 columns costs: the figure of the insight benchmark."""

import statistics
import time

import numpy as np
import pyarrow as pa

from aimon.insight.multivariate import multivariate_drift

ROWS, NUMBERS, CATEGORIES = 20_000, 70, 30


def multivariate_figures(seed: int, *, rounds: int = 3) -> dict[str, float]:
    """Seconds on the clock and of the processor for a day that drifted: the dear case, as columns are then named."""
    reference, current = _sample(seed, 0.0), _sample(seed + 1, 0.3)
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        found = multivariate_drift(reference, current, reference.column_names)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    if found.separation is None or not found.separation.carriers:
        raise RuntimeError("the drift was not found, so its dear part was not measured")
    return {
        "multivariate_s": statistics.median(walls),
        "multivariate_cpu_s": statistics.median(cpus),
        "multivariate_auc": found.separation.auc,
    }


def _sample(seed: int, shift: float) -> pa.Table:
    random = np.random.default_rng([seed, 43])
    numbers = {f"x{place}": random.normal(shift if place < 5 else 0.0, 1.0, ROWS) for place in range(NUMBERS)}
    letters = np.array(list("abcdefghij"))
    return pa.table(numbers | {f"c{place}": letters[random.integers(0, 10, ROWS)] for place in range(CATEGORIES)})
