"""A loan model whose reference and days are drawn from one law, and the fault that a test plants in a day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST = date(2026, 11, 2)
ROWS, REFERENCE_ROWS = 3_000, 6_000
REGIONS = np.array(["north", "south", "west"])

MODEL = """\
model: loans
task: binary
source: {kind: parquet, path: data/loans/*.parquet}
columns:
  id: id
  timestamp: at
  prediction: decision
  score: score
  label: label
  features: [income, age, debt, region]
  segments: [region]
label_horizon: 1d
baseline: {path: reference.parquet}
"""

Rows = dict[str, np.ndarray]
Fault = Callable[[Rows], None]


def nothing(_: Rows) -> None:
    """A day like the reference."""


def cents_in_the_north(seen: Rows) -> None:
    """One region sends its income in cents."""
    north = seen["region"] == "north"
    seen["income"][north] *= 100.0


def poorer(seen: Rows) -> None:
    """Other people ask for loans: what is true of them did not change."""
    seen["income"] *= 0.75


def drawn(day: date, count: int, seed: int, fault: Fault = nothing, *, before_truth: bool = False) -> pa.Table:
    """Rows of a day. The model sees what the fault left of them; with `before_truth` the world does too."""
    random = np.random.default_rng([seed, day.toordinal()])
    true: Rows = {
        "income": np.round(np.exp(random.normal(8.0, 0.5, count)), 2),
        "age": np.round(random.uniform(18, 80, count)),
        "debt": random.exponential(1.0, count),
        "region": random.choice(REGIONS, count, p=[0.2, 0.4, 0.4]),
    }
    if before_truth:
        fault(true)
    seen = {name: values.copy() for name, values in true.items()}
    if not before_truth:
        fault(seen)
    score, chance = scores(seen), scores(true)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    seconds = np.sort(random.integers(0, 86_400, count)).tolist()
    return pa.table(
        {
            "id": [f"{day}-{number}" for number in range(count)],
            "at": pa.array([start + timedelta(seconds=second) for second in seconds], pa.timestamp("us", "UTC")),
            **seen,
            "score": score,
            "decision": (score > 0.5).astype(np.int64),
            "label": (random.random(count) < chance).astype(np.int64),
        }
    )


def scores(rows: Rows) -> np.ndarray:
    """The model, which is right on the reference: P(a loan is paid back)."""
    wealth = np.clip((np.log(rows["income"]) - 8.0) / 0.5, -3.0, 3.0)
    odds = 1.8 * wealth - 0.6 * (rows["debt"] - 1.0) + 0.01 * (rows["age"] - 50.0)
    return 1.0 / (1.0 + np.exp(-odds))


def insight_project(root: Path, extra: str = "") -> Path:
    """The project without any day."""
    (root / "models").mkdir(parents=True)
    (root / "data" / "loans").mkdir(parents=True)
    (root / "aimon.yaml").write_text("models: models\n", encoding="utf-8")
    (root / "models" / "loans.yaml").write_text(MODEL + extra, encoding="utf-8")
    pq.write_table(drawn(FIRST - timedelta(40), REFERENCE_ROWS, 0), root / "reference.parquet")
    return root


def write_day(root: Path, day: date, fault: Fault = nothing, *, count: int = ROWS, before_truth: bool = False) -> None:
    """Write or replace a day of the source."""
    rows = drawn(day, count, 1, fault, before_truth=before_truth)
    pq.write_table(rows, root / "data" / "loans" / f"{day}.parquet")
