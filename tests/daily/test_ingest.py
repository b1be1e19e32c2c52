from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aimon.clock import day_start, now
from aimon.daily.ingest import ingest
from aimon.errors import SourceError
from aimon.platform import Platform, open_platform
from aimon.store import inbox, words
from aimon.store.words import Feedback, Judged
from aimon.validate.quarantine import quarantined, quarantined_rows
from tests.parcels import put
from tests.tiny_project import FIRST, MODEL, rows

COLLECTED = MODEL.replace("{{kind: parquet, path: data/{name}/*.parquet}}", "{{kind: collector}}")


@pytest.fixture
def collected(root: Path) -> Path:
    (root / "models" / "alpha.yaml").write_text(COLLECTED.format(name="alpha"))
    return root


def send(platform: Platform, *ids: str, decision: int | None = 1) -> None:
    """Accept predictions, as the collector does."""
    payload = {"income": 1.0, "region": "north", "sex": "female", "score": 0.7, "decision": decision, "label": 1}
    at = day_start(FIRST) + timedelta(hours=3)
    with platform.store.transaction() as connection:
        put(connection, "alpha", *((id_, at, payload) for id_ in ids), version="1")


def waiting(platform: Platform) -> int:
    with platform.store.session() as connection:
        return inbox.count(connection)


def test_a_day_is_copied_and_its_rows_counted(platform: Platform) -> None:
    manifest = ingest(platform, platform.model("alpha"), FIRST, now())

    assert (manifest.rows, manifest.duplicates) == (400, 0)


def test_rows_that_cannot_be_used_are_kept_apart_and_counted(platform: Platform, root: Path) -> None:
    whole = rows(FIRST, 400, seed=1)
    ids = pa.array([None if place < 3 else f"id-{place}" for place in range(400)])
    pq.write_table(whole.set_column(0, "id", ids), root / "data" / "alpha" / f"{FIRST}.parquet")

    manifest = ingest(platform, platform.model("alpha"), FIRST, now())

    (apart,) = quarantined_rows(platform.lake, "alpha", FIRST)
    assert manifest.rows == 397
    assert quarantined(platform.lake, "alpha", FIRST) == {"without an id": 3}
    assert apart.column("income").to_pylist() == whole.column("income").to_pylist()[:3]


def test_a_day_before_the_source_begins_is_an_empty_file(platform: Platform) -> None:
    assert ingest(platform, platform.model("alpha"), FIRST - timedelta(5), now()).rows == 0


def test_a_source_that_is_gone_is_one_sentence(platform: Platform, root: Path) -> None:
    for file in (root / "data" / "alpha").iterdir():
        file.unlink()

    with pytest.raises(SourceError, match="data/alpha"):
        ingest(platform, platform.model("alpha"), FIRST, now())


def test_what_the_collector_accepted_is_added_once_and_leaves_the_inbox(collected: Path) -> None:
    with open_platform(collected) as platform:
        spec = platform.model("alpha")
        send(platform, "a", "b")
        first = ingest(platform, spec, FIRST, now())
        again = ingest(platform, spec, FIRST, now())
        send(platform, "b", "c")
        third = ingest(platform, spec, FIRST, now())

        assert (first.rows, again.rows, third.rows) == (2, 2, 3)
        assert waiting(platform) == 0


def test_what_the_collector_accepted_and_cannot_be_used_is_kept_apart_once(collected: Path) -> None:
    with open_platform(collected) as platform:
        spec = platform.model("alpha")
        send(platform, "a")
        send(platform, "b", decision=None)
        first = ingest(platform, spec, FIRST, now())
        send(platform, "b", decision=None)
        again = ingest(platform, spec, FIRST, now())

        assert (first.rows, again.rows) == (1, 1)
        assert quarantined(platform.lake, "alpha", FIRST) == {"without a prediction": 1}
        assert waiting(platform) == 0


def test_a_day_that_was_not_written_leaves_the_inbox_as_it_was(collected: Path) -> None:
    with open_platform(collected) as platform:
        send(platform, "a", "b")
        platform.lake.expire_day("alpha", FIRST)

        with pytest.raises(Exception, match="expired"):
            ingest(platform, platform.model("alpha"), FIRST, now())
        assert waiting(platform) == 2


def test_feedback_learns_what_was_predicted_whenever_it_comes(collected: Path) -> None:
    said = {"model": "alpha", "source": "desk", "timestamp": day_start(FIRST)}
    with open_platform(collected) as platform:
        spec = platform.model("alpha")
        send(platform, "a", "b", "c")
        with platform.store.transaction() as connection:
            words.put_feedback(connection, [Feedback(**said, id="c", correct=False, kind="sample")])
        ingest(platform, spec, FIRST, now())
        with platform.store.transaction() as connection:
            words.put_feedback(connection, [Feedback(**said, id="a", correct=True, kind="sample")])
        ingest(platform, spec, FIRST, now())
        with platform.store.session() as connection:
            judged = words.judged(connection, "alpha")

    assert sorted(judged, key=str) == [Judged("1", "sample", False, 1), Judged("1", "sample", True, 1)]
