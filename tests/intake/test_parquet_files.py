from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from aimon.clock import day_end, day_start, days
from aimon.errors import SourceError
from aimon.intake.parquet_files import ParquetFiles

Read = Callable[..., pa.Table]
Rows = Callable[..., pa.Table]
Write = Callable[..., Path]
FIRST, SECOND, THIRD = (date(2026, 11, number) for number in (18, 19, 20))
ODD_NAMES = ["group", "a b", "x.y", 'say "hi"', "it's", "naïve ☃", "{}", "select *", "", "../x", "a=b", "\t", "日付"]


def source(root: Path, path: str = ".", timestamp: str | None = "at", timezone: str = "UTC") -> ParquetFiles:
    return ParquetFiles(path, root=root, timestamp=timestamp, timezone=timezone)


def test_a_days_rows_are_those_of_that_day(tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read) -> None:
    parquet_at(predictions(300), "all.parquet", row_group_size=7)
    for number, day in enumerate((FIRST, SECOND, THIRD)):
        assert day_of(source(tmp_path), day)["id"].to_pylist() == list(range(number * 100, number * 100 + 100))
    assert day_of(source(tmp_path), date(2026, 11, 17)).num_rows == 0
    assert source(tmp_path).days() == [FIRST, SECOND, THIRD]
    assert source(tmp_path).undated() == 0


def test_an_empty_day_has_the_columns_of_the_source(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    parquet_at(predictions(3, color=["red", "green", "red"]), "all.parquet")
    empty = day_of(source(tmp_path), date(2020, 1, 1))
    assert empty.num_rows == 0
    assert empty.schema == source(tmp_path).schema()
    assert source(tmp_path).columns() == ["id", "at", "color"]


def test_only_the_days_own_row_groups_are_read(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    path = parquet_at(predictions(300), "all.parquet", row_group_size=100, compression="none")
    content = bytearray(path.read_bytes())
    metadata = parquet.read_metadata(path)
    for group in (0, 2):  # every byte of the other days is destroyed
        for column in range(2):
            chunk = metadata.row_group(group).column(column)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    path.write_bytes(content)
    assert day_of(source(tmp_path), SECOND).num_rows == 100
    with pytest.raises(
        SourceError, match=r"^all.parquet: the file is damaged and cannot be read \(.+\); copy it again$"
    ):
        day_of(source(tmp_path), THIRD)


def test_wanted_columns_come_in_the_order_asked_for(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    parquet_at(predictions(6, score=[0.5] * 6), "all.parquet")
    assert day_of(source(tmp_path), FIRST, ["score", "id"]).to_pydict() == {"score": [0.5, 0.5], "id": [0, 1]}
    with pytest.raises(SourceError) as refused:
        day_of(source(tmp_path), FIRST, ["price"])
    assert str(refused.value) == ".: there is no column 'price'; the columns are id, at, score"


def test_names_of_columns_may_hold_anything(tmp_path: Path, parquet_at: Write, day_of: Read) -> None:
    for name in ODD_NAMES:
        table = pa.table({"x": [1, 2, 3], name: pa.array([day_start(day) for day in (FIRST, SECOND, THIRD)])})
        parquet_at(table, "odd.parquet")
        assert day_of(source(tmp_path, timestamp=name), SECOND, ["x", name]).to_pylist() == [
            {"x": 2, name: day_start(SECOND)}
        ]


def test_a_column_with_a_dot_is_not_a_part_of_a_structure(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    parquet_at(
        predictions(3).append_column("a.b", [["dot"] * 3]).append_column("a", [[{"b": "inner"}] * 3]), "all.parquet"
    )
    assert day_of(source(tmp_path), FIRST, ["a.b"]).to_pydict() == {"a.b": ["dot"]}
    assert day_of(source(tmp_path), FIRST, ["a"]).to_pydict() == {"a": [{"b": "inner"}]}


def test_the_timestamp_may_be_left_out_of_the_wanted_columns(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    parquet_at(predictions(6), "all.parquet")
    assert day_of(source(tmp_path), SECOND, ["id"]).to_pydict() == {"id": [2, 3]}


KINDS = {
    "text": lambda stamp: stamp.isoformat(),
    "text with offset": lambda stamp: stamp.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    "seconds": lambda stamp: int(stamp.timestamp()),
    "float seconds": lambda stamp: stamp.timestamp(),
    "milliseconds": lambda stamp: int(stamp.timestamp() * 1_000),
    "naive": lambda stamp: stamp.replace(tzinfo=None),
    "date": lambda stamp: stamp.date(),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("statistics", [True, False])
def test_every_kind_of_timestamp_is_pruned_and_read_alike(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read, kind: str, statistics: bool
) -> None:
    rows = predictions(72)
    column = pa.array([KINDS[kind](stamp) for stamp in rows["at"].to_pylist()])
    parquet_at(rows.set_column(1, "at", column), "all.parquet", row_group_size=5, write_statistics=statistics)
    found = [day_of(source(tmp_path), day) for day in (FIRST, SECOND, THIRD)]
    assert [table["id"].to_pylist() for table in found] == [list(range(low, low + 24)) for low in (0, 24, 48)]
    assert {table.schema.field("at").type for table in found} == {pa.timestamp("us", "UTC")}
    assert source(tmp_path).days() == [FIRST, SECOND, THIRD]


@given(
    stamps=st.lists(
        st.datetimes(datetime.fromisoformat("2026-03-27"), datetime.fromisoformat("2026-03-31")) | st.none(),
        min_size=1,
        max_size=40,
    ),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    group=st.integers(1, 9),
)
def test_every_dated_row_is_in_exactly_one_day(
    tmp_path_factory: pytest.TempPathFactory, stamps: list[datetime | None], zone: str, group: int
) -> None:
    folder = tmp_path_factory.mktemp("law")
    table = pa.table({"row": list(range(len(stamps))), "at": pa.array(stamps, pa.timestamp("us"))})
    parquet.write_table(table, folder / "x.parquet", row_group_size=group)
    reading = source(folder, timezone=zone)
    held = {
        day: reading.batches(day_start(day), day_end(day)).read_all()
        for day in days(date(2026, 3, 26), date(2026, 4, 1))
    }
    rows = [row for part in held.values() for row in part["row"].to_pylist()]
    assert sorted(rows) == [row for row, stamp in enumerate(stamps) if stamp is not None]
    assert reading.days() == [day for day, part in held.items() if part.num_rows]
    assert reading.undated() == stamps.count(None)
    for day, part in held.items():
        assert set(pc.unique(part["at"].cast(pa.date32())).to_pylist()) <= {day}


def test_rows_without_a_time_belong_to_no_day_and_are_counted(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    rows = predictions(4, days=1)
    some = pc.if_else(pa.array([True, False, True, False]), rows["at"], None)
    parquet_at(rows.set_column(1, "at", some), "dated.parquet")
    parquet_at(rows.set_column(1, "at", [["", "2026-11-18", " ", None]]), "texts.parquet")
    assert day_of(source(tmp_path), FIRST)["id"].to_pylist() == [0, 2, 1]
    assert source(tmp_path).undated() == 5
    assert source(tmp_path).rows().read_all().num_rows == 8


def test_files_may_differ_in_columns_and_types(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    rows = predictions(3)
    parquet_at(rows.slice(0, 1).append_column("age", [[41]]), "1.parquet")
    parquet_at(rows.slice(1, 1).append_column("age", [["forty-two"]]).append_column("new", [[True]]), "2.parquet")
    parquet_at(rows.slice(2, 1), "3.parquet")
    drifting = source(tmp_path)
    assert drifting.schema() == pa.schema(
        [("id", pa.int64()), ("at", pa.timestamp("us", "UTC")), ("age", pa.string()), ("new", pa.bool_())]
    )
    assert day_of(drifting, FIRST, ["age", "new"]).to_pydict() == {"age": [41], "new": [None]}
    assert day_of(drifting, SECOND, ["age"]).to_pydict() == {"age": ["forty-two"]}
    assert day_of(drifting, THIRD).column_names == ["id", "at"]
    assert day_of(drifting, THIRD, ["age"]).schema.field("age").type == pa.string()
    assert drifting.rows(["age"]).read_all()["age"].to_pylist() == ["41", "forty-two", None]


def test_types_that_meet_within_a_day_find_a_common_one(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    rows = predictions(2, days=1)
    parquet_at(rows.slice(0, 1).append_column("x", [[1]]).append_column("y", [[1]]), "1.parquet")
    parquet_at(rows.slice(1, 1).append_column("x", [[0.5]]).append_column("y", [["one"]]), "2.parquet")
    assert day_of(source(tmp_path), FIRST, ["x", "y"]).to_pydict() == {"x": [1.0, 0.5], "y": ["1", "one"]}


def test_folder_names_are_columns(tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read) -> None:
    rows = predictions(3)
    parquet_at(rows, "region=EU/year=2026/x.parquet")
    parquet_at(rows, "region=007/year=2026/x.parquet")
    parquet_at(rows.append_column("region", [["own"] * 3]), "region=US/year=last/x.parquet")
    found = day_of(source(tmp_path), FIRST, ["region", "year"])
    assert found.to_pylist() == [
        {"region": "007", "year": "2026"},
        {"region": "EU", "year": "2026"},
        {"region": "own", "year": "last"},
    ]
    assert day_of(source(tmp_path, "region=EU"), FIRST, ["year"]).to_pydict() == {"year": [2026]}
    assert source(tmp_path, "region=EU").columns() == ["id", "at", "year"]


def test_the_day_may_stand_in_the_folders_name_alone(tmp_path: Path, parquet_at: Write, day_of: Read) -> None:
    for day in (FIRST, SECOND):
        parquet_at(pa.table({"x": [day.day]}), f"date={day}/x.parquet")
    (tmp_path / f"date={THIRD}").mkdir()
    (tmp_path / f"date={THIRD}/x.parquet").write_bytes((tmp_path / f"date={FIRST}/x.parquet").read_bytes())
    partitioned = source(tmp_path, timestamp="date")
    assert day_of(partitioned, SECOND).to_pylist() == [{"x": 19, "date": day_start(SECOND)}]
    assert day_of(partitioned, SECOND, ["date"]).num_rows == 1
    assert partitioned.days() == [FIRST, SECOND, THIRD]
    assert partitioned.undated() == 0


def test_a_source_in_memory_reads_like_one_on_disk(predictions: Rows, day_of: Read) -> None:
    with fsspec.open("memory://parquet-source/k=1/x.parquet", "wb") as stream:
        parquet.write_table(predictions(30), stream)
    found = day_of(source(Path(), "memory://parquet-source"), SECOND)
    assert found["id"].to_pylist() == list(range(10, 20))
    assert set(found["k"].to_pylist()) == {1}


def test_a_file_that_was_replaced_is_read_anew(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    parquet_at(predictions(3), "x.parquet")
    reading = source(tmp_path)
    assert day_of(reading, FIRST).num_rows == 1
    parquet_at(predictions(30), "x.parquet")
    assert day_of(reading, FIRST).num_rows == 10


def test_a_source_without_a_timestamp_has_rows_but_no_days(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    parquet_at(predictions(3), "x.parquet")
    timeless = source(tmp_path, timestamp=None)
    assert timeless.rows().read_all().num_rows == 3
    assert timeless.schema().names == ["id", "at"]
    for ask in (lambda: day_of(timeless, FIRST), timeless.days, timeless.undated):
        with pytest.raises(SourceError) as refused:
            ask()
        assert str(refused.value) == (
            "columns.timestamp is not declared, so the rows belong to no day; name the column that says when"
        )


def test_a_file_without_the_timestamp_column_is_named(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    parquet_at(predictions(3), "a.parquet")
    parquet_at(pa.table({f"c{number}": [1] for number in range(14)}), "b.parquet")
    with pytest.raises(SourceError) as refused:
        day_of(source(tmp_path), FIRST)
    assert str(refused.value) == (
        "b.parquet: there is no column 'at'; the columns are c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, ..."
    )


def test_a_timestamp_that_is_none_is_pointed_at(
    tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read
) -> None:
    rows = predictions(30)
    texts = [stamp.isoformat() for stamp in rows["at"].to_pylist()]
    texts[13] = "yesterday, or the day before: nobody remembers what day it was"
    parquet_at(rows.set_column(1, "at", [texts]), "x.parquet", row_group_size=4)
    with pytest.raises(SourceError) as refused:
        day_of(source(tmp_path), SECOND)
    assert str(refused.value) == (
        "x.parquet: row 14: at is 'yesterday, or the day before: nobody remembers wh..., which is not a time; write "
        "ISO 8601, such as 2026-11-20T06:00:00Z, or a number of seconds since 1970"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.parquet: the file is empty; remove it, or correct source.kind"),
        (b"id,at\n1,2026-11-20\n", "x.parquet: the file is not Parquet; remove it, or correct source.kind"),
        (b"PAR1", "x.parquet: the file is cut short: its end is missing; copy it again"),
        (b"PAR1PAR1", "x.parquet: the file is cut short: its end is missing; copy it again"),
    ],
)
def test_a_file_that_is_no_parquet_is_named(tmp_path: Path, day_of: Read, content: bytes, sentence: str) -> None:
    (tmp_path / "x.parquet").write_bytes(content)
    with pytest.raises(SourceError) as refused:
        day_of(source(tmp_path), FIRST)
    assert str(refused.value) == sentence


def test_a_file_cut_anywhere_is_refused(tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read) -> None:
    whole = parquet_at(predictions(30), "x.parquet").read_bytes()
    for length in range(12, len(whole), 97):
        (tmp_path / "x.parquet").write_bytes(whole[:length])
        with pytest.raises(SourceError) as refused:
            day_of(source(tmp_path), FIRST)
        assert str(refused.value) == "x.parquet: the file is cut short: its end is missing; copy it again"


def test_a_damaged_footer_is_refused(tmp_path: Path, predictions: Rows, parquet_at: Write, day_of: Read) -> None:
    whole = bytearray(parquet_at(predictions(30), "x.parquet").read_bytes())
    whole[-8:-4] = (2**31 - 1).to_bytes(4, "little")
    (tmp_path / "x.parquet").write_bytes(whole)
    with pytest.raises(SourceError, match=r"^x.parquet: the file is damaged and cannot be read"):
        day_of(source(tmp_path), FIRST)


def test_two_columns_with_one_name_are_refused(tmp_path: Path, day_of: Read) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    parquet.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(SourceError) as refused:
        day_of(source(tmp_path), FIRST)
    assert str(refused.value) == "x.parquet: two columns are named 'x'; rename one of them"


def test_long_texts_are_read_in_small_pieces(tmp_path: Path, predictions: Rows, parquet_at: Write) -> None:
    parquet_at(predictions(300, days=1, prompt=[f"{number}" * 30_000 for number in range(300)]), "x.parquet")
    sizes = [batch.nbytes for batch in source(tmp_path).batches(day_start(FIRST), day_end(FIRST))]
    assert len(sizes) > 5
    assert max(sizes) < 8 << 20


def test_a_range_may_be_any_span_of_time(tmp_path: Path, predictions: Rows, parquet_at: Write) -> None:
    parquet_at(predictions(72), "x.parquet", row_group_size=10)
    start = day_start(FIRST) + timedelta(hours=18)
    assert source(tmp_path).batches(start, start + timedelta(hours=6)).read_all()["id"].to_pylist() == list(
        range(18, 24)
    )
