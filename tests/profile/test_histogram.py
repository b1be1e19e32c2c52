import numpy as np
import pytest

from aimon.profile.histogram import CHUNK, LEAST_ROWS, Histogram, chunks


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9, 16, 17, 64, 65, 5_000])
@pytest.mark.parametrize("rows", [0, 1, LEAST_ROWS - 1, LEAST_ROWS, LEAST_ROWS + 3, CHUNK])
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64])
def test_however_rows_are_taken_together_each_is_counted_once(size: int, rows: int, dtype: type[np.integer]) -> None:
    largest = min(size, int(np.iinfo(dtype).max) + 1)
    cells = np.random.default_rng(size + rows).integers(0, largest, rows).astype(dtype)
    counts = np.ones(size, np.int64)
    Histogram().add(cells, counts)
    assert counts.tolist() == (1 + np.bincount(cells, minlength=size)).tolist()


def test_cells_are_left_as_they_were() -> None:
    cells = np.arange(LEAST_ROWS) % 5
    Histogram().add(cells, np.zeros(5, np.int64))
    assert (cells == np.arange(LEAST_ROWS) % 5).all()


def test_chunks_cover_every_row_once() -> None:
    covered = [row for rows in chunks(2 * CHUNK + 7) for row in range(rows.start, rows.stop)]
    assert covered == list(range(2 * CHUNK + 7))
