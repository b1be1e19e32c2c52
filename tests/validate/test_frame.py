import numpy as np
import pyarrow as pa
import pytest

from aimon.validate.frame import checked_columns, column_of, frame_of, hashed


def test_the_frame_holds_neither_ids_nor_texts_nor_other_columns(spec, grid, rows):
    table = rows().append_column("password", pa.array(["secret"] * 2_000))
    frame = frame_of(table, grid, spec.columns)
    assert "password" not in frame.columns
    assert set(frame.columns) == set(checked_columns(grid, spec.columns)) & set(table.column_names)
    assert column_of(frame, "id").type == pa.uint64()
    assert column_of(frame, "note").to_pylist() == [len(text) for text in table["note"].to_pylist()]


def test_columns_come_back_as_they_were(spec, grid, rows):
    table = rows()
    frame = frame_of(pa.concat_tables([table.slice(0, 700), table.slice(700)]), grid, spec.columns)
    for name in ("income", "at", "opened", "defaulted", "score"):
        assert column_of(frame, name).equals(table[name].combine_chunks())
    assert column_of(frame, "region").dictionary_decode().to_pylist() == table["region"].to_pylist()


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_any_number_of_chunks_is_one_frame(spec, grid, rows, chunks):
    table = rows(900)
    parts = [table.slice(number * 300, 300) for number in range(chunks)]
    joined = pa.concat_tables(parts) if parts else pa.Table.from_batches([], table.schema)
    assert len(frame_of(joined, grid, spec.columns)) == chunks * 300


def test_equal_ids_have_equal_hashes_and_missing_ones_none():
    for ids in (["a", "b", "a", None], [1, 2, 1, None]):
        first, second, third, missing = hashed(pa.array(ids)).to_pylist()
        assert first == third != second
        assert missing is None


def test_a_text_that_became_something_else_is_no_text(spec, grid, rows, replaced):
    frame = frame_of(replaced(rows(), note=np.arange(2_000)), grid, spec.columns)
    assert set(column_of(frame, "note").to_pylist()) == {-1}
    frame = frame_of(replaced(rows(), note=pa.nulls(2_000)), grid, spec.columns)
    assert column_of(frame, "note").null_count == 2_000
