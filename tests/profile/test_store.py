from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from aimon.daily.reference import declaration
from aimon.errors import LakeError
from aimon.lake.lake import Lake
from aimon.profile.axis import NumericAxis
from aimon.profile.build import build_grid
from aimon.profile.count import count, count_all
from aimon.profile.grid import Grid
from aimon.profile.legend import legend
from aimon.profile.profile import Profile, TableKey, total
from aimon.profile.store import ProfileStore
from aimon.profile.stored import from_bytes, to_bytes
from aimon.profile.tables import is_outcome, tables
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from tests.profile.nasty_rows import differences, nasty_rows, nasty_spec

FIRST = date(2026, 3, 1)


@pytest.fixture(scope="module")
def grid(rows: pa.Table) -> Grid:
    return build_grid(nasty_spec(Task.REGRESSION), rows)


@pytest.fixture
def profiles(tmp_path: Path) -> ProfileStore:
    return ProfileStore(Lake(str(tmp_path)))


def test_a_profile_survives_being_written_and_read(grid: Grid, rows: pa.Table) -> None:
    profile = count_all(grid, rows)
    again = from_bytes(to_bytes(profile, {})).profile()
    assert differences(again, profile) == []
    assert again.grid_id == grid.id
    assert all(counts.dtype == np.int64 for counts in again.tables.values())


def test_large_and_negative_counts_survive_too() -> None:
    profile = Profile(
        "g", {TableKey("column:x"): np.array([[2**62, -1], [0, 5]]), TableKey("rows", "a=b"): np.array([1])}
    )
    assert differences(from_bytes(to_bytes(profile, {})).profile(), profile) == []
    assert differences(from_bytes(to_bytes(Profile("g"), {})).profile(), Profile("g")) == []


def test_equal_profiles_are_equal_bytes(grid: Grid, rows: pa.Table) -> None:
    shuffled = rows.take(np.random.default_rng(0).permutation(len(rows)))
    assert to_bytes(count_all(grid, rows), {"day": "d"}) == to_bytes(count_all(grid, shuffled), {"day": "d"})


def test_a_day_is_the_sum_of_its_slots(grid: Grid, rows: pa.Table, profiles: ProfileStore) -> None:
    slots = count(grid, rows, by_slot=True)
    profiles.write_day("m", "1", FIRST, slots)
    whole, last = profiles.day("m", FIRST), profiles.slot("m", FIRST, 3)
    assert whole is not None
    assert last is not None
    assert differences(whole, count_all(grid, rows)) == []
    assert differences(last, slots[3]) == []
    assert profiles.day("m", FIRST + timedelta(days=1)) is None
    assert profiles.slot("m", FIRST + timedelta(days=1), 0) is None


def test_a_window_is_the_sum_of_its_days(grid: Grid, profiles: ProfileStore) -> None:
    days = {}
    for number in (0, 1, 2, 4):
        rows = nasty_rows(50, number)
        rows = rows.drop(["amount"]) if number == 1 else rows
        days[number] = count_all(grid, rows)
        profiles.write_day("m", "1", FIRST + timedelta(days=number), {0: days[number]})
    window = profiles.window("m", FIRST + timedelta(days=1), days=5, grid_id=grid.id)
    assert differences(window, total([days[1], days[2], days[4]], grid.id)) == []
    assert window.tables[TableKey("rows")].sum() == 150
    assert window.tables[TableKey("column:amount")].sum() == 100
    assert profiles.window("m", FIRST, days=5, grid_id="other").tables == {}


def test_a_day_that_is_written_again_replaces_its_counts(grid: Grid, profiles: ProfileStore) -> None:
    for number in range(2):
        profiles.write_day("m", "1", FIRST, {0: count_all(grid, nasty_rows(20 + number, number))})
    assert profiles.window("m", FIRST, days=1, grid_id=grid.id).rows == 21


def test_grids_and_baselines_are_kept_and_checked(
    grid: Grid, rows: pa.Table, profiles: ProfileStore, tmp_path: Path
) -> None:
    kept = profiles.write_grid("m", grid)
    assert profiles.grid("m", grid.id) == grid
    path = tmp_path / kept.key
    path.write_text(path.read_text().replace('"REGRESSION"', '"RANKING"').replace("regression", "ranking"))
    with pytest.raises(LakeError, match="was changed after it was written"):
        profiles.grid("m", grid.id)
    baseline = count_all(grid, rows)
    written = profiles.write_baseline("m", "b1", baseline)
    assert differences(profiles.baseline("m", "b1", sha256=written.sha256), baseline) == []
    with pytest.raises(LakeError, match="is not the baseline that was approved"):
        profiles.baseline("m", "b1", sha256="0" * 64)


def test_people_can_read_the_counts_with_duckdb(
    grid: Grid, rows: pa.Table, profiles: ProfileStore, tmp_path: Path
) -> None:
    """The query of docs/reference/profile.md."""
    profiles.write_day("m", "1", FIRST, count(grid, rows, by_slot=True))
    path = tmp_path / "profiles" / "model=m" / "date=2026-03-01" / "day.parquet"
    cells = tmp_path / profiles.write_grid("m", grid).key.replace(".json", "-cells.parquet")
    query = """
        SELECT labels[1] AS label, count
        FROM read_parquet(?, hive_partitioning = false) AS day
        JOIN read_parquet(?, hive_partitioning = false) AS cells USING ("table", cell)
        WHERE "table" = 'column:channel' AND segment IS NULL AND NOT in_segment
        ORDER BY cell
        """
    found = duckdb.execute(query, [str(path), str(cells)]).fetchall()
    expected = count_all(grid, rows).tables[TableKey("column:channel")].tolist()
    assert [each[1] for each in found] == expected
    assert [each[0] for each in found] == list(grid.axes["channel"].labels)
    told = duckdb.execute(
        "SELECT DISTINCT model, version, day, grid_id, profile "
        "FROM read_parquet(?, hive_partitioning = false) ORDER BY ALL",
        [str(path)],
    ).fetchall()
    assert told == [("m", "1", "2026-03-01", grid.id, half) for half in ("feature", "outcome")]


def test_every_cell_has_its_labels(grid: Grid) -> None:
    found = legend(grid)
    counted = found.group_by(["table", "in_segment"]).aggregate([("cell", "count")]).to_pylist()
    sizes = {(row["table"], row["in_segment"]): row["cell_count"] for row in counted}
    for name, table in tables(grid).items():
        assert sizes[name, False] == np.prod(table.shape)
        assert sizes.get((name, True), 0) == (np.prod(table.coarse().shape) if table.segmented else 0)
    errors = found.filter((pc.field("table") == "operations:error") & ~pc.field("in_segment")).to_pylist()
    assert [row["labels"] for row in errors] == [["ok"], ["error"]]


def test_tables_know_by_their_names_which_half_they_are_of(grid: Grid) -> None:
    assert {name for name in tables(grid) if is_outcome(name)} == {t.name for t in tables(grid).values() if t.outcome}


def test_late_labels_replace_the_outcome_half_only(rows: pa.Table, profiles: ProfileStore) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    late = rows.set_column(rows.column_names.index("defaulted"), "defaulted", pa.nulls(len(rows), pa.bool_()))
    profiles.write_day("m", "1", FIRST, count(grid, late, by_slot=True))
    profiles.write_outcomes("m", "1", FIRST, count(grid, rows, what="outcome", by_slot=True))
    day, slot = profiles.day("m", FIRST), profiles.slot("m", FIRST, 2)
    assert day is not None
    assert slot is not None
    assert differences(day, count_all(grid, rows)) == []
    assert differences(slot, count(grid, rows, by_slot=True)[2]) == []


def test_days_counted_before_a_table_existed_add_to_days_that_have_it(
    grid: Grid, rows: pa.Table, profiles: ProfileStore
) -> None:
    slots, new = count(grid, rows, by_slot=True), TableKey("relative_error")
    before = {
        slot: Profile(grid.id, {key: counts for key, counts in profile.tables.items() if key.table != new.table})
        for slot, profile in slots.items()
    }
    profiles.write_day("m", "1", FIRST, before)
    profiles.write_day("m", "1", FIRST + timedelta(days=1), slots)
    window, day = profiles.window("m", FIRST, days=2, grid_id=grid.id), total(slots.values(), grid.id)
    assert window.rows == 2 * day.rows
    assert np.array_equal(window.tables[new], day.tables[new])
    assert np.array_equal(window.tables[TableKey("residual")], 2 * day.tables[TableKey("residual")])


def test_a_grid_without_new_roles_keeps_the_id_that_it_had_before_there_were_any() -> None:
    """The ids were written down before `class_scores`, `lower` and `upper` existed; lakes hold such ids."""
    axis = NumericAxis(center=1.0, scale=2.0)
    old = Grid(
        task=Task.REGRESSION,
        axes={"y": axis, "t": axis},
        kinds={"y": Kind.NUMERIC, "t": Kind.NUMERIC},
        prediction="y",
        label="t",
        residual=NumericAxis(center=0.0, scale=1.0),
    )
    assert old.id == "a0131aa273fa4abf"
    assert Grid.model_validate(old.model_dump() | {"lower": "p05", "upper": "p95"}).id != old.id
    spec = ModelSpec(model="m", task="regression", columns=Columns(prediction="y", label="t"))
    assert declaration(spec) == "a036c65aa1cf7893"
