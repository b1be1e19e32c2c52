"""Estimates without labels, and change points of daily series: figures of the insight benchmark.

`estimate_figures` and `change_point_figures` give them; nothing is printed here.
"""

import json
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from aimon.insight.changepoints import change_points
from aimon.insight.estimate import PerformanceEstimator
from aimon.insight.estimate_rows import evidence
from aimon.insight.support import support
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.performance import performance
from benchmarks.insight_daily_series import DailySeries, daily_series, f1, score
from benchmarks.insight_worlds import BREAKS, SHIFTS, World, world

ROOT = Path(__file__).parents[1]
PEER, PEER_LOCK = ROOT / ".venv-ruptures", ROOT / "locks" / "bench-series.txt"
CHECKED = ("accuracy", "roc_auc")
START = date(2025, 1, 1)
LEAST_BROKEN, MOST_BROKEN = 0.1, 0.4


def figures(*, quick: bool, seed: int) -> dict[str, float]:
    """Everything below, of the size that the run has time for."""
    return estimate_figures(quick=quick, seed=seed) | change_point_figures(quick=quick, seed=seed)


def estimate_figures(*, quick: bool, seed: int) -> dict[str, float]:
    """How often realised values lay in the intervals, and how often broken support was seen."""
    worlds, rounds, reference_rows = (2, 1, 6_000) if quick else (10, 3, 20_000)
    inside: dict[str, list[bool]] = {name: [] for name in CHECKED}
    errors: dict[str, list[float]] = {name: [] for name in CHECKED}
    given, refused, false, taken = [], [], [], []
    for number in range(worlds):
        made = world(seed + 1_000 * number, linear=number % 2 == 0, reference_rows=reference_rows)
        random = np.random.default_rng([seed, number, 3])
        for rows in (2_000, 5_000) * rounds:
            for shift in SHIFTS:
                found, seconds = _estimated(made, table := made.window(rows, random, shift))
                taken.append(seconds)
                real = {each.metric: each.value for each in performance(made.grid, made.baseline, made.count(table))}
                for name in CHECKED:
                    each = found[f"estimated_{name}"]
                    given.append(each.value is not None)
                    inside[name].append(_holds(each, real[name]))
                    errors[name].append(abs((each.value or 0.0) - (real[name] or 0.0)))
            false.append(_unsupported(_estimated(made, made.window(rows, random))[0]))
            for kind in BREAKS:
                share = random.uniform(LEAST_BROKEN, MOST_BROKEN)
                refused.append(_unsupported(_estimated(made, made.broken(rows, random, kind, share))[0]))
    return {
        "estimate_in_interval": float(np.mean([*inside["accuracy"], *inside["roc_auc"]])),
        **{f"estimate_{name}_in_interval": float(np.mean(inside[name])) for name in CHECKED},
        **{f"estimate_{name}_error": float(np.mean(errors[name])) for name in CHECKED},
        "estimate_given": float(np.mean(given)),
        "estimate_windows": float(len(given) / len(CHECKED)),
        "unsupported_recall": float(np.mean(refused)),
        "unsupported_windows": float(len(refused)),
        "unsupported_false": float(np.mean(false)),
        "estimate_window_s": float(np.median(taken)),
        **({} if quick else {"support_100_columns_s": support_seconds(seed)}),
    }


def support_seconds(seed: int) -> float:
    """Wall time of the support of 20,000 rows of 100 columns a side."""
    random = np.random.default_rng(seed)
    sides = [pa.table({f"x{i}": random.normal(size=20_000) for i in range(100)}) for _ in range(2)]
    start = time.perf_counter()
    support(sides[0], sides[1], sides[0].column_names)
    return time.perf_counter() - start


def change_point_figures(*, quick: bool, seed: int) -> dict[str, float]:
    """F1 with a margin of five days on as many stable as changing series, beside ADWIN's and that of `ruptures`."""
    sets = 1 if quick else 10
    series = [each for number in range(sets) for each in daily_series(seed + 1_000 * number, 30, 30)]
    stable = [not each.changes for each in series]
    start = time.perf_counter()
    found = [_changes(each) for each in series]
    seconds = (time.perf_counter() - start) / len(series)
    hits, wrong, missed = score(found, series)
    return {
        "change_point_f1": f1(hits, wrong, missed),
        "change_point_precision": hits / max(1, hits + wrong),
        "change_point_recall": hits / max(1, hits + missed),
        "change_point_stable_alarms": float(sum(bool(days) for days, calm in zip(found, stable, strict=True) if calm)),
        "change_point_stable_series": float(sum(stable)),
        "change_point_ms": 1_000.0 * seconds,
        "adwin_f1": max(
            f1(*score([_adwin(each, way) for each in series], series)) for way in ("raw", "range", "standard")
        ),
        **_ruptures(series),
    }


def _estimated(made: World, table: pa.Table) -> tuple[dict[str, Estimate], float]:
    start = time.perf_counter()
    current = made.count(table)
    found = PerformanceEstimator(made.grid, made.baseline, current, evidence(made.grid, made.reference, table))
    return {each.metric: each for each in found.estimates()}, time.perf_counter() - start


def _holds(estimate: Estimate, real: float | None) -> bool:
    return None not in (estimate.low, estimate.high, real) and estimate.low <= real <= estimate.high  # type: ignore[operator]


def _unsupported(found: dict[str, Estimate]) -> bool:
    """Whether every estimate was refused because of its assumptions."""
    return all(found[f"estimated_{name}"].obstacle is Obstacle.ASSUMPTION for name in CHECKED)


def _changes(series: DailySeries) -> list[int]:
    points = ((START + timedelta(day), float(value)) for day, value in enumerate(series.values))
    return [(change.day - START).days for change in change_points(points)]


def _adwin(series: DailySeries, way: str) -> list[int]:
    """The days on which ADWIN with its defaults reports a drift, its input raw, scaled to [0, 1] or standardised."""
    from river.drift import ADWIN

    days = np.flatnonzero(np.isfinite(series.values))
    values = series.values[days]
    if way == "range":
        values = (values - values.min()) / np.ptp(values)
    if way == "standard":
        values = (values - values.mean()) / values.std()
    detector, found = ADWIN(), []
    for day, value in zip(days.tolist(), values.tolist(), strict=True):
        detector.update(value)
        if detector.drift_detected:
            found.append(day)
    return found


def _ruptures(series: list[DailySeries]) -> dict[str, float]:
    """The best F1 of the peer's documented settings, and each; nothing where the peer cannot be installed."""
    if not _peer_is_there():
        print("ruptures is not installed and could not be: no ruptures_f1", file=sys.stderr)
        return {}
    given = json.dumps([[None if np.isnan(value) else value for value in each.values.tolist()] for each in series])
    script = [str(PEER / "bin" / "python"), str(Path(__file__).with_name("insight_ruptures.py"))]
    done = subprocess.run(script, input=given, capture_output=True, text=True, check=True)
    scores = {setting: f1(*score(found, series)) for setting, found in json.loads(done.stdout).items()}
    return {"ruptures_f1": max(scores.values()), **{f"ruptures_{name}_f1": value for name, value in scores.items()}}


def _peer_is_there() -> bool:
    """Whether the peer's environment exists; it is made once, from its pinned hashes."""
    done = PEER / "installed"
    if done.exists():
        return True
    shutil.rmtree(PEER, ignore_errors=True)
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(PEER / "bin" / "python")
    commands = (
        [uv, "venv", "--quiet", "--python", sys.executable, str(PEER)],
        [uv, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", str(PEER_LOCK)],
    )
    if any(subprocess.run(command, check=False, timeout=300).returncode for command in commands):
        return False
    done.touch()
    return True
