"""A project small enough to run in a test: a few models, a few hundred rows a day, one fault that can be planted."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST = date(2026, 11, 1)
ROWS = 400

MODEL = """\
model: {name}
task: binary
owner: tests
source: {{kind: parquet, path: data/{name}/*.parquet}}
columns:
  id: id
  timestamp: at
  prediction: decision
  score: score
  label: label
  features: [income, region]
  protected: [sex]
label_horizon: 2d
baseline: {{path: reference/{name}.parquet}}
"""


def rows(day: date, count: int, seed: int, income_shift: float = 0.0) -> pa.Table:
    """A day's predictions; `income_shift` is in standard deviations."""
    random = np.random.default_rng((seed, day.toordinal()))
    income = random.normal(size=count) + income_shift
    score = 1 / (1 + np.exp(-income))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    seconds = np.sort(random.integers(0, 86_400, count))
    return pa.table(
        {
            "id": [f"{day.isoformat()}-{number}" for number in range(count)],
            "at": pa.array([start + timedelta(seconds=int(second)) for second in seconds], pa.timestamp("us", "UTC")),
            "income": income,
            "region": random.choice(["north", "south", "west"], count),
            "sex": random.choice(["female", "male"], count),
            "score": score,
            "decision": (score > 0.5).astype(np.int64),
            "label": (random.random(count) < score).astype(np.int64),
        }
    )


def write_day(root: Path, name: str, day: date, *, seed: int = 1, income_shift: float = 0.0, count: int = ROWS) -> None:
    """Write or replace one day of a model's source."""
    folder = root / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows(day, count, seed, income_shift), folder / f"{day.isoformat()}.parquet")


def add_model(root: Path, name: str, days: Iterable[date] = ()) -> None:
    """Declare a model with a reference file of 4,000 rows and the given days."""
    reference = root / "reference"
    models = root / "models"
    for folder in (reference, models):
        folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows(FIRST - timedelta(30), 4_000, seed=0), reference / f"{name}.parquet")
    for day in days:
        write_day(root, name, day)
    (models / f"{name}.yaml").write_text(MODEL.format(name=name), encoding="utf-8")


def tiny_project(root: Path, models: Iterable[str] = ("alpha",), days: int = 3) -> Path:
    """A project with these models, each with as many days from 2026-11-01 on."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "aimon.yaml").write_text("models: models\n", encoding="utf-8")
    for name in models:
        add_model(root, name, [FIRST + timedelta(number) for number in range(days)])
    return root
