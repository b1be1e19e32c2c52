"""What coarse steps cost: every metric of the same rows, counted on the fine grid and on the one that is sealed.

Ten columns of different shapes, a reference, and days that moved by nothing up to half a standard deviation. The
figures are differences between two exact counts of the same rows, so nothing of them is chance of sealing.
"""

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.sealed.coarse import sealed_grid
from aimon.spec.model import Columns, ModelSpec
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Record

SPEC = ModelSpec(
    model="coarse",
    task="binary",
    columns=Columns(prediction="prediction", label="label", score="score", protected=("group",)),
    positive=1,
)
SHIFTS = (0.0, 0.05, 0.1, 0.2, 0.5)
TOLD = ("psi", "js", "ks", "wasserstein", "hellinger", "drift_score", "roc_auc", "ece", "accuracy",
        "demographic_parity_difference")  # fmt: skip
Key = tuple[str, object, object, object]


@dataclass
class Compared:
    """Of one metric: how far the coarse values are from the fine ones, and how many verdicts are the same."""

    values: list[float] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    same: list[bool] = field(default_factory=list)


def rows(random: np.random.Generator, n: int, shift: float) -> pa.Table:
    base = random.normal(shift, 1, (n, 4))
    score = 1 / (1 + np.exp(-(base[:, 0] + random.normal(0, 1, n))))
    columns: dict[str, object] = {
        "normal": base[:, 0],
        "lognormal": np.exp(base[:, 1]),
        "heavy": random.standard_t(3, n) + shift,
        "uniform": random.random(n) + shift * 0.29,
        "waiting": random.exponential(1 + shift, n),
        "two peaks": np.where(random.random(n) < 0.5, base[:, 2], base[:, 3] + 6),
        "age": np.clip(np.round(random.normal(45 + 15 * shift, 15, n)), 18, 95),
        "mostly zero": np.where(random.random(n) < 0.7 - shift / 5, 0.0, random.gamma(2, 10, n)),
        "town": random.choice([f"town {place}" for place in range(40)], n, p=_weights(shift)),
        "missing": np.where(random.random(n) < 0.05 + shift / 10, np.nan, base[:, 1]),
        "group": random.choice(["a", "b", "c"], n),
        "score": score,
        "prediction": (score > 0.5).astype(np.int64),
        "label": (random.random(n) < score).astype(np.int64),
    }
    return pa.table(columns)


def _weights(shift: float) -> list[float]:
    raw = 1 / np.arange(1, 41) ** (1 - shift / 2)
    return list(raw / raw.sum())


def compared(random: np.random.Generator, rounds: int) -> dict[str, Compared]:
    """Each metric over several days of each shift."""
    found: dict[str, Compared] = defaultdict(Compared)
    reference = rows(random, 50_000, 0.0)
    fine = build_grid(SPEC, reference)
    grids = (fine, sealed_grid(fine))
    for shift in SHIFTS:
        for _ in range(rounds):
            day = rows(random, 5_000, shift)
            both = [_by_key(evaluate(SPEC, grid, count_all(grid, reference), count_all(grid, day))) for grid in grids]
            for key in both[0].keys() & both[1].keys():
                one, other = both[0][key], both[1][key]
                if one.value is not None and other.value is not None:
                    metric = found[one.metric]
                    metric.values.append(one.value)
                    metric.apart.append(abs(one.value - other.value))
                    metric.same.append(one.verdict is other.verdict)
    return found


def _by_key(records: list[Record]) -> dict[Key, Record]:
    return {(each.metric, each.column, each.group, each.groups): each for each in records if each.segment is None}


def coarse_figures(random: np.random.Generator, rounds: int) -> dict[str, float]:
    found = compared(random, rounds)
    print(f"{'metric':<32} {'values':>7} {'median':>9} {'apart by':>9} {'at most':>9} {'same verdict':>13}")
    for name in TOLD:
        each = found[name]
        print(
            f"{name:<32} {len(each.apart):>7} {statistics.median(each.values):>9.4f} "
            f"{statistics.median(each.apart):>9.5f} {max(each.apart):>9.5f} {statistics.mean(each.same):>12.1%}"
        )
    same = [verdict for each in found.values() for verdict in each.same]
    figures = {"coarse_verdicts_same": statistics.mean(same), "coarse_verdicts": float(len(same))}
    for name in ("psi", "ks", "wasserstein"):
        figures[f"coarse_{name}_median_apart"] = statistics.median(found[name].apart)
        figures[f"coarse_{name}_most_apart"] = max(found[name].apart)
    return figures


if __name__ == "__main__":
    from benchmarks.measure import arguments

    asked = arguments(str(__doc__).partition("\n")[0])
    print(coarse_figures(np.random.default_rng(asked.seed), 1 if asked.quick else 5))
