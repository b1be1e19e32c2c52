from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from aimon.lake import duplicates
from aimon.lake.duplicates import repeated_rows, without_rows
from aimon.lake.rows import RowsFile


def expected(ids: list[Any]) -> list[int]:
    seen: set[Any] = set()
    repeated = []
    for row, value in enumerate(ids):
        if value is not None and value in seen:
            repeated.append(row)
        seen.add(value)
    return repeated


def found(folder: Path, ids: pa.Array, name: str = "id") -> list[int]:
    parquet.write_table(pa.table({name: ids}), folder / "x.parquet", row_group_size=7)
    rows: list[int] = repeated_rows(RowsFile(str(folder / "x.parquet")), name, folder).tolist()
    return rows


@given(st.lists(st.none() | st.text("ab\x00é", max_size=2), max_size=60))
def test_every_repetition_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str | None]
) -> None:
    assert found(tmp_path_factory.getbasetemp(), pa.array(ids, pa.string())) == expected(ids)


@given(ids=st.lists(st.none() | st.integers(0, 20), min_size=1, max_size=60))
def test_many_rows_are_looked_at_part_by_part(tmp_path_factory: pytest.TempPathFactory, ids: list[int | None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "PART_ROWS", 9)
        patch.setattr(duplicates, "BATCH_ROWS", 4)
        assert found(tmp_path_factory.getbasetemp(), pa.array(ids, pa.int64())) == expected(ids)


def test_rows_whose_hashes_meet_by_chance_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_alike(file: RowsFile, id_column: str) -> Any:
        yield np.zeros(file.metadata().num_rows, np.uint64)

    monkeypatch.setattr(duplicates, "_hashes", all_alike)
    assert found(tmp_path, pa.array(["a", None, "b", "a", None])) == [3]


@pytest.mark.parametrize(
    "ids",
    [
        pa.array([1.5, 2.5, 1.5]),
        pa.array([date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 1)]),
        pa.array([b"\x00", b"\xff", b"\x00"]),
        pa.array([[1], [2], [1]]),
        pa.array([{"a": 1}, {"a": 2}, {"a": 1}]),
        pa.array([True, False, True]),
    ],
    ids=lambda ids: str(ids.type),
)
def test_an_id_may_be_of_any_type(tmp_path: Path, ids: pa.Array) -> None:
    assert found(tmp_path, ids, 'ID "x"') == [2]


def test_a_column_without_any_id_repeats_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, pa.nulls(3)) == []
    assert found(tmp_path, pa.array([], pa.string())) == []


def test_columns_that_differ_only_in_case_are_two(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"ID": [1, 1, 1], "id": [1, 2, 1]}), tmp_path / "x.parquet")
    assert repeated_rows(RowsFile(str(tmp_path / "x.parquet")), "id", tmp_path).tolist() == [2]


@given(st.sets(st.integers(0, 49)))
def test_the_other_rows_stay_as_they_are(tmp_path_factory: pytest.TempPathFactory, dropped: set[int]) -> None:
    path = tmp_path_factory.getbasetemp() / "rows.parquet"
    if not path.exists():
        parquet.write_table(pa.table({"x": list(range(50))}), path, row_group_size=7)
    left = pa.Table.from_batches(
        without_rows(RowsFile(str(path)), np.array(sorted(dropped), np.int64)), pa.schema([("x", pa.int64())])
    )
    assert left["x"].to_pylist() == [row for row in range(50) if row not in dropped]
