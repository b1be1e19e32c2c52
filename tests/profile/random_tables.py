"""Random tables of random types, from a seed: what a stranger's file may look like. Fast enough for thousands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from aimon.spec.model import Columns, Kind, ModelSpec, Task

Make = Callable[[np.random.Generator, int], Any]
WORDS = [
    "",
    " ",
    "a",
    "b",
    "B",
    "1",
    "1.0",
    "true",
    "nan",
    "NULL",
    "é",
    "日",
    "x" * 300,
    "a b c d",
    "0x1",
    "-",
    "1e5",
    "\x00",
]
EXTREMES = [0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 1.7976931348623157e308, 5e-324, 1e-310, np.nan, np.inf, -np.inf]
START = datetime(1990, 1, 1, tzinfo=UTC)


def _texts(random: np.random.Generator, rows: int) -> Any:
    return [WORDS[place] for place in random.integers(0, len(WORDS), rows)]


def _stamps(random: np.random.Generator, rows: int) -> Any:
    return [START + timedelta(seconds=int(seconds)) for seconds in random.integers(-(10**9), 10**9, rows)]


A_STRUCT = pa.struct({"a": pa.int64()})
MAKERS: tuple[Make, ...] = (
    lambda random, rows: random.normal(size=rows) * 10.0 ** float(random.integers(-300, 300)),
    lambda random, rows: random.normal(size=rows).astype(np.float32),
    lambda random, rows: np.array(EXTREMES)[random.integers(0, len(EXTREMES), rows)],
    lambda random, rows: np.full(rows, random.choice(EXTREMES)),
    lambda random, rows: random.integers(-(2**63), 2**63, rows),
    lambda random, rows: random.integers(0, 3, rows).astype(np.int8),
    lambda random, rows: random.integers(0, 2**64, rows, np.uint64),
    lambda random, rows: random.random(rows) < 0.5,
    lambda random, rows: pa.nulls(rows),
    lambda random, rows: pa.array(_texts(random, rows)),
    lambda random, rows: pa.array(_texts(random, rows)).dictionary_encode(),
    lambda random, rows: pa.array([f"id {number}" for number in random.integers(0, 10**9, rows)]),
    lambda random, rows: pa.array([str(number) for number in random.normal(size=rows)]),
    lambda random, rows: pa.array(_stamps(random, rows)),
    lambda random, rows: pa.array([stamp.date() for stamp in _stamps(random, rows)]),
    lambda random, rows: pa.array([stamp.isoformat() for stamp in _stamps(random, rows)], pa.large_string()),
    lambda random, rows: pa.array(random.integers(0, 10**9, rows), pa.duration("s")),
    lambda random, rows: pa.array(random.integers(-(10**6), 10**6, rows)).cast(pa.decimal128(20, 0)),
    lambda random, rows: pa.array([[int(number)] for number in random.integers(0, 3, rows)], pa.list_(pa.int64())),
    lambda random, rows: pa.array(
        [{"a": int(number)} for number in random.integers(0, 3, rows)], pa.struct({"a": pa.int64()})
    ),
    lambda random, rows: pa.array([bytes([number]) for number in random.integers(0, 256, rows)], pa.binary()),
)


def random_column(random: np.random.Generator, rows: int) -> pa.Array:
    """A column of a random type, sometimes with nulls."""
    column = MAKERS[random.integers(len(MAKERS))](random, rows)
    array = column if isinstance(column, pa.Array) else pa.array(column)
    if random.random() < 0.5 or rows == 0 or pa.types.is_null(array.type):
        return array
    keep = pa.array(np.where(random.random(rows) < random.choice([0.05, 0.5, 1.0]), None, np.arange(rows)), pa.int64())
    return array.take(keep)


def random_table(random: np.random.Generator) -> pa.Table:
    """A table of at most seven columns and mostly few rows."""
    rows = int(random.choice([0, 1, 2, 10, 60, 200]))
    names = [f"column {number}" for number in range(int(random.integers(1, 8)))]
    return pa.table({name: random_column(random, rows) for name in names})


def random_pair(seed: int) -> tuple[ModelSpec, pa.Table, pa.Table]:
    """A model, its reference rows, and other rows of which some columns changed their type or are gone."""
    random = np.random.default_rng(seed)
    reference = random_table(random)
    current = reference if random.random() < 0.2 else random_table(random)
    if random.random() < 0.7:
        rows = len(current)
        columns = {name: random_column(random, rows) for name in reference.column_names if random.random() < 0.9}
        columns |= {name: current[name] for name in current.column_names if random.random() < 0.3}
        current = pa.table(columns)
    return random_spec(random, reference), reference, current


def random_spec(random: np.random.Generator, reference: pa.Table) -> ModelSpec:
    """A model that gives random roles to the columns."""
    names = list(random.permutation(reference.column_names))
    prediction = str(names.pop())

    def role(share: float) -> str | None:
        return str(names.pop()) if names and random.random() < share else None

    task = Task(random.choice(list(Task)))
    scored = (
        {f"{number}": str(names.pop()) for number in range(2)} if len(names) > 1 and random.random() < 0.4 else None
    )
    ends = (str(names.pop()), str(names.pop())) if len(names) > 1 and random.random() < 0.4 else (None, None)
    several = [str(name) for name in names[:2]] if random.random() < 0.4 else []
    kinds = {str(name): Kind(random.choice(list(Kind))) for name in names} if random.random() < 0.3 else None
    return ModelSpec(
        model="fuzz",
        task=task,
        columns=Columns(
            prediction=prediction,
            label=role(0.5),
            score=role(0.5),
            latency=role(0.2),
            error=role(0.2),
            tokens=role(0.2),
            cost=role(0.2),
            class_scores=scored if task is Task.MULTICLASS else None,
            lower=ends[0] if task is Task.REGRESSION else None,
            upper=ends[1] if task is Task.REGRESSION else None,
            protected=tuple(name for name in several if name in names),
            segments=tuple(name for name in several[:1] if name in names),
            features=kinds,
        ),
        positive=random.choice([None, "a", "1"]),
    )
