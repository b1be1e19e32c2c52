from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import insert

from aimon.clock import day_end, day_start, instant
from aimon.daily.ingest import ingest
from aimon.daily.labels import days_of, relabel
from aimon.daily.model_day import ModelDay
from aimon.platform import Platform
from aimon.profile.tables import is_outcome
from aimon.store.tables import labels
from tests.tiny_project import FIRST, ROWS

AS_OF = day_end(FIRST)
LATER = AS_OF + timedelta(days=2)


def say(platform: Platform, said: Mapping[str, int], received: str = "2026-11-02T12:00:00Z", source: str = "") -> None:
    """Labels as the collector keeps them."""
    at = instant(received)
    rows = [
        {"model": "alpha", "id": key, "source": source, "label": label, "timestamp": at, "received_at": at}
        for key, label in said.items()
    ]
    with platform.store.transaction() as connection:
        connection.execute(insert(labels), rows)


def lake_labels(platform: Platform) -> dict[str, int | None]:
    rows = platform.lake.read_day("alpha", FIRST, ["id", "label"]).read_all()
    return dict(zip(rows.column("id").to_pylist(), rows.column("label").to_pylist(), strict=True))


@pytest.fixture
def unlabelled(platform: Platform, root: Path) -> Platform:
    """A day in the lake whose rows have no label yet."""
    source = root / "data" / "alpha" / f"{FIRST}.parquet"
    pq.write_table(pq.read_table(source).drop_columns("label"), source)
    ingest(platform, platform.model("alpha"), FIRST, AS_OF)
    return platform


def test_labels_that_came_by_themselves_are_joined_by_id_as_far_as_they_were_known(unlabelled: Platform) -> None:
    platform, spec = unlabelled, unlabelled.model("alpha")
    say(platform, {f"{FIRST}-0": 1, f"{FIRST}-1": 0})
    say(platform, {f"{FIRST}-2": 1}, received="2026-11-09T00:00:00Z")

    assert relabel(platform, spec, FIRST, LATER) == 2
    assert relabel(platform, spec, FIRST, LATER) == 0

    found = lake_labels(platform)
    assert len(found) == ROWS
    assert {key: label for key, label in found.items() if label is not None} == {f"{FIRST}-0": 1, f"{FIRST}-1": 0}


def test_of_two_sources_the_one_heard_last_counts(unlabelled: Platform) -> None:
    say(unlabelled, {f"{FIRST}-0": 1}, received="2026-11-02T12:00:00Z", source="desk")
    say(unlabelled, {f"{FIRST}-0": 0}, received="2026-11-02T18:00:00Z", source="audit")

    relabel(unlabelled, unlabelled.model("alpha"), FIRST, LATER)

    assert lake_labels(unlabelled)[f"{FIRST}-0"] == 0


def test_reading_the_day_again_keeps_the_labels_that_came_by_themselves(unlabelled: Platform) -> None:
    say(unlabelled, {f"{FIRST}-0": 1})

    manifest = ingest(unlabelled, unlabelled.model("alpha"), FIRST, LATER)

    assert lake_labels(unlabelled)[f"{FIRST}-0"] == 1
    assert manifest == unlabelled.lake.manifest("alpha", FIRST)


def test_labels_of_the_source_are_taken_without_its_losing_rows(unlabelled: Platform, root: Path) -> None:
    source = root / "data" / "alpha" / f"{FIRST}.parquet"
    rows = pq.read_table(source)
    pq.write_table(rows.append_column("label", pa.array([1] * ROWS)).slice(0, 10), source)

    assert relabel(unlabelled, unlabelled.model("alpha"), FIRST, LATER, reread=True) == 10
    assert len(lake_labels(unlabelled)) == ROWS


def test_only_what_labels_decide_is_counted_again(unlabelled: Platform) -> None:
    spec = unlabelled.model("alpha")
    ModelDay(unlabelled, spec, FIRST, as_of=AS_OF).count()
    before = unlabelled.profiles.day("alpha", FIRST)
    say(unlabelled, {f"{FIRST}-{number}": number % 2 for number in range(ROWS)})

    kept = ModelDay(unlabelled, spec, FIRST, as_of=LATER, outcomes_only=True).count()

    after = unlabelled.profiles.day("alpha", FIRST)
    assert before is not None
    assert after is not None
    assert (kept.rows, kept.labelled) == (ROWS, ROWS)
    features = {key for key in after.tables if not is_outcome(key.table)}
    assert all((after.tables[key] == before.tables[key]).all() for key in features)


def test_the_days_of_late_labels_are_found_by_their_ids(platform: Platform) -> None:
    spec = platform.model("alpha")
    for offset in range(3):
        ingest(platform, spec, FIRST + timedelta(offset), day_start(FIRST + timedelta(3)))
    second = FIRST + timedelta(1)

    assert days_of(platform, spec, [f"{second}-7", "unheard-of"], FIRST + timedelta(3), 30) == [second]
    assert days_of(platform, spec, [f"{second}-7"], FIRST + timedelta(3), 2) == []
