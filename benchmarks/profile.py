"""What counting a file costs: against reading it, against Evidently and whylogs, and in memory at ten times the rows.

The file has 22 columns of numbers, 5 of categories, a prediction and a label. The profile holds every column and the
cross-tables of one protected attribute; the floor is `SELECT sum(each number), count(each other)` by DuckDB over the
same columns, in the same process. Rounds are interleaved and medians reported. The peers take frames in memory, so they
read no file. Each gets a reference and a day, of equal size, and is timed for what it needs to compare them: Evidently
its drift preset, whylogs the two profiles. Their time is per row of the day, and beside it per row of both sides; a
grid does not read the reference again.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from aimon.profile.build import build_grid
from aimon.profile.count import count
from aimon.profile.grid import Grid
from aimon.spec.model import Columns, ModelSpec
from benchmarks.measure import arguments, peak_mb, report
from benchmarks.peers import running_peers

CATEGORIES = {"category_2": 2, "group": 4, "category_12": 12, "category_50": 50, "category_400": 400}
OTHERS = [*CATEGORIES, "prediction", "label"]
ROW_GROUP = 122_880
SPEC = ModelSpec(
    model="benchmark",
    task="binary",
    columns=Columns(prediction="prediction", label="label", score="score", timestamp="at", protected=("group",)),
    positive=1,
)


def rows(random: np.random.Generator, n: int) -> pa.Table:
    """Numbers of many shapes: smooth, skewed, rounded, whole, mostly zero, with gaps; categories by Zipf's law."""
    columns: dict[str, object] = {f"normal_{place}": random.normal(place, 1 + place, n) for place in range(8)}
    columns |= {f"skewed_{place}": np.round(random.lognormal(place, 1, n), 2) for place in range(5)}
    columns |= {f"uniform_{place}": random.random(n) for place in range(3)}
    columns |= {f"count_{place}": random.poisson(3 * 10**place, n) for place in range(3)}
    columns["zeros"] = np.where(random.random(n) < 0.7, 0.0, random.exponential(100, n))
    columns["gaps"] = pa.array(random.standard_t(3, n), mask=random.random(n) < 0.05)
    score = random.beta(2, 5, n)
    columns["score"] = score
    for name, size in CATEGORIES.items():
        weights = 1 / np.arange(1, size + 1)
        codes = random.choice(size, n, p=weights / weights.sum()).astype(np.int32)
        values = [f"value {place:03d}" for place in range(size)]
        columns[name] = pa.DictionaryArray.from_arrays(codes, values).cast(pa.string())
    columns["prediction"] = (score > 0.4).astype(np.int64)
    columns["label"] = (random.random(n) < score).astype(np.int64)
    columns["at"] = pa.array(1_772_323_200_000_000 + np.sort(random.integers(0, 86_400_000_000, n)), pa.timestamp("us"))
    return pa.table(columns)


def write(path: Path, tables: list[pa.Table], times: int = 1) -> None:
    with pq.ParquetWriter(path, tables[0].schema, compression="zstd") as writer:
        for _ in range(times):
            for table in tables:
                writer.write_table(table, row_group_size=ROW_GROUP)


def scan(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    numbers = [name for name in pq.read_schema(path).names if name not in (*OTHERS, "at")]
    wanted = [*(f'sum("{name}")' for name in numbers), *(f'count("{name}")' for name in OTHERS)]
    connection.execute(f"SELECT {', '.join(wanted)} FROM '{path}'").fetchall()  # noqa: S608 - our own names


def profile(grid: Grid, path: Path, *, by_slot: bool = False) -> None:
    if not any(each.rows for each in count(grid, path, by_slot=by_slot).values()):
        raise RuntimeError(f"no row of {path} was counted")


def profile_in_child(grid_json: str, path: str) -> None:
    profile(Grid.model_validate_json(grid_json), Path(path))


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    asked = arguments(str(__doc__).partition("\n")[0])
    n, larger, side, rounds = (400_000, 5, 20_000, 5) if asked.quick else (2_000_000, 10, 100_000, 7)
    with tempfile.TemporaryDirectory(prefix="aimon-benchmark-") as folder:
        figures = measure(Path(folder), asked.seed, n, larger, side, rounds)
    report("profile", figures)


def measure(folder: Path, seed: int, n: int, larger: int, side: int, rounds: int) -> dict[str, float]:
    random = np.random.default_rng(seed)
    tables = [rows(random, n // 4) for _ in range(4)]
    small, large, left, right = (folder / f"{name}.parquet" for name in ("small", "large", "left", "right"))
    write(small, tables)
    write(large, tables, larger)
    for path, start in ((left, 0), (right, side)):
        pq.write_table(tables[0].slice(start, side).drop(["at"]), path)
    del tables
    started = time.perf_counter()
    grid = build_grid(SPEC, small)
    figures = {"rows": n, "grid_s": time.perf_counter() - started}
    taken: dict[str, list[float]] = {name: [] for name in ("scan", "profile", "slots", "evidently", "whylogs")}
    with duckdb.connect() as connection, running_peers(left, right, OTHERS) as peers:
        scan(connection, small)
        profile(grid, small)
        for number in range(rounds):
            taken["scan"].append(timed(lambda: scan(connection, small)))
            taken["profile"].append(timed(lambda: profile(grid, small)))
            taken["slots"].append(timed(lambda: profile(grid, small, by_slot=True)))
            if number < 3:
                taken["evidently"].append(peers.seconds("evidently"))
                taken["whylogs"].append(peers.seconds("whylogs"))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    figures |= {"scan_s": medians["scan"], "profile_s": medians["profile"], "profile_slots_s": medians["slots"]}
    figures["profile_over_scan"] = statistics.median(
        [ours / floor for ours, floor in zip(taken["profile"], taken["scan"], strict=True)]
    )
    figures["profile_row_us"] = medians["profile"] / n * 1e6
    figures["evidently_row_us"] = medians["evidently"] / side * 1e6
    figures["evidently_row_us_both_sides"] = medians["evidently"] / (2 * side) * 1e6
    figures["whylogs_row_us"] = medians["whylogs"] / side * 1e6
    figures["whylogs_row_us_both_sides"] = medians["whylogs"] / (2 * side) * 1e6
    figures["peak_mb_small"] = peak_mb(profile_in_child, grid.model_dump_json(), str(small))
    figures["peak_mb_large"] = peak_mb(profile_in_child, grid.model_dump_json(), str(large))
    figures["rows_large"] = n * larger
    return figures


if __name__ == "__main__":
    main()
