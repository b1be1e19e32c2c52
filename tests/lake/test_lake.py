import json
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import fsspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.errors import ExpiredDayError, LakeError
from aimon.lake.lake import Lake
from aimon.lake.manifest import DayManifest

DAY = date(2026, 11, 20)
ROWS = pa.table({"id": ["a", "b", "a", None, None], "x": [1.5, 2.5, 3.5, 4.5, 5.5]})
FOLDER = "predictions/model=loans/date=2026-11-20"


def written(lake: Lake, table: pa.Table = ROWS, model: str = "loans", day: date = DAY, **options: str) -> DayManifest:
    return lake.write_day(model, day, table.to_reader(), **options)


def overwrite(lake: Lake, key: str, content: bytes | None) -> None:
    """Change a file behind the lake's back."""
    if lake.url.startswith("memory://"):
        memory = fsspec.filesystem("memory")
        memory.pipe(f"/lake/{key}", content) if content is not None else memory.rm(f"/lake/{key}")
    elif content is not None:
        Path(lake.url, key).write_bytes(content)
    else:
        Path(lake.url, key).unlink()


def test_a_day_that_was_written_is_read_back(lake: Lake, held: Callable[[], list[str]]) -> None:
    manifest = written(lake)
    assert lake.read_day("loans", DAY).read_all() == ROWS
    assert lake.read_day("loans", DAY, ["x"]).read_all() == ROWS.select(["x"])
    assert lake.manifest("loans", DAY) == manifest
    assert (manifest.model, manifest.day, manifest.rows, manifest.duplicates) == ("loans", DAY, 5, 0)
    assert manifest.path == f"{FOLDER}/rows-{manifest.sha256[:12]}.parquet"
    assert held() == [f"{FOLDER}/manifest.json", manifest.path]
    assert lake.days("loans") == [DAY]
    assert lake.models() == ["loans"]
    lake.verify("loans", DAY)


def test_duckdb_reads_a_day_by_its_path(lake: Lake) -> None:
    written(lake)
    with duckdb.connect() as connection:
        if lake.filesystem is not None:
            connection.register_filesystem(lake.filesystem)
        found = connection.execute("SELECT sum(x) FROM read_parquet(?)", [lake.day_path("loans", DAY)]).fetchone()
    assert found == (17.5,)


def test_writing_again_replaces_the_day(lake: Lake, held: Callable[[], list[str]]) -> None:
    written(lake)
    second = written(lake, ROWS.slice(0, 2))
    assert lake.read_day("loans", DAY).read_all().num_rows == 2
    lake.sweep()
    assert second.path in held()
    if not lake.url.startswith("memory://"):
        assert held() == [f"{FOLDER}/manifest.json", second.path]


def test_the_same_rows_give_the_same_bytes(lake: Lake, held: Callable[[], list[str]]) -> None:
    def content() -> dict[str, bytes]:
        return {key: lake._files.read(key) or b"" for key in held()}

    written(lake)
    first = content()
    cut = pa.Table.from_batches([batch for offset in range(5) for batch in ROWS.slice(offset, 1).to_batches()])
    written(lake, cut)
    assert content() == first


def test_of_rows_with_the_same_id_the_first_is_kept(lake: Lake) -> None:
    manifest = written(lake, id_column="id")
    assert lake.read_day("loans", DAY).read_all()["x"].to_pylist() == [1.5, 2.5, 4.5, 5.5]
    assert (manifest.rows, manifest.duplicates) == (4, 1)


def test_a_day_without_duplicates_is_the_same_file_with_and_without_an_id(lake: Lake) -> None:
    unique = ROWS.slice(0, 2)
    assert written(lake, unique, id_column="id") == written(lake, unique)
    doubled = pa.concat_tables([unique, unique])
    assert written(lake, doubled, id_column="id").sha256 == written(lake, unique).sha256


def test_a_day_is_the_union_of_its_rows_and_the_new_ones(lake: Lake) -> None:
    late = pa.table({"id": ["b", "c", None], "x": [9, 3, 4], "new": [True, False, None]})
    assert lake.extend_day("loans", DAY, ROWS.slice(0, 2).to_reader(), id_column="id").rows == 2
    first = lake.extend_day("loans", DAY, late.slice(0, 2).to_reader(), id_column="id")
    assert (first.rows, first.duplicates) == (3, 1)
    assert lake.read_day("loans", DAY).read_all().to_pydict() == {
        "id": ["a", "b", "c"],
        "x": [1.5, 2.5, 3.0],
        "new": [None, None, False],
    }
    again = lake.extend_day("loans", DAY, late.slice(0, 2).to_reader(), id_column="id")
    assert (again.sha256, again.duplicates) == (first.sha256, 2)
    assert lake.extend_day("loans", DAY, late.slice(2).to_reader(), id_column="id").rows == 4
    assert lake.extend_day("loans", DAY, late.schema.empty_table().to_reader(), id_column="id").rows == 4


def test_rows_that_somebody_else_wrote_meanwhile_are_not_lost(lake: Lake) -> None:
    written(lake, ROWS.slice(0, 1))

    def late() -> Iterator[pa.RecordBatch]:
        lake.extend_day("loans", DAY, ROWS.slice(1, 1).to_reader(), id_column="id")
        yield from pa.table({"id": ["c"], "x": [3.0]}).to_batches()

    with pytest.raises(LakeError) as refused:
        lake.extend_day("loans", DAY, pa.RecordBatchReader.from_batches(ROWS.schema, late()), id_column="id")
    assert str(refused.value) == "loans 2026-11-20: somebody else wrote the day meanwhile; run it again"
    assert lake.read_day("loans", DAY).read_all()["id"].to_pylist() == ["a", "b"]
    lake.expire_day("loans", DAY)
    with pytest.raises(ExpiredDayError):
        lake.extend_day("loans", DAY, ROWS.to_reader(), id_column="id")


def test_a_day_may_be_written_from_its_own_rows_while_they_are_read(lake: Lake) -> None:
    big = pa.table({"id": list(range(300_000))})
    written(lake, big)
    assert lake.write_day("loans", DAY, lake.read_day("loans", DAY), id_column="id").rows == 300_000
    assert lake.read_day("loans", DAY).read_all() == big


def test_a_reading_that_began_is_not_disturbed_by_a_new_version(lake: Lake) -> None:
    written(lake)
    reading = lake.read_day("loans", DAY)
    written(lake, ROWS.slice(0, 1))
    lake.expire_day("loans", DAY)
    assert reading.read_all() == ROWS


def test_an_empty_day_is_a_file_without_rows(lake: Lake) -> None:
    manifest = lake.write_day("loans", DAY, [], ROWS.schema)
    assert manifest.rows == 0
    assert lake.read_day("loans", DAY).read_all() == ROWS.schema.empty_table()
    assert lake.days("loans") == [DAY]


def test_batches_are_fitted_to_the_schema(lake: Lake) -> None:
    schema = pa.schema([("x", pa.float64()), ("y", pa.string())])
    lake.write_day("loans", DAY, pa.table({"x": [1], "z": ["gone"]}).to_batches(), schema)
    assert lake.read_day("loans", DAY).read_all().to_pydict() == {"x": [1.0], "y": [None]}


def test_an_id_that_the_rows_do_not_have_is_refused(lake: Lake, held: Callable[[], list[str]]) -> None:
    with pytest.raises(LakeError) as refused:
        written(lake, id_column="request_id")
    assert str(refused.value) == "loans 2026-11-20: there is no column 'request_id' to tell duplicates by"
    assert held() == []


def test_a_source_that_fails_leaves_the_day_as_it_was(lake: Lake, held: Callable[[], list[str]]) -> None:
    written(lake)
    before = held()

    def failing() -> Iterator[pa.RecordBatch]:
        yield from ROWS.to_batches()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lake.write_day("loans", DAY, failing(), ROWS.schema)
    assert lake.read_day("loans", DAY).read_all() == ROWS
    assert held() == before


def test_days_and_models_are_told_apart(lake: Lake) -> None:
    for number in (22, 20, 21):
        written(lake, day=date(2026, 11, number))
    written(lake, model="loans-2")
    assert lake.days("loans") == [date(2026, 11, number) for number in (20, 21, 22)]
    assert lake.days("loans-2") == [DAY]
    assert lake.days("nobody") == []
    assert lake.models() == ["loans", "loans-2"]


@pytest.mark.parametrize("model", ["../loans", "a/b", "", ".hidden", "a b", "loans\n", "日"])
def test_a_name_that_is_no_models_name_is_refused(lake: Lake, model: str) -> None:
    for ask in (
        lambda: written(lake, model=model),
        lambda: lake.manifest(model, DAY),
        lambda: lake.expire_day(model, DAY),
        lambda: lake.days(model),
    ):
        with pytest.raises(LakeError, match="is not a model's name"):
            ask()


def test_a_day_that_was_never_written_is_refused(lake: Lake) -> None:
    assert lake.manifest("loans", DAY) is None
    assert lake.tombstone("loans", DAY) is None
    for ask in (
        lambda: lake.day_path("loans", DAY),
        lambda: lake.read_day("loans", DAY),
        lambda: lake.verify("loans", DAY),
    ):
        with pytest.raises(LakeError) as refused:
            ask()
        assert str(refused.value) == "loans 2026-11-20: the lake has no rows of this day; materialise it first"


def test_a_day_that_expired_is_refused(
    lake: Lake, held: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMON_NOW", "2027-02-18T03:00:00Z")
    manifest = written(lake)
    tombstone = lake.expire_day("loans", DAY, retention=timedelta(days=90))
    assert held() == [f"{FOLDER}/expired.json"]
    assert (tombstone.rows, tombstone.sha256, tombstone.retention) == (5, manifest.sha256, "90d")
    assert lake.tombstone("loans", DAY) == tombstone
    assert lake.manifest("loans", DAY) is None
    assert lake.days("loans") == []
    assert lake.models() == ["loans"]
    with pytest.raises(ExpiredDayError) as unread:
        lake.day_path("loans", DAY)
    assert str(unread.value) == (
        "loans 2026-11-20: the rows expired on 2027-02-18 (retention.predictions is 90d) and cannot be read; "
        "results computed before remain"
    )
    with pytest.raises(ExpiredDayError) as unwritten:
        written(lake)
    assert str(unwritten.value) == (
        "loans 2026-11-20: the rows expired on 2027-02-18 (retention.predictions is 90d) and are not written again; "
        "results computed before remain"
    )
    assert held() == [f"{FOLDER}/expired.json"]


def test_expiring_twice_keeps_the_first_tombstone(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    written(lake)
    monkeypatch.setenv("AIMON_NOW", "2027-02-18T03:00:00Z")
    first = lake.expire_day("loans", DAY)
    monkeypatch.setenv("AIMON_NOW", "2028-02-18T03:00:00Z")
    assert lake.expire_day("loans", DAY, retention=timedelta(days=1)) == first
    with pytest.raises(ExpiredDayError, match=r"the rows expired on 2027-02-18 and cannot be read"):
        lake.read_day("loans", DAY)


def test_a_day_without_rows_may_expire_too(lake: Lake) -> None:
    assert lake.expire_day("loans", DAY).rows == 0
    with pytest.raises(ExpiredDayError):
        written(lake)


def test_a_day_that_expires_while_it_is_written_stays_expired(lake: Lake, held: Callable[[], list[str]]) -> None:
    written(lake)

    def slow() -> Iterator[pa.RecordBatch]:
        yield from ROWS.to_batches()
        lake.expire_day("loans", DAY)

    with pytest.raises(ExpiredDayError):
        lake.write_day("loans", DAY, slow(), ROWS.schema)
    assert held() == [f"{FOLDER}/expired.json"]


@pytest.mark.parametrize("damage", ["missing", "short", "long"])
def test_rows_that_do_not_match_their_manifest_are_refused(lake: Lake, damage: str) -> None:
    manifest = written(lake)
    content = lake._files.read(manifest.path) or b""
    overwrite(lake, manifest.path, {"missing": None, "short": content[:-1], "long": content + b"x"}[damage])
    for ask in (lambda: lake.day_path("loans", DAY), lambda: lake.read_day("loans", DAY)):
        with pytest.raises(LakeError) as refused:
            ask()
        assert str(refused.value) == (
            f"loans 2026-11-20: {manifest.path} is not the file of {manifest.bytes} bytes that its manifest says; "
            "materialise the day again"
        )
    written(lake)
    assert lake.read_day("loans", DAY).read_all() == ROWS


def test_a_single_changed_byte_is_found(lake: Lake) -> None:
    manifest = written(lake)
    content = bytearray(lake._files.read(manifest.path) or b"")
    content[100] ^= 1
    overwrite(lake, manifest.path, bytes(content))
    with pytest.raises(LakeError) as refused:
        lake.verify("loans", DAY)
    assert str(refused.value) == (
        f"loans 2026-11-20: {manifest.path} was changed since it was written; materialise the day again"
    )


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"format": 2}', b'{"format": 1, "day": "2026-11-20"}'])
def test_a_damaged_manifest_is_told_and_healed_by_writing_again(lake: Lake, content: bytes) -> None:
    manifest = written(lake)
    overwrite(lake, f"{FOLDER}/manifest.json", content)
    with pytest.raises(LakeError, match=r"manifest.json is damaged; materialise the day again$"):
        lake.read_day("loans", DAY)
    assert lake.sweep() == 0
    assert written(lake) == manifest
    assert lake.read_day("loans", DAY).read_all() == ROWS
    overwrite(lake, f"{FOLDER}/manifest.json", content)
    assert lake.expire_day("loans", DAY).sha256 is None


def test_a_manifest_holds_nothing_that_changes_by_itself(lake: Lake) -> None:
    manifest = written(lake, id_column="id")
    assert json.loads(lake._files.read(f"{FOLDER}/manifest.json") or b"") == {
        "format": 1,
        "model": "loans",
        "day": "2026-11-20",
        "rows": 4,
        "duplicates": 1,
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
        "path": manifest.path,
    }


def test_artifacts_stand_beside_the_days(lake: Lake) -> None:
    lake.write_bytes("reports/model=loans/2026-11-20.html", b"<html>")
    lake.write_table("profiles/model=loans/x.parquet", ROWS)
    lake.write_bytes("reports/model=loans/2026-11-20.html", b"<html>again")
    assert lake.read_bytes("reports/model=loans/2026-11-20.html") == b"<html>again"
    assert lake.read_table("profiles/model=loans/x.parquet") == ROWS
    assert lake.read_table("profiles/model=loans/x.parquet", ["x"]) == ROWS.select(["x"])
    assert lake.keys("profiles") == ["profiles/model=loans/x.parquet"]
    assert lake.keys("grids") == []
    assert lake.exists("profiles/model=loans/x.parquet")
    assert fsspec.open(lake.path("reports/model=loans/2026-11-20.html")).open().read() == b"<html>again"
    assert lake.delete("profiles/model=loans/x.parquet")
    assert not lake.delete("profiles/model=loans/x.parquet")
    assert not lake.exists("profiles/model=loans/x.parquet")
    for read in (lake.read_bytes, lake.read_table):
        with pytest.raises(LakeError) as refused:
            read("grids/none")
        assert str(refused.value) == f"the lake {lake.url} holds no grids/none"


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "predictions/model=loans/x", "a/.draft-1", "./a"]
)
def test_a_key_that_is_none_is_refused(lake: Lake, key: str) -> None:
    with pytest.raises(ValueError, match="is not a key of an artifact"):
        lake.write_bytes(key, b"")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sftp://host/lake", "lake_url: sftp:// cannot hold a lake; write a folder, or s3://, gs:// or az://"),
        ("s3://bucket/lake", "lake_url: s3:// needs a package that is not installed; pip install aimon[aws]"),
        ("abfss://box/lake", "lake_url: abfss:// needs a package that is not installed; pip install aimon[azure]"),
    ],
)
def test_a_place_that_cannot_hold_a_lake_is_refused(url: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.setitem(sys.modules, "adlfs", None)
    with pytest.raises(LakeError) as refused:
        Lake(url)
    assert str(refused.value) == sentence


def test_a_folder_may_be_a_file_url(tmp_path: Path) -> None:
    written(Lake(f"file://{tmp_path}/lake"))
    assert Lake(f"{tmp_path}/lake").days("loans") == [DAY]


def test_a_lake_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file in the way")
    with pytest.raises(LakeError, match=r"^the lake cannot use .+; check lake_url, free space and permissions$"):
        written(Lake(str(tmp_path / "lake")))
    assert Lake(str(tmp_path / "lake")).days("loans") == []


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
COLUMNS = st.one_of(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.int64())
    ),
    st.lists(st.none() | st.floats(allow_nan=False), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.float64())),
    st.lists(st.none() | st.text(max_size=5), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.string())),
    st.lists(st.none() | st.binary(max_size=5), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.binary())),
    st.lists(st.none() | st.booleans(), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.bool_())),
    st.lists(st.none() | st.dates(), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.date32())),
    st.lists(st.none() | st.datetimes(), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.timestamp("us"))),
    st.lists(st.lists(st.integers(0, 5)), min_size=3, max_size=3).map(lambda v: pa.array(v, pa.list_(pa.int64()))),
    st.lists(st.none() | st.fixed_dictionaries({"a": st.text(max_size=3)}), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.struct([("a", pa.string())]))
    ),
    st.lists(st.none() | st.decimals(-99, 99, places=2), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.decimal128(6, 2))
    ),
    st.lists(st.none() | st.timedeltas(max_value=timedelta(days=9), min_value=timedelta()), min_size=3, max_size=3).map(
        lambda v: pa.array(v, pa.duration("us"))
    ),
    st.just(pa.nulls(3)),
)


@settings(max_examples=50)
@given(st.dictionaries(NAMES, COLUMNS, min_size=1, max_size=4), st.data())
def test_any_table_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, columns: dict[str, pa.Array], data: st.DataObject
) -> None:
    lake = Lake(str(tmp_path_factory.getbasetemp() / "any"))
    table = pa.table(list(columns.values()), list(columns))
    name = data.draw(st.none() | st.sampled_from(list(columns)))
    manifest = written(lake, table, id_column=name)
    assert manifest.rows + manifest.duplicates == 3
    found = lake.read_day("loans", DAY).read_all()
    assert found.schema == table.schema
    if name is None:
        assert found == table
    else:
        ids = table[name].to_pylist()
        firsts = [row for row, value in enumerate(ids) if value is None or value not in ids[:row]]
        assert found == table.take(firsts)
