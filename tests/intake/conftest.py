"""Rows of predictions to read back, and files to read them from."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from aimon.clock import day_end, day_start
from aimon.intake.source import DaySource

FIRST = date(2026, 11, 18)


@pytest.fixture
def predictions() -> Callable[..., pa.Table]:
    """Rows at even distances over some days, the first at midnight UTC."""

    def made(rows: int, days: int = 3, **columns: Any) -> pa.Table:
        step = timedelta(days=days) / rows
        stamps = [datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + number * step for number in range(rows)]
        return pa.table(
            {"id": list(range(rows)), "at": pa.array(stamps, pa.timestamp("us", "UTC"))}
            | {name: list(values) for name, values in columns.items()}
        )

    return made


@pytest.fixture
def parquet_at(tmp_path: Path) -> Callable[..., Path]:
    """Write a table to a path below the test's folder."""

    def written(table: pa.Table, name: str, **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, path, **options)
        return path

    return written


@pytest.fixture
def day_of() -> Callable[..., pa.Table]:
    """All rows of one UTC day."""

    def read(source: DaySource, day: date, columns: list[str] | None = None) -> pa.Table:
        return source.batches(day_start(day), day_end(day), columns).read_all()

    return read
