import bz2
import gzip
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv

from aimon.clock import day_end, day_start
from aimon.errors import SourceError
from aimon.intake.csv_files import CsvFiles

Read = Callable[..., pa.Table]
FIRST, SECOND = date(2026, 11, 18), date(2026, 11, 19)
HEADER = "id,at,x\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., None]:
    def written(text: str, name: str = "x.csv") -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    return written


def source(root: Path, path: str = ".", timestamp: str | None = "at", **options: str) -> CsvFiles:
    return CsvFiles(path, root=root, timestamp=timestamp, **options)


def test_a_days_rows_are_those_of_that_day(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    write("id,at\n1,2026-11-18\n2,2026-11-18T23:59:59.999999Z\n3,2026-11-19T00:00:00Z\n4,\n")
    write("id,at\n5,2026-11-18T01:00:00+02:00\n6,1795046400\n", "deep/y.csv")
    assert day_of(source(tmp_path), FIRST)["id"].to_pylist() == [1, 2]
    assert day_of(source(tmp_path), SECOND)["id"].to_pylist() == [6, 3]
    assert source(tmp_path).days() == [date(2026, 11, 17), FIRST, SECOND]
    assert source(tmp_path).undated() == 1
    assert source(tmp_path).columns() == ["id", "at"]


def test_columns_have_the_types_their_texts_show(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    write(
        "at,int,float,bool,date,time,instant,zip,card,phone,hex,text,none,words,mixed\n"
        "2026-11-18,1,1.5,true,2026-01-02,2026-01-02 03:04,2026-01-02T03:04:05Z,02134,4111111111111111,+4,0xF,a,,NA,1\n"
        "2026-11-18,NA,nan,False,,2026-01-02,2026-01-02T03:04:05+01:00,2134,5,5,5,1,,,true\n"
        "2026-11-18, 3 ,-inf,n/a,NaT,,,,,,,NA,,null,\n"
    )
    found = day_of(source(tmp_path), FIRST)
    assert {field.name: field.type for field in found.schema} == {
        "at": pa.timestamp("us", "UTC"),
        "int": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "date": pa.date32(),
        "time": pa.timestamp("us"),
        "instant": pa.timestamp("us", "UTC"),
        "zip": pa.string(),
        "card": pa.string(),
        "phone": pa.string(),
        "hex": pa.string(),
        "text": pa.string(),
        "none": pa.null(),
        "words": pa.null(),
        "mixed": pa.string(),
    }
    assert found["int"].to_pylist() == [1, None, 3]
    assert str(found["float"].to_pylist()) == "[1.5, nan, -inf]"
    assert found["bool"].to_pylist() == [True, False, None]
    assert found["date"].to_pylist() == [date(2026, 1, 2), None, None]
    assert found["time"].to_pylist()[1] == datetime.fromisoformat("2026-01-02")
    assert found["instant"].to_pylist()[1] == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert found["zip"].to_pylist() == ["02134", "2134", None]
    assert found["text"].to_pylist() == ["a", "1", "NA"]
    assert found["mixed"].to_pylist() == ["1", "true", None]


def test_a_column_may_change_its_type_overnight(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    write(HEADER + "1,2026-11-18,41\n2,2026-11-19,forty-two\n3,2026-11-19,43\n")
    assert day_of(source(tmp_path), FIRST, ["x"]).to_pydict() == {"x": [41]}
    assert day_of(source(tmp_path), SECOND, ["x"]).to_pydict() == {"x": ["forty-two", "43"]}
    assert source(tmp_path).schema().field("x").type == pa.string()
    assert day_of(source(tmp_path), date(2020, 1, 1)).schema == source(tmp_path).schema()


def test_types_are_learnt_from_every_block_of_a_file(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    kinds = {
        "int": ["1", "2"],
        "float": ["1", "2.5"],
        "text": ["1", "x"],
        "time": ["2026-01-01", "2026-01-01 10:00"],
        "late": ["", "7"],
    }
    filler = "y" * 900
    lines = [
        ",".join(["2026-11-18", filler, *(values[number == 9_999] for values in kinds.values())])
        for number in range(10_000)
    ]
    write("at,filler," + ",".join(kinds) + "\n" + "\n".join(lines) + "\n")
    found = day_of(source(tmp_path), FIRST, list(kinds))
    assert [str(kind) for kind in found.schema.types] == ["int64", "double", "string", "timestamp[us]", "int64"]
    assert found.slice(9_999).to_pylist() == [
        {"int": 2, "float": 2.5, "text": "x", "time": datetime.fromisoformat("2026-01-01T10:00"), "late": 7}
    ]
    assert found["float"].to_pylist()[:2] == [1.0, 1.0]


def test_yes_and_no_do_not_meet_numbers_in_a_later_block(
    tmp_path: Path, write: Callable[..., None], day_of: Read
) -> None:
    filler = "y" * 900
    rows = [f"2026-11-18,{filler},{'true' if number < 3_000 else '1'},2026-02-30\n" for number in range(6_000)]
    write("at,filler,flag,never\n" + "".join(rows))
    found = day_of(source(tmp_path), FIRST, ["flag", "never"])
    assert set(found["flag"].to_pylist()) == {"true", "1"}
    assert set(found["never"].to_pylist()) == {"2026-02-30"}


def test_quotes_hold_delimiters_line_breaks_and_quotes(
    tmp_path: Path, write: Callable[..., None], day_of: Read
) -> None:
    write('\ufeffid,"a, ""b""\nc",at\r\n1,"x\r\ny, ""z""",2026-11-18\r\n\r\n2,"",2026-11-18\r\n3,,2026-11-18')
    assert day_of(source(tmp_path), FIRST).to_pydict()['a, "b"\nc'] == ['x\r\ny, "z"', "", None]


def test_a_long_row_among_many_is_read_and_none_twice(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    lines = [f"{number},2026-11-18,{'y' * (5_000_000 if number == 40_000 else 50)}\n" for number in range(50_000)]
    write(HEADER + "".join(lines))
    found = day_of(source(tmp_path), FIRST)
    assert found["id"].to_pylist() == list(range(50_000))
    assert len(found["x"][40_000].as_py()) == 5_000_000


def test_another_delimiter_may_be_declared(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    write("id;at;x\n1;2026-11-18;1,5\n")
    assert day_of(source(tmp_path, delimiter=";"), FIRST, ["x"]).to_pydict() == {"x": ["1,5"]}


def test_naive_times_are_read_in_the_declared_timezone(
    tmp_path: Path, write: Callable[..., None], day_of: Read
) -> None:
    write(HEADER + "1,2026-11-19 00:30,\n2,2026-11-19 01:30,\n")
    assert day_of(source(tmp_path, timezone="Europe/Berlin"), FIRST)["id"].to_pylist() == [1]


def test_files_and_folders_add_columns(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    write(HEADER + "1,2026-11-18,a\n", "k=007/x.csv")
    write("at,id,new\n2026-11-18,two,0.5\n", "k=8/x.csv")
    write("at,k\n2026-11-18,own\n", "k=9/x.csv")
    assert day_of(source(tmp_path), FIRST, ["id", "x", "new", "k"]).to_pylist() == [
        {"id": "1", "x": "a", "new": None, "k": "007"},
        {"id": "two", "x": None, "new": 0.5, "k": "8"},
        {"id": None, "x": None, "new": None, "k": "own"},
    ]
    assert day_of(source(tmp_path), FIRST, ["k"]).to_pydict() == {"k": ["007", "8", "own"]}


def test_compressed_files_are_read(tmp_path: Path, day_of: Read) -> None:
    text = (HEADER + "1,2026-11-18,a\n").encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    (tmp_path / "b.csv.bz2").write_bytes(bz2.compress(text))
    with pa.CompressedOutputStream(str(tmp_path / "c.csv.zst"), "zstd") as stream:
        stream.write(text)
    assert day_of(source(tmp_path), FIRST)["id"].to_pylist() == [1, 1, 1]


def test_a_source_in_memory_reads_like_one_on_disk(day_of: Read) -> None:
    fsspec.filesystem("memory").pipe("/csv-source/x.csv", (HEADER + "1,2026-11-18,a\n").encode())
    assert day_of(source(Path(), "memory://csv-source/*.csv"), FIRST)["x"].to_pylist() == ["a"]


def test_a_file_known_to_hold_other_days_is_not_read_again(
    tmp_path: Path, write: Callable[..., None], day_of: Read
) -> None:
    write(HEADER + "1,2026-11-18,a\n", "first.csv")
    write(HEADER + "2,2026-11-19,b\n", "second.csv")
    assert source(tmp_path).days() == [FIRST, SECOND]
    stamp = (tmp_path / "first.csv").stat()
    with (tmp_path / "first.csv").open("r+b") as stream:  # spoilt behind its back: the same size and the same time
        stream.seek(len(HEADER))
        stream.write(b",")
    os.utime(tmp_path / "first.csv", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert day_of(source(tmp_path), SECOND)["id"].to_pylist() == [2]
    with pytest.raises(SourceError, match=r"^first.csv:2: the row has 4 fields"):
        day_of(source(tmp_path), FIRST)


def test_a_source_without_a_timestamp_has_rows_but_no_days(
    tmp_path: Path, write: Callable[..., None], day_of: Read
) -> None:
    write(HEADER + "1,2026-11-18,a\n")
    timeless = source(tmp_path, timestamp=None)
    assert timeless.rows(["at", "x"]).read_all().to_pydict() == {"at": [FIRST], "x": ["a"]}
    with pytest.raises(SourceError, match=r"^columns.timestamp is not declared"):
        day_of(timeless, FIRST)


def test_a_file_with_only_a_header_has_no_rows(tmp_path: Path, write: Callable[..., None], day_of: Read) -> None:
    write(HEADER)
    assert day_of(source(tmp_path), FIRST).num_rows == 0
    assert source(tmp_path).days() == []
    assert source(tmp_path).rows().read_all().num_rows == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.csv: the file is empty, without even a header; remove it"),
        (b"a,a\n1,2\n", "x.csv: two columns are named 'a'; rename one of them"),
        (
            b'id,at,x\n1,2026-11-18,"a\nb"\n\n2,2026-11-18\n',
            "x.csv:5: the row has 2 fields and the header 3; mend the row, or quote the field that holds the delimiter",
        ),
        (
            b"id,at,x\n1,2026-11-18,1,5\n",
            "x.csv:2: the row has 4 fields and the header 3; mend the row, or quote the field that holds the delimiter",
        ),
        (b"id,at,x\n1,2026-11-18,\xe9\n", "x.csv: the file is not UTF-8; save it as UTF-8"),
        (b"id,at,\xe9\n", "x.csv: the file is not UTF-8; save it as UTF-8"),
        (
            b'id,at,x\n1,2026-11-18,"' + b"y" * 140_000_000,
            "x.csv: a row is longer than 64 MB, or a quote is opened and never closed; mend the file",
        ),
        (
            b'id,at,x\n1,2026-11-18,"a\nb"\n2,18/11/2026,a\n',
            (
                "x.csv:4: at is '18/11/2026', which is not a time; write ISO 8601, such as 2026-11-20T06:00:00Z, "
                "or a number of seconds since 1970"
            ),
        ),
        (b"id,x\n1,a\n", "x.csv: there is no column 'at'; the columns are id, x"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, day_of: Read, content: bytes, sentence: str
) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(SourceError) as refused:
        day_of(source(tmp_path), FIRST)
    assert str(refused.value) == sentence


def test_a_line_that_pythons_reader_cannot_find_is_told_by_its_row(tmp_path: Path, day_of: Read) -> None:
    long = b"y" * 200_000  # beyond the largest field of Python's csv module
    (tmp_path / "x.csv").write_bytes(b"id,at,x\n1,2026-11-18," + long + b"\n2,2026-11-18\n")
    with pytest.raises(SourceError, match=r"^x.csv: row 2: the row has 2 fields and the header 3"):
        day_of(source(tmp_path), FIRST)
    (tmp_path / "x.csv").write_bytes(b"id,at,x\n1,2026-11-18," + long + b"\n2,never,a\n")
    with pytest.raises(SourceError, match=r"^x.csv: row 2: at is 'never'"):
        day_of(source(tmp_path), FIRST)


def test_a_compressed_file_that_is_cut_short_is_named(tmp_path: Path, day_of: Read) -> None:
    whole = gzip.compress((HEADER + "1,2026-11-18,a\n" * 9_000).encode())
    (tmp_path / "x.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=r"^x.csv.gz: the file is damaged and cannot be read \(.+\); copy it again$"):
        day_of(source(tmp_path), FIRST)


CELLS = st.one_of(
    st.none(), st.text(max_size=8), st.sampled_from(["1", "0.5", "true", "2026-11-18", "NA", "007", "nan", "1e400"])
)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=12), st.text(min_size=1, max_size=8).filter(lambda name: name != "b"))
def test_any_text_survives_or_has_a_type_that_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str | None, str | None]], name: str
) -> None:
    folder = tmp_path_factory.mktemp("law")
    table = pa.table(
        {
            name: pa.array([one for one, _ in rows], pa.string()),
            "b": pa.array([other for _, other in rows], pa.string()),
        }
    )
    arrow_csv.write_csv(table, folder / "x.csv")
    found = source(folder, timestamp=None).rows().read_all()
    assert found.column_names == [name, "b"]
    assert found.num_rows == len(rows)
    for column in table.column_names:
        if pa.types.is_string(found.schema.field(column).type):
            assert found[column].to_pylist() == table[column].to_pylist()


def test_rows_of_a_range_are_in_the_order_of_the_file(tmp_path: Path, write: Callable[..., None]) -> None:
    write(HEADER + "".join(f"{number},2026-11-18T{number % 24:02}:00:00Z,a\n" for number in range(100)))
    inside = source(tmp_path).batches(day_start(FIRST), day_end(FIRST)).read_all()
    assert inside["id"].to_pylist() == list(range(100))
