"""What reading one day of a large source takes: its memory above all, beside a bare Arrow scan of the same files.

The source is a folder of Parquet files in the order of time, as a nightly export leaves it, with the row groups of a
million rows that pandas writes. Memory is the peak of a fresh process, its imports included.
"""

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from aimon.clock import day_end, day_start
from aimon.intake.source import open_source
from aimon.lake.lake import Lake
from aimon.spec.model import ModelSpec
from benchmarks.measure import arguments, interleaved, peak_mb, report

FIRST = date(2026, 9, 1)
GROUP_ROWS = 1_000_000
NUMBERS, CATEGORIES = 22, 5
LEVELS = 20


def write_files(folder: Path, *, files: int, rows: int, days: int, in_order: bool, seed: int) -> None:
    """So many files of `rows` rows each, over the days; not in order means that every row group holds every day."""
    folder.mkdir()
    generator = np.random.default_rng(seed)
    for number in range(files):
        path = folder / f"part-{number:03}.parquet"
        writer: parquet.ParquetWriter | None = None
        for offset in range(number * rows, (number + 1) * rows, GROUP_ROWS):
            size = min(GROUP_ROWS, (number + 1) * rows - offset)
            table = _rows(generator, offset, size, files * rows, days, in_order=in_order)
            writer = writer or parquet.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=GROUP_ROWS)
        if writer is not None:
            writer.close()


def _rows(generator: np.random.Generator, offset: int, size: int, total: int, days: int, *, in_order: bool) -> pa.Table:
    micros = days * 86_400_000_000
    step = np.arange(offset, offset + size) * (micros // total) if in_order else generator.integers(0, micros, size)
    start = int(day_start(FIRST).timestamp()) * 1_000_000
    levels = pa.array([f"level-{level}" for level in range(LEVELS)])
    columns: dict[str, pa.Array] = {
        "id": pa.array(np.arange(offset, offset + size)),
        "at": pa.array(start + step).cast(pa.timestamp("us", "UTC")),
    }
    for number in range(NUMBERS):
        columns[f"number_{number}"] = pa.array(generator.standard_normal(size, np.float32).astype(np.float64))
    for number in range(CATEGORIES):
        codes = pa.array(generator.integers(0, LEVELS, size, np.int8))
        columns[f"category_{number}"] = pa.DictionaryArray.from_arrays(codes, levels)
    columns["prediction"] = pa.array(generator.integers(0, 2, size, np.int8))
    return pa.table(columns)


def write_csv(path: Path, *, rows: int, days: int, seed: int) -> None:
    """A CSV file with the same columns, not in order."""
    generator = np.random.default_rng(seed)
    with csv.CSVWriter(path, _rows(generator, 0, 1, rows, days, in_order=False).schema) as writer:
        for offset in range(0, rows, GROUP_ROWS // 10):
            size = min(GROUP_ROWS // 10, rows - offset)
            writer.write_table(_rows(generator, offset, size, rows, days, in_order=False))


def spec(kind: str, path: str) -> ModelSpec:
    columns = {"id": "id", "timestamp": "at", "prediction": "prediction"}
    source = {"kind": kind, "path": path}
    return ModelSpec.model_validate({"model": "benchmark", "task": "binary", "source": source, "columns": columns})


def nothing() -> None:
    """What a process takes that only imports."""


def read_day(kind: str, path: str, day: date) -> int:
    """Read one day the way the product does; how many rows it has."""
    batches = open_source(spec(kind, path), Path("/")).batches(day_start(day), day_end(day))
    return sum(batch.num_rows for batch in batches)


def scan_day(path: str, day: date) -> int:
    """The floor: Arrow's own scan of the folder with the day as its filter."""
    from pyarrow import dataset

    low, high = (pa.scalar(moment, pa.timestamp("us", "UTC")) for moment in (day_start(day), day_end(day)))
    inside = (dataset.field("at") >= low) & (dataset.field("at") < high)
    return sum(batch.num_rows for batch in dataset.dataset(path, format="parquet").to_batches(filter=inside))


def ingest_day(path: str, lake: str, day: date) -> int:
    """Read one day and write it to a lake, without its duplicates."""
    batches = open_source(spec("parquet", path), Path("/")).batches(day_start(day), day_end(day))
    return Lake(lake).write_day("benchmark", day, batches, id_column="id").rows


def figures(root: Path, *, quick: bool, seed: int) -> Iterator[tuple[str, float]]:
    files, rows, days = (5, GROUP_ROWS, 10) if quick else (25, 2 * GROUP_ROWS, 50)
    ordered, mixed, text, lake = (str(root / name) for name in ("ordered", "mixed", "rows.csv", "lake"))
    write_files(Path(ordered), files=files, rows=rows, days=days, in_order=True, seed=seed)
    write_files(Path(mixed), files=1, rows=files * rows // 10, days=days, in_order=False, seed=seed)
    write_csv(Path(text), rows=files * rows // 25, days=days, seed=seed)
    day = FIRST + timedelta(days=days // 2)
    yield "rows", files * rows
    yield "day_rows", read_day("parquet", ordered, day)
    if read_day("parquet", ordered, day) != scan_day(ordered, day):
        raise RuntimeError("the product and the floor read different rows")
    times = interleaved({"day_s": lambda: read_day("parquet", ordered, day), "scan_s": lambda: scan_day(ordered, day)})
    yield from times.items()
    yield "import_peak_mb", peak_mb(nothing)
    yield "day_peak_mb", peak_mb(read_day, "parquet", ordered, day)
    yield "scan_peak_mb", peak_mb(scan_day, ordered, day)
    yield "ingest_peak_mb", peak_mb(ingest_day, ordered, lake, day)
    yield from interleaved({"ingest_s": lambda: ingest_day(ordered, lake, day)}, rounds=3, warm=False).items()
    yield "mixed_rows", files * rows // 10
    mixed_runs = {"mixed_day_s": lambda: read_day("parquet", mixed, day), "mixed_scan_s": lambda: scan_day(mixed, day)}
    yield from interleaved(mixed_runs, rounds=3).items()
    yield "mixed_day_peak_mb", peak_mb(read_day, "parquet", mixed, day)
    yield "mixed_scan_peak_mb", peak_mb(scan_day, mixed, day)
    yield "csv_rows", files * rows // 25
    yield from interleaved({"csv_day_s": lambda: read_day("csv", text, day)}, rounds=3, warm=False).items()
    yield "csv_day_peak_mb", peak_mb(read_day, "csv", text, day)


def main() -> None:
    given = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory(prefix="aimon-source-") as folder:
        report("source", dict(figures(Path(folder), quick=given.quick, seed=given.seed)))


if __name__ == "__main__":
    main()
