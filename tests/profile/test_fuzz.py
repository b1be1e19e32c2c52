import os

import numpy as np
import pytest

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.profile import TableKey
from aimon.profile.tables import tables
from tests.profile.random_tables import random_pair

TABLES = int(os.environ.get("AIMON_FUZZ_TABLES", "250"))
BATCHES = 10


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.filterwarnings("error")
def test_any_table_is_counted_to_the_last_row(batch: int) -> None:
    for seed in range(batch, TABLES, BATCHES):
        spec, reference, current = random_pair(seed)
        grid = build_grid(spec, reference)
        for rows in (reference, current):
            profile = count_all(grid, rows)
            assert profile.rows == len(rows), seed
            for name, table in tables(grid).items():
                counts = profile.get(name)
                if counts is None:
                    continue
                assert counts.shape == table.shape, (seed, name)
                if name.startswith(("column:", "hour:", "weekday:", "selection:")) or name in ("label", "labelled"):
                    assert counts.sum() == len(rows), (seed, name)
                assert (counts >= 0).all() or "residual" in name or "label_moments" in name, (seed, name)
            for column in grid.segments:
                parts = [profile.get("rows", label) for label in grid.segment_axis(column).labels]
                if column in rows.column_names:
                    assert np.sum([part for part in parts if part is not None]) == len(rows), seed
            assert TableKey("rows") in profile.tables
