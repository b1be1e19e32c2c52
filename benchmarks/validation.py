"""What validating a model-day costs: 100,000 rows of 28 columns in the lake, against reading them, and against the same
checks by the expectations that Great Expectations brings itself."""

import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from aimon.clock import day_end
from aimon.lake.lake import Lake
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.spec.model import ModelSpec
from aimon.validate.day import validate_day
from aimon.validate.quarantine import Quarantine
from aimon.validate.suite import Suite
from benchmarks.measure import arguments, interleaved, report

DAY = date(2026, 11, 20)
ROWS = 100_000
NUMBERS, WORDS, NAMES = 14, 8, 20
SPEC = {
    "model": "bench",
    "task": "binary",
    "columns": {
        "id": "id",
        "timestamp": "at",
        "prediction": "decision",
        "score": "score",
        "label": "label",
        "protected": ["sex"],
    },
}


def made_day(day: date, rows: int, seed: int) -> pa.Table:
    """A day on which nothing is wrong."""
    random = np.random.default_rng((seed, day.toordinal()))
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1e6)
    score = random.random(rows)
    columns: dict[str, Any] = {
        "id": [f"{day}-{number:08d}" for number in range(rows)],
        "at": pa.array(np.sort(random.integers(0, 86_400_000_000, rows)) + midnight, pa.timestamp("us", "UTC")),
        "score": score,
        "decision": (score > 0.5).astype(np.int64),
        "label": (random.random(rows) < 0.3).astype(np.int64),
        "sex": random.choice(["female", "male"], rows),
    }
    for number in range(NUMBERS):
        columns[f"number_{number}"] = pa.array(random.normal(size=rows), mask=random.random(rows) < 0.02)
    for number in range(WORDS):
        words = random.choice([f"value {name}" for name in range(NAMES)], rows)
        columns[f"word_{number}"] = pa.array(words, mask=random.random(rows) < 0.02)
    return pa.table(columns)


def read(lake: Lake) -> None:
    """The floor: every column of the day, as Arrow."""
    lake.read_day("bench", DAY).read_all()


def validate(lake: Lake, suite: Suite) -> None:
    """What a run does with a day."""
    found = validate_day(lake, suite, "bench", DAY, as_of=day_end(DAY))
    if found.failed:
        raise SystemExit(f"a day on which nothing is wrong failed: {found.failed[0].sentence}")


def sieve(lake: Lake, spec: ModelSpec, table: pa.Table) -> None:
    """Telling unusable rows on the way to the lake."""
    for _ in Quarantine(lake, spec, DAY).sieve(table.to_batches(16_384)):
        pass


def builtin_suite() -> Any:
    """The peer: nulls, ranges, categories and unique ids by the expectations of Great Expectations itself."""
    from great_expectations import ExpectationSuite
    from great_expectations import expectations as gxe

    suite = [gxe.ExpectColumnValuesToBeUnique(column="id")]
    for number in range(NUMBERS):
        suite.append(gxe.ExpectColumnValuesToNotBeNull(column=f"number_{number}", mostly=0.9))
        between = {"min_value": -5.0, "max_value": 5.0, "mostly": 0.99}
        suite.append(gxe.ExpectColumnValuesToBeBetween(column=f"number_{number}", **between))
    for number in range(WORDS):
        suite.append(gxe.ExpectColumnValuesToNotBeNull(column=f"word_{number}", mostly=0.9))
        names = [f"value {name}" for name in range(NAMES)]
        suite.append(gxe.ExpectColumnValuesToBeInSet(column=f"word_{number}", value_set=names, mostly=0.99))
    return ExpectationSuite("builtin", expectations=suite)


def builtin(lake: Lake, suite: Any) -> None:
    """The peer's run."""
    from aimon.validate.gx import Validator
    from aimon.validate.suite import batches

    frame = lake.read_day("bench", DAY).read_all().to_pandas()
    validator = Validator(batches(), result_format="BASIC", batch_parameters={"dataframe": frame})
    validator.validate_expectation_suite(suite)


def main() -> None:
    given = arguments(__doc__ or "")
    start = time.perf_counter()
    import aimon.validate.expectations  # noqa: F401

    import_s = time.perf_counter() - start
    spec = ModelSpec.model_validate(SPEC)
    reference = made_day(DAY - timedelta(days=30), 20_000, given.seed)
    grid = build_grid(spec, reference)
    baseline = count_all(grid, reference)
    start = time.perf_counter()
    suite = Suite(spec, grid, baseline)
    build_s = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        lake, table = Lake(str(Path(folder))), made_day(DAY, ROWS, given.seed)
        lake.write_day("bench", DAY, table.to_batches(), table.schema, id_column="id")
        runs = {
            "read_s": partial(read, lake),
            "validation_s": partial(validate, lake, suite),
            "sieve_s": partial(sieve, lake, spec, table),
            "builtin_s": partial(builtin, lake, builtin_suite()),
        }
        taken = interleaved(runs, rounds=3 if given.quick else 9)
    expectations = len(suite.expectations.expectations)
    print(f"{expectations} expectations on {ROWS:,} rows of {table.num_columns} columns")
    figures = {**taken, "import_s": import_s, "suite_build_s": build_s, "expectations": expectations, "rows": ROWS}
    report("validation", figures)


if __name__ == "__main__":
    main()
