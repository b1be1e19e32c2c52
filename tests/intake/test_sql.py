from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    create_engine,
    insert,
    text,
)

from aimon.clock import day_start
from aimon.errors import SourceError
from aimon.intake.sql import BATCH_ROWS, SqlRows
from aimon.spec.model import SqlSource

Read = Callable[..., pa.Table]
FIRST, SECOND, THIRD = (date(2026, 11, number) for number in (18, 19, 20))
ODD = 'select "a" %s :b'


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    if empty_database_url.startswith("sqlite:///"):
        Path(empty_database_url.removeprefix("sqlite:///")).touch()
    made = create_engine(empty_database_url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.dispose()


@pytest.fixture
def source(empty_database_url: str, tmp_path: Path) -> Callable[..., SqlRows]:
    def made(timestamp: str | None = "at", order: str | None = "id", **settings: Any) -> SqlRows:
        declared = SqlSource(kind="sql", url=empty_database_url, **settings)
        return SqlRows(declared, root=tmp_path, timestamp=timestamp, order=order)

    return made


@pytest.fixture
def fill(engine: Engine) -> Callable[..., None]:
    """A table with these columns and rows."""

    def filled(
        rows: list[dict[str, Any]], *columns: Column[Any], name: str = "predictions", schema: str | None = None
    ) -> None:
        table = Table(name, MetaData(), *columns, schema=schema)
        with engine.begin() as connection:
            table.create(connection)
            if rows:
                connection.execute(insert(table), rows)

    return filled


def hourly(count: int) -> list[datetime]:
    return [day_start(FIRST) + timedelta(hours=hour) for hour in range(count)]


def test_a_days_rows_are_those_of_that_day_in_order(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read
) -> None:
    rows = [{"id": number, "at": stamp} for number, stamp in enumerate(hourly(72))]
    fill(rows[::-1], Column("id", Integer), Column("at", DateTime(timezone=True)))
    table = source(table="predictions")
    for number, day in enumerate((FIRST, SECOND, THIRD)):
        found = day_of(table, day)
        assert found["id"].to_pylist() == list(range(number * 24, number * 24 + 24))
        assert found.schema.field("at").type == pa.timestamp("us", "UTC")
    assert day_of(table, date(2020, 1, 1)).schema == table.schema()
    assert table.columns() == ["id", "at"]
    assert table.days() is None
    assert table.rows(["id"]).read_all()["id"].to_pylist() == list(range(72))


def test_the_stamps_of_the_last_days_change_when_rows_come_late(
    source: Callable[..., SqlRows], fill: Callable[..., None], engine: Engine
) -> None:
    fill([{"at": int(stamp.timestamp())} for stamp in hourly(60)], Column("at", Integer()))
    days = [FIRST - timedelta(days=1), FIRST, SECOND, THIRD]
    table = source(table="predictions", late_days=3)
    assert table.stamps(days) == {FIRST: "24", SECOND: "24", THIRD: "12"}
    late = int(day_start(SECOND).timestamp()) + 60
    with engine.begin() as connection:
        connection.execute(insert(Table("predictions", MetaData(), autoload_with=engine)), [{"at": late}])
    assert table.stamps(days) == {FIRST: "24", SECOND: "25", THIRD: "12"}
    assert source(table="predictions", late_days=0).stamps(days) is None


def test_a_database_that_cannot_filter_by_day_has_no_stamps(
    source: Callable[..., SqlRows], fill: Callable[..., None]
) -> None:
    fill([{"at": "20th of November"}], Column("at", String()))
    assert source(table="predictions").stamps([FIRST]) is None


KINDS: dict[str, tuple[Callable[[datetime], Any], Any]] = {
    "aware": (lambda stamp: stamp, DateTime(timezone=True)),
    "naive": (lambda stamp: stamp.replace(tzinfo=None), DateTime()),
    "date": (lambda stamp: stamp.date(), Date()),
    "seconds": (lambda stamp: int(stamp.timestamp()), Integer()),
    "milliseconds": (lambda stamp: int(stamp.timestamp() * 1_000), Numeric(20, 0)),
    "float seconds": (lambda stamp: stamp.timestamp(), Double()),
    "text": (lambda stamp: stamp.isoformat(), String()),
    "digits": (lambda stamp: str(int(stamp.timestamp())), String()),
}


@pytest.mark.filterwarnings("ignore:Dialect sqlite.* does .not. support Decimal")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_timestamp_is_filtered_and_read_alike(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read, kind: str
) -> None:
    convert, sql_type = KINDS[kind]
    rows = [{"id": number, "at": convert(stamp)} for number, stamp in enumerate(hourly(72))]
    fill([*rows, {"id": 99, "at": None}], Column("id", Integer), Column("at", sql_type))
    table = source(table="predictions")
    assert [day_of(table, day)["id"].to_pylist() for day in (FIRST, SECOND, THIRD)] == [
        list(range(low, low + 24)) for low in (0, 24, 48)
    ]
    assert table.undated() == 1


def test_the_filter_runs_in_the_database(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read
) -> None:
    rows = [{"id": number, "at": stamp, "x": number} for number, stamp in enumerate(hourly(72))]
    fill(rows, Column("id", Integer), Column("at", DateTime(timezone=True)), Column("x", Integer))
    query = "SELECT id, at, 100 / (x - 60) AS ratio FROM predictions"
    with_fault = source(query=query)
    assert day_of(with_fault, FIRST).num_rows == 24  # PostgreSQL would fail if it computed the row of the third day
    if "postgresql" in repr(with_fault._database.shown):
        with pytest.raises(SourceError, match="division by zero"):
            day_of(with_fault, THIRD)


def test_naive_times_are_read_in_the_declared_timezone(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read
) -> None:
    local = [
        datetime.fromisoformat(f"2026-10-2{day}T{clock}")
        for day, clock in ((4, "23:30"), (5, "00:30"), (5, "02:30"), (5, "03:30"), (6, "00:30"), (6, "01:30"))
    ]
    rows = [{"id": number, "at": stamp} for number, stamp in enumerate(local)]
    fill(rows, Column("id", Integer), Column("at", DateTime()))
    table = source(table="predictions", timezone="Europe/Berlin")
    held = {day: day_of(table, date(2026, 10, day))["id"].to_pylist() for day in (24, 25, 26)}
    assert held == {24: [0, 1], 25: [2, 3, 4], 26: [5]}


def test_a_query_may_hold_anything(source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read) -> None:
    rows = [{ODD: number, "Created At": stamp, "group": "a%b"} for number, stamp in enumerate(hourly(48))]
    columns = Column(ODD, Integer, key="odd"), Column("Created At", DateTime(timezone=True)), Column("group", String)
    fill([{"odd": row.pop(ODD), **row} for row in rows], *columns)
    query = """
        WITH chosen AS (SELECT * FROM predictions WHERE "group" LIKE 'a%b' AND '10:00:00' <> ':x')
        SELECT "select ""a"" %s :b", "Created At", '{"a":1}' AS json FROM chosen -- :done
    """
    found = day_of(source("Created At", ODD, query=query), SECOND, [ODD, "json"])
    assert found.to_pylist()[0] == {ODD: 24, "json": '{"a":1}'}
    assert found.num_rows == 24
    ended = source("Created At", ODD, query="SELECT * FROM predictions WHERE \"group\" = 'a%b' ; ")
    assert day_of(ended, FIRST).column_names == [ODD, "Created At", "group"]


def test_values_keep_their_types(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read, backend: str
) -> None:
    columns = [
        Column("id", Integer),
        Column("at", DateTime(timezone=True)),
        Column("flag", Boolean),
        Column("real", Double),
        Column("text", String),
        Column("bytes", LargeBinary),
        Column("empty", Integer),
        Column("unknown", Date),
    ]
    row = {
        "id": 1,
        "at": hourly(1)[0],
        "flag": True,
        "real": 0.5,
        "text": "é'☃",
        "bytes": b"\x00\xff",
        "empty": None,
        "unknown": None,
    }
    fill([row, {**row, "id": 2, "flag": None}], *columns)
    found = day_of(source(table="predictions"), FIRST)
    expected = [
        pa.int64(),
        pa.timestamp("us", "UTC"),
        pa.int64() if backend == "sqlite" else pa.bool_(),
        pa.float64(),
        pa.string(),
        pa.binary(),
        pa.int64(),
        pa.date32(),
    ]
    assert found.schema.types == expected
    assert found.to_pylist()[0] == row


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_what_only_postgresql_has_is_read_too(engine: Engine, source: Callable[..., SqlRows], day_of: Read) -> None:
    log = """
        CREATE SCHEMA ml;
        CREATE TABLE ml.log
            (at timestamptz, n numeric, j jsonb, a int[], u uuid, s interval, t time, r int4range);
        INSERT INTO ml.log VALUES
            ('2026-11-18 12:00+00', 1.25, '{"b": [1]}', '{1,2}', '5b0a8f80-0000-0000-0000-000000000000',
             '1 hour', '10:00', '[1,3)'),
            ('2026-11-18 13:00+00', 'NaN', NULL, NULL, NULL, NULL, NULL, NULL);
    """
    with engine.begin() as connection:
        connection.exec_driver_sql(log)
    found = day_of(source(table="ml.log", order=None), FIRST)
    assert str(found["n"].to_pylist()) == "[1.25, nan]"
    first = found.to_pylist()[0]
    assert (first["j"], first["a"], first["u"], first["s"]) == (
        '{"b": [1]}',
        "[1, 2]",
        "5b0a8f80-0000-0000-0000-000000000000",
        timedelta(hours=1),
    )
    assert source(query="SELECT n, at FROM ml.log WHERE n < 2", order=None).rows().read_all()["n"].to_pylist() == [
        Decimal("1.25")
    ]


def test_more_rows_than_a_batch_are_read(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read
) -> None:
    count = 2 * BATCH_ROWS + 1
    start = day_start(FIRST)
    rows: list[dict[str, Any]] = [
        {"id": number, "at": start + timedelta(seconds=number), "x": None} for number in range(count)
    ]
    rows[-1]["x"] = 7
    fill(rows, Column("id", Integer), Column("at", DateTime(timezone=True)), Column("x", Integer))
    found = day_of(source(table="predictions"), FIRST, ["x", "id"])
    assert found["id"].to_pylist() == list(range(count))
    assert found["x"].to_pylist() == [None] * (count - 1) + [7]


def test_an_empty_table_has_the_types_it_declares(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read
) -> None:
    fill([], Column("id", Integer), Column("at", DateTime()), Column("x", Double), Column("y", Numeric(4, 2)))
    schema = pa.schema(
        [("id", pa.int64()), ("at", pa.timestamp("us", "UTC")), ("x", pa.float64()), ("y", pa.float64())]
    )
    assert source(table="predictions").schema() == schema
    assert day_of(source(table="predictions"), FIRST).schema == schema


def test_a_view_is_a_table(
    source: Callable[..., SqlRows], fill: Callable[..., None], engine: Engine, day_of: Read
) -> None:
    fill([{"id": 1, "at": hourly(1)[0]}], Column("id", Integer), Column("at", DateTime(timezone=True)), name="a.b")
    with engine.begin() as connection:
        connection.execute(text('CREATE VIEW seen AS SELECT * FROM "a.b"'))
    assert day_of(source(table="seen"), FIRST).num_rows == 1
    assert day_of(source(table="a.b"), FIRST).num_rows == 1


def test_the_source_cannot_write(source: Callable[..., SqlRows], fill: Callable[..., None], engine: Engine) -> None:
    fill([{"id": 1, "at": hourly(1)[0]}], Column("id", Integer), Column("at", DateTime(timezone=True)))
    with source(table="predictions")._database.connected(1) as connection:
        with pytest.raises(Exception, match=r"readonly|read-only"):
            connection.connection.cursor().execute("DELETE FROM predictions")
        connection.rollback()
    with engine.connect() as still:
        assert still.execute(text("SELECT count(*) FROM predictions")).scalar() == 1


def refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as refused:
        ask()
    return str(refused.value)


def test_what_is_missing_is_named_with_what_there_is(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read
) -> None:
    assert refusal(lambda: source(table="x").schema()).endswith(": there is no table 'x'; the database has no tables")
    fill([{"id": 1, "at": hourly(1)[0]}], Column("id", Integer), Column("at", DateTime(timezone=True)))
    assert refusal(lambda: source(table="x").schema()).endswith(": there is no table 'x'; the tables are predictions")
    assert refusal(lambda: day_of(source("when", table="predictions"), FIRST)).endswith(
        " predictions: there is no column 'when'; the columns are id, at"
    )
    assert refusal(lambda: day_of(source(table="predictions"), FIRST, ["x"])).endswith(
        " predictions: there is no column 'x'; the columns are id, at"
    )
    assert refusal(lambda: day_of(source(None, table="predictions"), FIRST)).startswith(
        "columns.timestamp is not declared"
    )


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_query_that_names_two_columns_alike_is_refused(source: Callable[..., SqlRows]) -> None:
    assert refusal(lambda: source(query="SELECT 1 AS id, 2 AS id").schema()).endswith(
        " query: two columns are named 'id'; name one of them otherwise with AS"
    )


def test_a_timestamp_that_is_none_is_shown(
    source: Callable[..., SqlRows], fill: Callable[..., None], day_of: Read
) -> None:
    fill(
        [{"id": 1, "at": "2026-11-18"}, {"id": 2, "at": "2026-11-18, noon"}],
        Column("id", Integer),
        Column("at", String),
    )
    assert "predictions: row 2: at is '2026-11-18, noon', which is not a time" in refusal(
        lambda: day_of(source(table="predictions"), FIRST)
    )


def test_a_query_that_fails_is_told_in_the_databases_words(
    source: Callable[..., SqlRows], fill: Callable[..., None]
) -> None:
    fill([], Column("id", Integer))
    said = refusal(lambda: source(query="SELECT * FROM nowhere").schema())
    assert " cannot be read: " in said
    assert "nowhere" in said
    assert said.endswith("; check source.url, the rights and the server")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_table_one_may_not_read_is_told(
    engine: Engine, empty_database_url: str, source: Callable[..., SqlRows]
) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE closed (id int, at timestamptz)"))
        connection.execute(text("DROP ROLE IF EXISTS nobody_special"))
        connection.execute(text("CREATE ROLE nobody_special LOGIN PASSWORD 's3cret'"))
    url = empty_database_url.replace("postgres:@", "nobody_special:s3cret@")
    assert url != empty_database_url
    closed = SqlRows(SqlSource(kind="sql", url=url, table="closed"), root=Path(), timestamp="at")
    assert "permission denied for table closed" in refusal(closed.schema)
    assert "s3cret" not in refusal(closed.schema)


def test_a_server_that_does_not_answer_is_told_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "p@ss/word")
    declared = SqlSource(
        kind="sql", url="postgresql://ann:$DB_PASSWORD@127.0.0.1:9/loans?sslpassword=s3cret", table="x"
    )
    said = refusal(SqlRows(declared, root=Path(), timestamp="at").schema)
    assert said.startswith("postgresql+psycopg://ann:***@127.0.0.1:9/loans?sslpassword=*** cannot be reached: ")
    assert "p@ss/word" not in said
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:///gone.db", "sqlite:///gone.db: there is no file {root}/gone.db; check source.url"),
        ("sqlite://", "source.url names no SQLite file; write sqlite:///data/predictions.db"),
        (
            "oracle+nodriver://x/y",
            "oracle+nodriver://x/y: the driver of oracle+nodriver:// is not installed; install its Python package",
        ),
        (
            "mssql+pyodbc://x/y",
            "mssql+pyodbc://x/y: the driver of mssql+pyodbc:// is not installed; install its Python package",
        ),
    ],
)
def test_a_url_that_leads_nowhere_is_refused(tmp_path: Path, url: str, sentence: str) -> None:
    declared = SqlSource(kind="sql", url=url, table="x")
    assert refusal(lambda: SqlRows(declared, root=tmp_path).schema()) == sentence.format(root=tmp_path)
    assert list(tmp_path.iterdir()) == []
