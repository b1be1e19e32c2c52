"""A small credit model with its grid, baseline and suite, and days of it to spoil."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aimon.clock import day_end
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import ModelSpec
from aimon.validate.facts import Facts
from aimon.validate.finding import Finding, Validation
from aimon.validate.suite import Suite

DAY = date(2026, 11, 20)
SPEC = {
    "model": "loans",
    "task": "binary",
    "columns": {
        "id": "id",
        "timestamp": "at",
        "prediction": "decision",
        "score": "score",
        "label": "defaulted",
        "features": ["income", "region", "opened", "note"],
        "protected": ["sex"],
        "latency": "seconds",
    },
    "positive": "approve",
    "label_positive": 1,
}
NOTES = ("a short note on the case", "the applicant was called and answered every question", "nothing to add here")

Made = Callable[..., pa.Table]


def made_day(rows: int = 2_000, day: date = DAY, seed: int = 1) -> pa.Table:
    """A day on which nothing is wrong."""
    random = np.random.default_rng((seed, day.toordinal()))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    seconds = np.sort(random.integers(0, 86_400, rows)).tolist()
    score = random.random(rows)
    opened = [date(2020, 1, 1) + timedelta(days=int(days)) for days in random.integers(0, 2_000, rows)]
    return pa.table(
        {
            "id": [f"{day}-{number}" for number in range(rows)],
            "at": pa.array([start + timedelta(seconds=second) for second in seconds], pa.timestamp("us", "UTC")),
            "income": pa.array(random.normal(50_000, 10_000, rows), mask=random.random(rows) < 0.02),
            "region": pa.array(random.choice(["north", "south", "west"], rows), mask=random.random(rows) < 0.01),
            "opened": pa.array(opened, pa.date32()),
            "note": [f"{random.choice(NOTES)} {number}" for number in range(rows)],
            "sex": random.choice(["female", "male"], rows),
            "score": score,
            "decision": np.where(score > 0.5, "approve", "refuse"),
            "defaulted": pa.array((random.random(rows) < 0.2).astype(np.int64), mask=random.random(rows) < 0.5),
            "seconds": random.exponential(0.2, rows),
        }
    )


@pytest.fixture(scope="session")
def spec() -> ModelSpec:
    return ModelSpec.model_validate(SPEC)


@pytest.fixture(scope="session")
def grid(spec: ModelSpec) -> Grid:
    return build_grid(spec, made_day(10_000, seed=0))


@pytest.fixture(scope="session")
def baseline(grid: Grid) -> Profile:
    return count_all(grid, made_day(10_000, seed=0))


@pytest.fixture(scope="session")
def suite(spec: ModelSpec, grid: Grid, baseline: Profile) -> Suite:
    return Suite(spec, grid, baseline)


@pytest.fixture
def rows() -> Made:
    return made_day


@pytest.fixture
def replaced() -> Callable[..., pa.Table]:
    """A table with other values in some columns."""

    def with_columns(table: pa.Table, **columns: Any) -> pa.Table:
        for name, values in columns.items():
            array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
            table = table.set_column(table.column_names.index(name), name, array)
        return table

    return with_columns


@pytest.fixture
def check(suite: Suite) -> Callable[..., Validation]:
    """Run the suite on rows of the day, which is over."""

    def run(table: pa.Table, **facts: Any) -> Validation:
        return suite.run(table, DAY, Facts(**{"as_of": day_end(DAY), **facts}))

    return run


@pytest.fixture
def failed() -> Callable[[Validation], dict[tuple[str, str | None], Finding]]:
    """What did not pass, by name and column."""

    def by_name(validation: Validation) -> dict[tuple[str, str | None], Finding]:
        return {(finding.name, finding.column): finding for finding in validation.failed}

    return by_name
