from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aimon.errors import DataError, GridMismatchError
from aimon.profile import rows as rows_module
from aimon.profile.axis import folding
from aimon.profile.build import build_grid
from aimon.profile.count import count, count_all, empty_profile
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey, total
from aimon.profile.sums import BOUND, RELATIVE
from aimon.profile.tables import tables
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from tests.profile.naive import count_by_hand, group_of
from tests.profile.nasty_rows import differences, nasty_rows, nasty_spec


@pytest.fixture(scope="module", params=list(Task))
def grid(request: pytest.FixtureRequest, rows: pa.Table) -> Grid:
    return build_grid(nasty_spec(request.param), rows)


def test_every_count_is_what_counting_by_hand_gives(grid: Grid, rows: pa.Table) -> None:
    by_hand, profile = count_by_hand(grid, rows), count_all(grid, rows)
    sums = {"characters", "residual_by_prediction", "relative_error", "label_moments"}
    sums |= {"operations:tokens", "operations:cost"}
    checked = 0
    for name, table in tables(grid).items():
        if name.split(":")[0] in sums or name in sums or name.startswith("score_label:"):
            continue
        expected = np.zeros(table.shape, np.int64)
        for cells, number in by_hand.get(name, {}).items():
            expected[cells] = number
        assert np.array_equal(profile.tables[TableKey(name)], expected), name
        checked += 1
    assert checked > 30


def test_every_table_of_the_grid_is_there_in_its_shape(grid: Grid, rows: pa.Table) -> None:
    profile = count_all(grid, rows)
    for name, table in tables(grid).items():
        assert profile.tables[TableKey(name)].shape == table.shape
        assert profile.tables[TableKey(name)].dtype == np.int64
    assert {key.table for key in profile.tables} == set(tables(grid))


def test_sums_are_those_of_the_values(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.REGRESSION), rows)
    profile = count_all(grid, rows)
    predicted, actual = (np.array(rows[name].to_pylist(), float) for name in ("estimate", "outcome"))
    known = np.isfinite(predicted) & np.isfinite(actual)
    residual = (predicted - actual)[known]
    assert grid.units.residual is not None
    assert grid.units.label is not None
    sums = grid.units.residual.read(profile.tables[TableKey("residual_by_prediction")].sum(axis=0))
    assert int(sums.n) == known.sum()
    assert float(sums.sum) == pytest.approx(residual.sum(), rel=1e-9)
    assert float(sums.square) == pytest.approx((residual**2).sum(), rel=1e-9)
    nonzero = known & (np.abs(actual) > 1e-200)
    shares = np.clip(np.abs(predicted - actual)[nonzero] / np.abs(actual)[nonzero], 0, BOUND)
    relative = RELATIVE.read(profile.tables[TableKey("relative_error")])
    assert (int(relative.n), int(relative.saturated)) == (nonzero.sum(), (shares == BOUND).sum())
    assert int(relative.n) == known.sum() - np.isin(np.abs(actual[known]), [0.0, 1e-300, 5e-324]).sum()
    assert float(relative.absolute) == pytest.approx(shares.sum(), rel=1e-9)
    label = grid.units.label.read(profile.tables[TableKey("label_moments")])
    assert float(label.sum) == pytest.approx((actual - grid.units.label.center).sum(), rel=1e-9)
    tokens, dollars = (np.array(rows[name].to_pylist(), float) for name in ("tokens", "dollars"))
    assert profile.tables[TableKey("operations:tokens")].tolist() == [np.isfinite(tokens).sum(), np.nansum(tokens)]
    assert profile.tables[TableKey("operations:cost")].tolist() == [len(dollars), np.floor(dollars * 1e6 + 0.5).sum()]


def test_characters_are_counted_by_class(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    text = "".join(each for each in rows["comment"].to_pylist() if each)
    ascii_letters = sum(each.isascii() and each.isalpha() for each in text)
    spaces = sum(each in " \t\n" for each in text)
    counted = count_all(grid, rows).tables[TableKey("characters:comment")].tolist()
    assert counted[:3] == [ascii_letters, sum(each.isdigit() for each in text), spaces]
    assert sum(counted) == len(text)


def test_segments_add_up_to_the_whole(grid: Grid, rows: pa.Table) -> None:
    profile = count_all(grid, rows)
    for column in grid.segments:
        labels = grid.segment_axis(column).labels
        for name, table in tables(grid).items():
            if not table.segmented:
                continue
            parts = [profile.get(name, label) for label in labels]
            summed = np.sum([part for part in parts if part is not None], axis=0)
            whole = profile.tables[TableKey(name)]
            for place, axis in enumerate(table.axes):
                if axis.kind in ("numeric", "probability"):
                    fold = folding(axis)  # type: ignore[arg-type]
                    folded = np.zeros((*whole.shape[:place], fold[-1] + 1, *whole.shape[place + 1 :]), np.int64)
                    np.add.at(np.moveaxis(folded, place, 0), fold, np.moveaxis(whole, place, 0))
                    whole = folded
            assert np.array_equal(summed, whole), (column, name)


def test_a_segment_holds_the_rows_of_its_value(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    profile = count_all(grid, rows)
    web = [row for row in rows.to_pylist() if row["channel"] == "web"]
    assert profile.tables[TableKey("rows", "channel=web")].tolist() == [len(web)]
    selection = np.zeros((5, 3), np.int64)
    for row in web:
        selection[group_of(grid, "age", row["age"]), 2 if row["decision"] is None else row["decision"]] += 1
    assert np.array_equal(profile.tables[TableKey("selection:age", "channel=web")], selection)


def test_at_most_fifty_values_of_a_column_are_segments() -> None:
    table = pa.table({"y": [0, 1] * 200, "shop": [f"shop {number % 80:02d}" for number in range(399)] + [None]})
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="y", segments=("shop",)))
    grid = build_grid(spec, table)
    profile = count_all(grid, table)
    rows = {segment: profile.tables[TableKey("rows", segment)][0] for segment in profile.segments}
    assert len(rows) == 52
    assert rows["shop=(null)"] == 1
    assert sum(rows.values()) == 400


def test_slots_are_six_hours_of_the_utc_day(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    by_slot = count(grid, rows, by_slot=True)
    hours = [moment.hour // 6 for moment in rows["at"].to_pylist()]
    assert [by_slot[slot].rows for slot in range(4)] == [hours.count(slot) for slot in range(4)]
    assert differences(total(by_slot.values(), grid.id), count_all(grid, rows)) == []


def test_halves_of_a_profile_are_disjoint_and_add_up(grid: Grid, rows: pa.Table) -> None:
    feature, outcome = count_all(grid, rows, what="feature"), count_all(grid, rows, what="outcome")
    assert not set(feature.tables) & set(outcome.tables)
    assert differences(feature + outcome, count_all(grid, rows)) == []


def test_a_missing_column_leaves_its_tables_out(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    whole, less = count_all(grid, rows), count_all(grid, rows.drop(["amount", "sex", "defaulted"]))
    gone = {key.table for key in whole.tables} - {key.table for key in less.tables}
    assert {"column:amount", "selection:sex", "selection:sex*age", "confusion", "label", "score_label"} <= gone
    assert differences(less, Profile(grid.id, {key: whole.tables[key] for key in less.tables})) == []


def test_rows_without_any_column_are_still_counted() -> None:
    grid = build_grid(ModelSpec(model="m", task="binary", columns=Columns(prediction="y")), pa.table({"y": [0, 1]}))
    assert count_all(grid, pa.table({"other": [1, 2, 3]})).rows == 3
    assert count_all(grid, []).rows == 0
    assert differences(count_all(grid, []), empty_profile(grid)) == []


def test_files_of_every_sort_count_alike(rows: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    expected = count_all(grid, rows)
    pq.write_table(rows, tmp_path / "one.parquet", row_group_size=77, compression="zstd")
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(4):
        pq.write_table(rows.slice(number * 100, 100), folder / f"{number}.parquet", use_dictionary=number % 2 == 0)
    assert differences(count_all(grid, tmp_path / "one.parquet"), expected) == []
    assert differences(count_all(grid, str(folder)), expected) == []
    assert differences(count_all(grid, f"{folder}/*.parquet"), expected) == []
    assert differences(count_all(grid, [folder / f"{number}.parquet" for number in range(4)]), expected) == []
    assert differences(count_all(grid, rows.to_batches(31)), expected) == []
    assert (
        differences(count_all(grid, pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(50))), expected)
        == []
    )
    monkeypatch.setattr(rows_module, "LARGEST_GROUP", 50)
    assert differences(count_all(grid, tmp_path / "one.parquet"), expected) == []


def test_files_with_different_columns_add_up(rows: pa.Table, tmp_path: Path) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    parts = [rows.slice(0, 150), rows.slice(150).drop(["amount", "channel"])]
    for number, part in enumerate(parts):
        pq.write_table(part, tmp_path / f"{number}.parquet")
    together = count_all(grid, tmp_path)
    assert differences(together, total([count_all(grid, part) for part in parts], grid.id)) == []


def test_row_groups_with_different_dictionaries_are_one_column(tmp_path: Path) -> None:
    table = pa.table({"y": [0] * 6000, "c": [f"v{number}" for number in range(3000)] * 2})
    pq.write_table(table, tmp_path / "rows.parquet", dictionary_pagesize_limit=1024, data_page_size=512)
    columns = Columns(prediction="y", features={"c": Kind.CATEGORICAL})
    grid = build_grid(ModelSpec(model="m", task="binary", columns=columns), table)
    assert differences(count_all(grid, tmp_path / "rows.parquet"), count_all(grid, table)) == []


def test_counting_by_slot_needs_the_timestamp(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    with pytest.raises(DataError, match="no column 'at', so they cannot be counted by time of day"):
        count(grid, rows.drop(["at"]), by_slot=True)


def test_profiles_of_different_grids_do_not_add_up(rows: pa.Table) -> None:
    one, two = (build_grid(nasty_spec(task), rows) for task in (Task.BINARY, Task.RANKING))
    with pytest.raises(GridMismatchError, match="do not add up"):
        count_all(one, rows) + count_all(two, rows)


def test_numbers_of_every_type_are_counted_alike() -> None:
    values = [0, 1, 2, 3, 100] * 20
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="y"))
    grid = build_grid(spec, pa.table({"y": [0, 1] * 50, "x": pa.array(values, pa.float64())}))
    expected = count_all(grid, pa.table({"x": pa.array(values, pa.float64())})).tables[TableKey("column:x")]
    for kind in (pa.int8(), pa.uint16(), pa.int64(), pa.uint64(), pa.float32(), pa.float16(), pa.decimal128(9, 2)):
        array = (
            pa.array(values, pa.float64()).cast(kind) if not pa.types.is_float16(kind) else pa.array(np.float16(values))
        )
        found = count_all(grid, pa.table({"x": array})).tables[TableKey("column:x")]
        assert np.array_equal(found, expected), kind
    text = pa.table({"x": pa.array([str(value) for value in values])})
    assert np.array_equal(count_all(grid, text).tables[TableKey("column:x")], expected)


def test_other_seeds_agree_with_counting_by_hand() -> None:
    for seed in range(3):
        rows = nasty_rows(60, seed)
        grid = build_grid(nasty_spec(Task.BINARY), nasty_rows(300, seed + 100))
        by_hand, profile = count_by_hand(grid, rows), count_all(grid, rows)
        for name in ("column:amount", "column:score", "column:merchant", "outcome:sex*age", "score_label"):
            found = profile.tables[TableKey(name)]
            assert {tuple(cells): found[tuple(cells)] for cells in np.argwhere(found)} == dict(by_hand[name]), name


@pytest.mark.parametrize("width", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64()])
def test_whole_numbers_count_alike_in_every_width(width: pa.DataType) -> None:
    numbers = [0, 100] if pa.types.is_unsigned_integer(width) else [-128, 127]
    values = [*numbers * 5_000, None]
    rows = pa.table({"x": pa.array(values, width), "said": pa.array([1] * len(values))})
    kinds = {"x": Kind.NUMERIC}
    grid = build_grid(ModelSpec(model="m", task="binary", columns=Columns(prediction="said", features=kinds)), rows)
    counts = count_all(grid, rows).tables[TableKey("column:x")]
    axis = grid.axes["x"]
    assert [axis.labels[cell] for cell in np.flatnonzero(counts)] == [*(f"{number:.1f}" for number in numbers), "null"]
    assert counts[counts > 0].tolist() == [5_000, 5_000, 1]
