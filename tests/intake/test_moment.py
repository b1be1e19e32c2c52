from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.errors import SourceError
from aimon.intake.align import UTC_MICROS
from aimon.intake.moment import UnreadableError, check_timezone, epoch_ranges, to_utc, wall_clock

naive = datetime.fromisoformat
SIX = datetime(2026, 11, 20, 6, tzinfo=UTC)
SECONDS = int(SIX.timestamp())
BERLIN = "Europe/Berlin"
ZONES = ["UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([SIX], pa.timestamp("s", "UTC")),
        pa.array([SIX], pa.timestamp("ms", "America/New_York")),
        pa.array([SIX], pa.timestamp("ns", BERLIN)),
        pa.array([naive("2026-11-20T06:00:00")], pa.timestamp("us")),
        pa.array([SECONDS]),
        pa.array([SECONDS * 1_000]),
        pa.array([SECONDS * 1_000_000]),
        pa.array([SECONDS * 1_000_000_000]),
        pa.array([SECONDS], pa.uint32()),
        pa.array([float(SECONDS)]),
        pa.array([SECONDS * 1_000.0]),
        pa.array([Decimal(SECONDS)]),
        pa.array(["2026-11-20T06:00:00Z"]),
        pa.array(["2026-11-20 06:00"]),
        pa.array(["2026-11-20t07:00:00.000000000+01:00"]),
        pa.array(["  2026-11-20 01:30:00,000 -0430 "]),
        pa.array(["2026-11-20 06:00:00 UTC"], pa.large_string()),
        pa.array(["2026-11-20T08+02".replace("08+", "08:00+")]).dictionary_encode(),
        pa.array([str(SECONDS)]),
        pa.array([f"{SECONDS}.0"]),
    ],
    ids=lambda column: f"{column.type} {column[0]}",
)
def test_every_way_to_write_an_instant_is_the_same_instant(column: pa.Array) -> None:
    assert to_utc(column, "UTC").to_pylist() == [SIX]
    assert to_utc(column, "UTC").type == UTC_MICROS


@pytest.mark.parametrize(
    "column", [pa.array([date(2026, 11, 20)]), pa.array(["2026-11-20"]), pa.array([date(2026, 11, 20)], pa.date64())]
)
def test_a_date_is_its_midnight_in_the_sources_timezone(column: pa.Array) -> None:
    assert to_utc(column, BERLIN).to_pylist() == [datetime(2026, 11, 19, 23, tzinfo=UTC)]


def test_what_is_empty_has_no_time() -> None:
    for column in (
        pa.array(["", " ", None]),
        pa.nulls(3),
        pa.array([float("nan"), None, None]),
        pa.array([None] * 3, pa.int64()),
    ):
        assert to_utc(column, BERLIN).null_count == 3
    assert to_utc(pa.array([[], None]).slice(1), "UTC").null_count == 1


def test_offsets_and_local_times_may_stand_in_one_column() -> None:
    texts = pa.array(["2026-07-01T12:00:00", None, "2026-07-01T12:00:00Z", str(SECONDS)])
    assert to_utc(texts, BERLIN).to_pylist() == [
        datetime(2026, 7, 1, 10, tzinfo=UTC),
        None,
        datetime(2026, 7, 1, 12, tzinfo=UTC),
        SIX,
    ]


def test_the_hour_that_autumn_repeats_is_the_first_of_the_two() -> None:
    twice = pa.array([naive("2026-10-25T02:30:00")], pa.timestamp("us"))
    assert to_utc(twice, BERLIN).to_pylist() == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_the_hour_that_spring_skips_is_the_instant_of_the_jump() -> None:
    never = pa.array([naive("2026-03-29T02:30:00")], pa.timestamp("us"))
    assert to_utc(never, BERLIN).to_pylist() == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


@given(st.datetimes(naive("1990-01-01T00:00:00"), naive("2037-01-01T00:00:00")), st.sampled_from(ZONES))
def test_a_local_time_is_what_pythons_zoneinfo_says(moment: datetime, zone: str) -> None:
    local = moment.replace(tzinfo=ZoneInfo(zone))
    exists = local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == moment
    found = to_utc(pa.array([moment], pa.timestamp("us")), zone).to_pylist()[0]
    if exists:
        assert found == local.astimezone(UTC)
    else:  # zoneinfo goes on as if the clock had not jumped; the jump is before that
        assert (
            found.astimezone(ZoneInfo(zone)).utcoffset()
            != (found - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).utcoffset()
        )


@given(
    st.datetimes(naive("1990-01-01T00:00:00"), naive("2037-01-01T00:00:00")), st.sampled_from(ZONES), st.integers(0, 48)
)
def test_local_times_of_a_range_lie_within_its_wall_clock(moment: datetime, zone: str, hours: int) -> None:
    instant = to_utc(pa.array([moment], pa.timestamp("us")), zone).to_pylist()[0]
    start = instant - timedelta(hours=hours)
    first, last = wall_clock(start, instant + timedelta(microseconds=1), zone)
    assert first <= moment < last


@given(st.integers(SECONDS * 1_000_000, SECONDS * 1_000_000 + 10**13))
def test_epoch_numbers_of_a_range_are_found_in_every_unit(micros: int) -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    end = start + timedelta(days=1)
    ranges = list(epoch_ranges(start, end))
    for number in (micros // 1_000_000 + 1, micros // 1_000 + 1, micros, micros * 1_000):
        [inside] = to_utc(pa.array([number]), "UTC").to_pylist()
        assert (start <= inside < end) == any(low <= number < high for low, high in ranges)


@pytest.mark.parametrize(
    ("column", "row", "value"),
    [
        (pa.array(["2026-11-20", "n/a"]), 1, "n/a"),
        (pa.array(["2026-11-20", None, "2026-02-30", "2026-11-20"]), 2, "2026-02-30"),
        (pa.array(["2026-11-20T25:00:00Z"]), 0, "2026-11-20T25:00:00Z"),
        (pa.array(["20.11.2026"]), 0, "20.11.2026"),
        (pa.array(["2026-11-20Z"]), 0, "2026-11-20Z"),
        (pa.array([SECONDS, 20261120]), 1, 20261120),
        (pa.array(["20261120"]), 0, "20261120"),
        (pa.array(["9999999999999999999"]), 0, "9999999999999999999"),
        (pa.array([0]), 0, 0),
        (pa.array([-SECONDS]), 0, -SECONDS),
        (pa.array([float("inf")]), 0, float("inf")),
        (pa.array([None, True]), 1, True),
        (pa.array([[1]]), 0, [1]),
    ],
)
def test_a_value_that_is_no_time_is_pointed_at(column: pa.Array, row: int, value: object) -> None:
    with pytest.raises(UnreadableError) as refused:
        to_utc(column, "UTC")
    assert (refused.value.row, refused.value.value) == (row, value)


def is_a_time(text: str) -> bool:
    try:
        to_utc(pa.array([text], pa.string()), BERLIN)
    except UnreadableError:
        return False
    return True


TIMES = ["2026-11-20", "1795154400", "2026-11-20T06:00:00Z", ""]


@given(st.lists(st.text(max_size=12) | st.sampled_from(TIMES), max_size=20))
def test_any_text_is_a_time_or_pointed_at(texts: list[str]) -> None:
    wrong = [text for text in texts if not is_a_time(text)]
    column = pa.array(texts, pa.string())
    if not wrong:
        assert len(to_utc(column, BERLIN)) == len(texts)
        return
    with pytest.raises(UnreadableError) as refused:
        to_utc(column, BERLIN)
    assert refused.value.value == texts[refused.value.row]
    assert refused.value.value in wrong


def test_a_timezone_that_does_not_exist_is_refused() -> None:
    assert check_timezone(BERLIN) == BERLIN
    for name in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(SourceError) as refused:
            check_timezone(name)
        assert str(refused.value) == f"source.timezone: {name!r} is not a timezone; write a name such as Europe/Berlin"
