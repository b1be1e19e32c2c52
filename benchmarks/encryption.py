"""What encryption at rest costs: a day of rows written, read and counted, encrypted and plain, by turns in one process.

The rows are those of a model with 27 columns, ten of them texts; the files lie on the machine's own disk.
"""

import tempfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from aimon.encryption.datakeys import DataKeys
from aimon.govern.audit import AuditTrail
from aimon.govern.audit_anchor import Anchor
from aimon.keyring import open_keyring
from aimon.lake.lake import Lake
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.spec.model import ModelSpec
from aimon.store import open_store
from benchmarks.measure import arguments, interleaved, report

DAY = date(2026, 9, 1)
MODEL = "benchmark"
NUMBERS, TEXTS, LEVELS = 16, 9, 50
COLUMNS = {"id": "id", "prediction": "prediction"}
SPEC = ModelSpec.model_validate({"model": MODEL, "task": "binary", "columns": COLUMNS})


def made_rows(rows: int, seed: int) -> pa.Table:
    generator = np.random.default_rng(seed)
    columns: dict[str, object] = {"id": np.arange(rows).astype(str)}
    columns |= {f"number_{each}": generator.standard_normal(rows) for each in range(NUMBERS)}
    levels = np.array([f"level-{level}" for level in range(LEVELS)])
    columns |= {f"text_{each}": levels[generator.integers(0, LEVELS, rows)] for each in range(TEXTS)}
    columns["prediction"] = generator.integers(0, 2, rows)
    return pa.table(columns)


def write(lake: Lake, table: pa.Table) -> None:
    lake.write_day(MODEL, DAY, table.to_batches(16_384), table.schema, id_column="id")


def read(lake: Lake) -> int:
    return sum(batch.num_rows for batch in lake.read_day(MODEL, DAY))


def figures(root: Path, *, quick: bool, seed: int) -> Iterator[tuple[str, float]]:
    rows = 200_000 if quick else 1_000_000
    table = made_rows(rows, seed)
    with open_store(f"sqlite:///{root}/ops.db") as store:
        keyring = open_keyring(root)
        trail = AuditTrail(store, keyring, Anchor(root / "anchor"))
        keys = DataKeys(store, lambda: keyring, lambda: trail.change("benchmark"), encrypting=True)
        lakes = {"plain": Lake(str(root / "plain")), "encrypted": Lake(str(root / "encrypted"), keys)}
        for lake in lakes.values():
            write(lake, table)
        grid = build_grid(SPEC, table)
        yield "rows", rows
        yield from interleaved({f"write_{name}_s": partial(write, lake, table) for name, lake in lakes.items()}).items()
        yield from interleaved({f"read_{name}_s": partial(read, lake) for name, lake in lakes.items()}).items()
        counts = {f"count_{n}_s": partial(count_all, grid, lake.day_file(MODEL, DAY)) for n, lake in lakes.items()}
        yield from interleaved(counts).items()
        for name, lake in lakes.items():
            manifest = lake.manifest(MODEL, DAY)
            yield f"bytes_{name}", 0 if manifest is None else manifest.bytes


def main() -> None:
    given = arguments(__doc__ or "")
    with tempfile.TemporaryDirectory(prefix="aimon-encryption-") as folder:
        report("encryption", dict(figures(Path(folder), quick=given.quick, seed=given.seed)))


if __name__ == "__main__":
    main()
