"""How often data without drift raises an alarm, and how often a real shift does.

A window is 30 columns, judged as in production. Sizes, categories and tails vary; nothing drifts. Counts are drawn as
the multinomial that counting independent rows on the grid gives, so that a million rows cost what a hundred do.
Evidently's defaults judge some of the same grid, where the peers' environment is at hand.
"""

import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Record, Verdict
from benchmarks.measure import arguments, report

COLUMNS = 30
EQUAL = (100, 300, 1_000, 10_000, 100_000, 1_000_000)
UNEQUAL = ((5_000, 500), (500, 5_000), (5_000, 1_000), (1_000_000, 1_000), (1_000, 1_000_000))
SHIFT = 0.5
REFERENCE = 5_000
POWER_SIZES = ((500, 500), (1_000, 1_000), (REFERENCE, 500), (REFERENCE, 1_000), (REFERENCE, 10_000))
SIZES = (*((n, n) for n in EQUAL), *UNEQUAL)
PEERS = Path(__file__).parents[1] / ".venv-peers" / "bin" / "python"
PEER_ROUNDS = 20
PEER_CELLS = (("normal", 500, 500), ("normal", 1_000, 1_000), ("normal", 5_000, 500), ("uniform 20", 500, 500))

Law = NDArray[np.float64]


@dataclass(frozen=True)
class ColumnKind:
    """A kind of column: its axis, and the probability of each of the axis's cells, shifted or not."""

    axis: NumericAxis | CategoryAxis
    law: Callable[[float], Law]


def numeric(cdf: Callable[[NDArray[np.float64]], NDArray[np.float64]], center: float, scale: float) -> ColumnKind:
    """Numbers of this law; a shift is in units of a standard normal's deviation, in the column's unit."""
    axis = NumericAxis(center=center, scale=scale)

    def law(shift: float) -> Law:
        below = cdf(axis.edges - shift)
        return np.concatenate([np.diff(below), np.zeros(axis.size - axis.steps)])

    return ColumnKind(axis, law)


def categories(weights: NDArray[np.float64]) -> ColumnKind:
    """Categories of these weights, most frequent first, all named."""
    axis = CategoryAxis(values=tuple(f"c{place}" for place in range(len(weights))))
    return ColumnKind(axis, lambda _: np.concatenate([weights / weights.sum(), np.zeros(3)]))


def kinds() -> dict[str, ColumnKind]:
    """Every kind of column, by name."""
    from scipy.stats import cauchy, lognorm, norm

    ranks = np.arange(1.0, 101.0)
    zeros = 0.6

    def inflated(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(x > 0, zeros + (1.0 - zeros) * lognorm.cdf(x, 1.0), 0.0)

    return {
        "uniform 3": categories(np.ones(3)),
        "uniform 20": categories(np.ones(20)),
        "uniform 100": categories(np.ones(100)),
        "zipf 100": categories(1.0 / ranks),
        "normal": numeric(norm.cdf, 0.0, 1.349),
        "cauchy": numeric(cauchy.cdf, 0.0, 2.0),
        "lognormal": numeric(lambda x: lognorm.cdf(x, 1.5), 1.0, 2.39),
        "zero-inflated": numeric(inflated, 0.0, 1.0),
    }


class Window:
    """One model of 30 columns of some kinds, and windows of it."""

    def __init__(self, mixed: Mapping[str, ColumnKind]) -> None:
        order = list(mixed.values())
        self.columns = {f"x{place}": order[place % len(order)] for place in range(COLUMNS)}
        uniform = ProbabilityAxis()
        self.laws = {kind: each.law(0.0) for kind, each in mixed.items()}
        self.laws = {name: self.laws[list(mixed)[place % len(order)]] for place, name in enumerate(self.columns)}
        self.laws |= {"y": np.array([0.7, 0.3, 0.0, 0.0, 0.0])}
        self.laws |= {"s": np.concatenate([np.diff(uniform.edges), np.zeros(uniform.size - uniform.steps)])}
        self.spec = ModelSpec(model="bench", task=Task.BINARY, columns=Columns(prediction="y", score="s"))

    def draw(self, rows: int, random: np.random.Generator, shift: float = 0.0) -> dict[TableKey, NDArray[np.int64]]:
        """The counts of some rows; a shift moves the first column only."""
        laws = self.laws if shift == 0.0 else self.laws | {"x0": self.columns["x0"].law(shift)}
        tables = {TableKey(f"column:{name}"): random.multinomial(rows, law / law.sum()) for name, law in laws.items()}
        return {TableKey("rows"): np.array([rows]), **tables}

    def grid(self, reference: Mapping[TableKey, NDArray[np.int64]]) -> Grid:
        """The grid that this reference freezes: its range, and the categories that it has, most frequent first."""
        axes = {name: _ranged(kind.axis, reference[TableKey(f"column:{name}")]) for name, kind in self.columns.items()}
        kinds_ = {
            name: Kind.NUMERIC if isinstance(axis, NumericAxis) else Kind.CATEGORICAL for name, axis in axes.items()
        }
        return Grid(
            task=Task.BINARY,
            axes={**axes, "y": CategoryAxis(values=("0", "1")), "s": ProbabilityAxis()},
            kinds={**kinds_, "y": Kind.CATEGORICAL, "s": Kind.NUMERIC},
            prediction="y",
            score="s",
            features=tuple(axes),
            positive=("1",),
        )

    def judge(self, n: int, m: int, random: np.random.Generator, shift: float = 0.0) -> list[Record]:
        """Draw a reference and a window, and judge it."""
        before, after = self.draw(n, random), self.draw(m, random, shift)
        grid = self.grid(before)
        for name, axis in grid.axes.items():
            key = TableKey(f"column:{name}")
            if isinstance(axis, CategoryAxis) and name in self.columns:
                before[key], after[key] = (_renamed(side[key], before[key] > 0) for side in (before, after))
        return evaluate(self.spec, grid, Profile(grid.id, before), Profile(grid.id, after))


def _ranged(axis: NumericAxis | CategoryAxis, counts: NDArray[np.int64]) -> NumericAxis | CategoryAxis:
    if isinstance(axis, CategoryAxis):
        known = counts[: len(axis.values)] > 0
        return CategoryAxis(values=tuple(value for value, has in zip(axis.values, known, strict=True) if has))
    occupied = np.flatnonzero(counts[: axis.steps])
    middles = np.clip((axis.edges[:-1] + axis.edges[1:]) / 2.0, axis.edges[1], axis.edges[-2])
    return axis.model_copy(update={"low": float(middles[occupied[0]]), "high": float(middles[occupied[-1]])})


def _renamed(counts: NDArray[np.int64], known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The counts on the reference's own categories: what it never had is unseen."""
    named = counts[:-3]
    return np.concatenate([named[known[:-3]], [0, named[~known[:-3]].sum(), 0]])


@dataclass(frozen=True)
class Cell:
    """What one cell of the grid showed: the share of windows with any alarm, and of drift tests without a verdict."""

    alarms: float
    insufficient: float


def cell(window: Window, n: int, m: int, rounds: int, random: np.random.Generator) -> Cell:
    """Judge some windows in which nothing drifts."""
    alarms, insufficient = [], []
    for _ in range(rounds):
        records = window.judge(n, m, random)
        alarms.append(any(record.verdict.alarms for record in records))
        insufficient += [r.verdict is Verdict.INSUFFICIENT for r in records if r.metric == "psi"]
    return Cell(float(np.mean(alarms)), float(np.mean(insufficient)))


def power(window: Window, n: int, m: int, rounds: int, random: np.random.Generator) -> float:
    """How often one shifted column among thirty is found."""
    found = []
    for _ in range(rounds):
        records = window.judge(n, m, random, SHIFT)
        found += [r.verdict.alarms for r in records if r.metric == "psi" and r.column == "x0"]
    return float(np.mean(found))


def peers(rounds: int, seed: int) -> dict[str, float]:
    """The share of driftless windows in which Evidently's defaults call at least one column drifted."""
    if not PEERS.exists():
        print(f"{PEERS} is not there, so Evidently is left out")
        return {}
    shares = {}
    for kind, n, m in PEER_CELLS:
        asked = [kind, str(n), str(m), str(rounds), str(seed)]
        script = Path(__file__).with_name("evidently_alarms.py")
        done = subprocess.run([PEERS, "-W", "ignore", script, *asked], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"Evidently failed on {kind}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            continue
        share = float(done.stdout.split()[-1])
        print(f"Evidently's defaults, {kind:<14} {n:>9,} {m:>9,}  alarms {share:6.1%}")
        shares[f"evidently_alarm_share_{kind.replace(' ', '_')}_{n}_{m}"] = share
    return shares


def main() -> None:
    asked = arguments(__doc__ or "")
    rounds = 10 if asked.quick else 300
    every = kinds()
    mixed = {"mixed": dict(every)} | {name: {name: kind} for name, kind in every.items()}
    cells: dict[tuple[str, int, int], Cell] = {}
    print(f"{'columns':<14} {'reference':>9} {'window':>9}  {'alarms':>7} {'insufficient':>12}")
    for (name, several), (n, m) in product(mixed.items(), SIZES):
        random = np.random.default_rng([asked.seed, zlib.crc32(name.encode()), n, m])
        done = cells[name, n, m] = cell(Window(several), n, m, rounds, random)
        print(f"{name:<14} {n:>9,} {m:>9,}  {done.alarms:7.1%} {done.insufficient:12.1%}", flush=True)
    normal, powers = Window({"normal": every["normal"]}), {}
    for n, m in POWER_SIZES:
        random = np.random.default_rng([asked.seed, n, m])
        powers[n, m] = power(normal, n, m, 10 * rounds if asked.quick else rounds, random)
        print(f"{SHIFT} standard deviations among {COLUMNS} columns, {n:,} against {m:,}: found in {powers[n, m]:.1%}")
    figures = {
        "worst_alarm_share": max(done.alarms for done in cells.values()),
        "mean_alarm_share": float(np.mean([done.alarms for done in cells.values()])),
        "worst_power_1000": min(found for (n, m), found in powers.items() if n == REFERENCE and m >= 1_000),
        "worst_insufficient_1000": max(d.insufficient for (_, n, m), d in cells.items() if min(n, m) >= 1_000),
        "power_5000_500": powers[REFERENCE, 500],
        "power_500_500": powers[500, 500],
        "windows_per_cell": rounds,
    }
    report("false_alarms", figures | ({} if asked.quick else peers(PEER_ROUNDS, asked.seed)))


if __name__ == "__main__":
    main()
