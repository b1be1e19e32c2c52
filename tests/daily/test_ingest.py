from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from aimon.clock import day_start
from aimon.daily.ingest import ingest
from aimon.errors import SourceError
from aimon.platform import Platform, open_platform
from aimon.store import inbox
from aimon.store.inbox import Prediction
from aimon.store.tables import inbox as table
from tests.tiny_project import FIRST, MODEL

COLLECTED = MODEL.replace("{{kind: parquet, path: data/{name}/*.parquet}}", "{{kind: collector}}")


@pytest.fixture
def collected(root: Path) -> Path:
    (root / "models" / "alpha.yaml").write_text(COLLECTED.format(name="alpha"))
    return root


def send(platform: Platform, *ids: str, income: float = 1.0) -> None:
    """Accept predictions, as the collector does."""
    payload = {"income": income, "region": "north", "sex": "female", "score": 0.7, "decision": 1, "label": 1}
    sent = [
        Prediction(model="alpha", id=id_, timestamp=day_start(FIRST) + timedelta(hours=3), version="1", payload=payload)
        for id_ in ids
    ]
    with platform.store.transaction() as connection:
        inbox.accept(connection, sent)


def waiting(platform: Platform) -> int:
    with platform.store.session() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_day_is_copied_and_its_rows_counted(platform: Platform) -> None:
    manifest = ingest(platform, platform.model("alpha"), FIRST)

    assert (manifest.rows, manifest.duplicates) == (400, 0)


def test_a_day_before_the_source_begins_is_an_empty_file(platform: Platform) -> None:
    assert ingest(platform, platform.model("alpha"), FIRST - timedelta(5)).rows == 0


def test_a_source_that_is_gone_is_one_sentence(platform: Platform, root: Path) -> None:
    for file in (root / "data" / "alpha").iterdir():
        file.unlink()

    with pytest.raises(SourceError, match="data/alpha"):
        ingest(platform, platform.model("alpha"), FIRST)


def test_what_the_collector_accepted_is_added_once_and_leaves_the_inbox(collected: Path) -> None:
    with open_platform(collected) as platform:
        spec = platform.model("alpha")
        send(platform, "a", "b")
        first = ingest(platform, spec, FIRST)
        again = ingest(platform, spec, FIRST)
        send(platform, "b", "c")
        third = ingest(platform, spec, FIRST)

        assert (first.rows, again.rows, third.rows) == (2, 2, 3)
        assert waiting(platform) == 0


def test_a_day_that_was_not_written_leaves_the_inbox_as_it_was(collected: Path) -> None:
    with open_platform(collected) as platform:
        send(platform, "a", "b")
        platform.lake.expire_day("alpha", FIRST)

        with pytest.raises(Exception, match="expired"):
            ingest(platform, platform.model("alpha"), FIRST)
        assert waiting(platform) == 2
