from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import create_engine, text

from aimon.clock import day_start
from aimon.errors import SourceError
from aimon.intake.source import DaySource, open_file, open_source
from aimon.spec.model import ModelSpec
from aimon.store import Store

Read = Callable[..., pa.Table]
DAY = date(2026, 11, 18)
ROWS = "request;created;income\na;2026-11-18 00:30;1\nb;2026-11-18 01:30;2\n"


def spec(source: dict[str, Any] | None, **columns: Any) -> ModelSpec:
    named = {"id": "request", "timestamp": "created", "prediction": "decision", **columns}
    return ModelSpec.model_validate({"model": "loans", "task": "binary", "source": source, "columns": named})


@pytest.fixture
def project(tmp_path: Path, parquet_at: Callable[..., Path]) -> Path:
    """The same two rows as Parquet, CSV and SQL, half an hour before and after a midnight UTC."""
    (tmp_path / "x.csv").write_text(ROWS)
    table = pa.table({"request": ["a", "b"], "created": ["2026-11-18 00:30", "2026-11-18 01:30"], "income": [1, 2]})
    parquet_at(table, "x.parquet")
    engine = create_engine(f"sqlite:///{tmp_path}/x.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (request TEXT, created TEXT, income INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES ('b', '2026-11-18 01:30', 2), ('a', '2026-11-18 00:30', 1)"))
    engine.dispose()
    return tmp_path


SOURCES = [
    {"kind": "parquet", "path": "x.parquet"},
    {"kind": "csv", "path": "x.csv", "delimiter": ";"},
    {"kind": "sql", "url": "sqlite:///x.db", "table": "t"},
    {"kind": "sql", "url": "sqlite:///x.db", "query": "SELECT * FROM t"},
]


@pytest.mark.parametrize("declared", SOURCES, ids="-".join)
def test_every_source_answers_alike(project: Path, day_of: Read, declared: dict[str, Any]) -> None:
    source: DaySource = open_source(spec({**declared, "timezone": "Europe/Berlin"}), project)
    assert day_of(source, DAY).to_pylist() == [
        {"request": "b", "created": day_start(DAY).replace(minute=30), "income": 2}
    ]
    assert source.columns() == source.schema().names == ["request", "created", "income"]
    assert source.schema() == day_of(source, DAY).schema == day_of(source, date(2020, 1, 1)).schema
    assert source.rows(["request"]).read_all()["request"].to_pylist() == ["a", "b"]
    assert source.days() in ([date(2026, 11, 17), DAY], None)
    assert source.undated() == 0


def test_the_inbox_is_a_source(store: Store, project: Path, day_of: Read) -> None:
    source = open_source(spec({"kind": "collector"}), project, store.engine)
    assert day_of(source, DAY).column_names == ["request", "created", "version"]
    unnamed = open_source(spec({"kind": "collector"}, id=None, timestamp=None), project, store.engine)
    assert unnamed.columns() == ["id", "timestamp", "version"]


def test_what_cannot_be_opened_is_refused() -> None:
    for declared, sentence in (
        (None, "loans: the model declares no source; add `source:` to its file"),
        ({"kind": "collector"}, "loans: what was sent is known to the operations database; give its engine"),
    ):
        with pytest.raises(SourceError) as refused:
            open_source(spec(declared), Path())
        assert str(refused.value) == sentence


@pytest.mark.parametrize("name", ["x.csv", "X.CSV.gz", "x.parquet", "folder"])
def test_a_file_that_no_model_declares_is_opened_by_its_name(
    tmp_path: Path, parquet_at: Callable[..., Path], name: str
) -> None:
    table = pa.table({"a": [1, 2]})
    if "csv" not in name.lower():
        parquet_at(table, "folder/x.parquet" if name == "folder" else name)
    else:
        stream: Any = (
            pa.CompressedOutputStream(str(tmp_path / name), "gzip")
            if name.endswith("gz")
            else (tmp_path / name).open("wb")
        )
        with stream:
            stream.write(b"a\n1\n2\n")
    assert open_file(name, tmp_path).rows().read_all() == table
