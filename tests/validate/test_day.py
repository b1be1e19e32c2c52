from datetime import date, timedelta

import pyarrow as pa
import pytest

from aimon.clock import day_end
from aimon.errors import ExpiredDayError, LakeError
from aimon.lake.lake import Lake
from aimon.validate import day as module
from aimon.validate.day import Suites, past_days, read_validation, validate_day
from aimon.validate.quarantine import Quarantine

DAY = date(2026, 11, 20)


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(str(tmp_path))


@pytest.fixture
def write(lake, spec):
    def written(table: pa.Table, day: date = DAY) -> None:
        quarantine = Quarantine(lake, spec, day)
        lake.write_day("loans", day, quarantine.sieve(table.to_batches()), table.schema, id_column="id")

    return written


def test_a_day_in_the_lake_is_validated_and_its_findings_kept(lake, suite, rows, write, replaced):
    ids = [None if number < 100 else f"id-{max(number, 300)}" for number in range(2_000)]
    write(replaced(rows(), id=ids))
    found = validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY))
    assert (found.rows, found.duplicates, found.quarantined) == (1_700, 200, {"without an id": 100})
    assert {finding.name for finding in found.failed} == {"quarantine", "duplicate_ids"}
    assert read_validation(lake, "loans", DAY) == found
    assert read_validation(lake, "loans", DAY - timedelta(days=1)) is None


def test_validated_days_are_the_past_of_the_next(lake, suite, rows, write):
    for age in range(8, 0, -1):
        day = DAY - timedelta(days=age)
        write(rows(1_000, day=day), day)
        validate_day(lake, suite, "loans", day, as_of=day_end(day))
    assert [past.day for past in past_days(lake, "loans", DAY)] == [
        DAY - timedelta(days=age) for age in range(8, 0, -1)
    ]
    write(rows(100))
    found = validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY))
    assert [finding.sentence for finding in found.failed] == [
        "100 rows, where 1,000 are usual and 500 to 2,000 nothing odd."
    ]


def test_of_a_day_too_large_a_part_is_looked_at(lake, suite, rows, write, monkeypatch):
    write(rows(2_000))
    whole = validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY))
    monkeypatch.setattr(module, "MOST_ROWS", 300)
    part = validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY))
    assert (whole.looked_at, part.rows, part.looked_at) == (2_000, 2_000, 286)
    assert part.failed == []


def test_columns_that_are_not_there_are_not_read(lake, suite, rows, write):
    write(rows().drop_columns(["score", "note"]))
    found = validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY))
    assert [finding.column for finding in found.failed] == ["note", "score"]


def test_a_day_without_rows_is_validated(lake, suite, rows, write):
    write(rows().slice(0, 0))
    assert validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY)).usable


def test_a_day_that_is_not_in_the_lake_is_refused(lake, suite, rows, write):
    with pytest.raises(LakeError, match="the lake has no rows of this day to validate; materialise it first"):
        validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY))
    write(rows())
    lake.expire_day("loans", DAY)
    with pytest.raises((LakeError, ExpiredDayError)):
        validate_day(lake, suite, "loans", DAY, as_of=day_end(DAY))


def test_a_suite_is_built_once_for_a_model_and_baseline(spec, grid, baseline):
    suites = Suites(most=2)
    first = suites.of(spec, grid, "a", baseline)
    assert suites.of(spec, grid, "a", baseline) is first
    second = suites.of(spec, grid, "b", baseline)
    assert second is not first
    stricter = spec.model_copy(update={"thresholds": {}, "version": "2"})
    assert suites.of(stricter, grid, "b", baseline) is not second
    assert suites.of(spec, grid, "a", baseline) is not first
