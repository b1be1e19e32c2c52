"""When a row happened. In: a timestamp column of any type. Out: UTC microseconds, and which raw values a day may have.

A time with an offset is what it says. One without is read in the source's timezone: in the hour that autumn repeats it
is the first of the two, in the hour that spring skips it is the instant the clock jumped.
Numbers count seconds, milliseconds, microseconds or nanoseconds since 1970, whichever gives a date from 1980 to 2099;
so does a text of digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from aimon.errors import SourceError
from aimon.intake.align import UTC_MICROS, decoded

EPOCH_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
EARLIEST = int(datetime(1980, 1, 1, tzinfo=UTC).timestamp())
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_ISO = (
    r"^\d{4}-\d{2}-\d{2}$"
    r"|^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,12})?)?( ?([Zz]|UTC|[+-]\d{2}(:?\d{2})?))?$"
)
_NUMBER = r"^-?\d{1,19}(\.\d+)?$"
_AWARE = r"[Tt ]\d{2}:.*([Zz]|UTC|[+-]\d{2}(:?\d{2})?)$"


@dataclass(slots=True)
class UnreadableError(Exception):
    """A value that is no time. The source adds the file and turns it into a sentence."""

    row: int
    value: Any


def to_utc(column: pa.Array, timezone: str) -> pa.Array:
    """The column as UTC microseconds; null stays null.

    >>> to_utc(pa.array(["2026-11-20T06:00:00+01:00", "2026-11-20"]), "Europe/Berlin").to_pylist()[0].isoformat()
    '2026-11-20T05:00:00+00:00'
    >>> to_utc(pa.array([1795154400, 1795154400000]), "UTC").to_pylist()[1].isoformat()
    '2026-11-20T06:00:00+00:00'
    """
    column = decoded(column)
    kind = column.type
    if types.is_timestamp(kind):
        return column.cast(UTC_MICROS, safe=False) if kind.tz else _placed(column, timezone)
    if types.is_date(kind):
        return _placed(column, timezone)
    if types.is_string(kind):
        return _from_text(column, timezone)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return _from_number(column)
    if types.is_null(kind):
        return pa.nulls(len(column), UTC_MICROS)
    row = next((row for row, value in enumerate(column) if value.is_valid), None)
    if row is None:
        return pa.nulls(len(column), UTC_MICROS)
    raise UnreadableError(row, column[row].as_py())


def is_iso(text: pa.Array) -> bool:
    """Whether all of the texts have the shape of an ISO date or time."""
    return bool(pc.all(pc.match_substring_regex(pc.utf8_trim_whitespace(text), _ISO)).as_py())


def is_aware(text: pa.Array) -> bool:
    """Whether any of the ISO texts has an offset."""
    return bool(pc.any(pc.match_substring_regex(pc.utf8_trim_whitespace(text), _AWARE)).as_py())


def check_timezone(name: str) -> str:
    """The name, if it is one of a timezone."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise SourceError(f"source.timezone: {name!r} is not a timezone; write a name such as Europe/Berlin") from error
    return name


def wall_clock(start: datetime, end: datetime, timezone: str) -> tuple[datetime, datetime]:
    """Naive local times that enclose the instants from `start` to `end`: exact but around a change of the clock."""
    zone = ZoneInfo(timezone)

    def jump(moment: datetime) -> timedelta:
        offsets = [(moment + side).astimezone(zone).utcoffset() for side in (timedelta(days=-1), timedelta(days=1))]
        return abs((offsets[0] or timedelta()) - (offsets[1] or timedelta()))

    first = start.astimezone(zone).replace(tzinfo=None) - jump(start)
    last = end.astimezone(zone).replace(tzinfo=None) + jump(end)
    return first, last


def epoch_ranges(start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
    """For each unit of epoch numbers, the first number of the range and the first one after it."""
    microseconds = timedelta(microseconds=1)
    origin = datetime(1970, 1, 1, tzinfo=UTC)
    first, last = (start - origin) // microseconds, (end - origin) // microseconds
    for per_second in EPOCH_UNITS.values():
        yield -(-first * per_second // 1_000_000), -(-last * per_second // 1_000_000)


def text_days(start: datetime, end: datetime) -> tuple[str, str]:
    """Texts that enclose every ISO time of the range, whatever its offset."""
    return (start - timedelta(days=1)).strftime("%Y-%m-%d"), (end + timedelta(days=2)).strftime("%Y-%m-%d")


def _placed(column: pa.Array, timezone: str) -> pa.Array:
    naive = column.cast(pa.timestamp("us"), safe=False)
    if timezone == "UTC":
        return naive.cast(UTC_MICROS)
    aware = pc.assume_timezone(naive, timezone, ambiguous="earliest", nonexistent="latest")
    return aware.cast(UTC_MICROS)


def _from_number(column: pa.Array) -> pa.Array:
    if types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    if types.is_decimal(column.type):
        column = column.cast(pa.float64())
    size = column.cast(pa.float64(), safe=False)
    result = pa.nulls(len(column), pa.int64())
    for unit, per_second in EPOCH_UNITS.items():
        inside = pc.and_(
            pc.greater_equal(size, float(EARLIEST * per_second)), pc.less(size, float(LATEST * per_second))
        )
        result = pc.if_else(pc.fill_null(inside, False), _micros(column, unit), result)
    _refuse(column, pc.and_(pc.is_valid(column), pc.is_null(result)))
    return result.cast(UTC_MICROS)


def _micros(column: pa.Array, unit: str) -> pa.Array:
    """Microseconds of an epoch number, rounded down; integers stay exact. Other units' numbers come out as nonsense."""
    per_second = EPOCH_UNITS[unit]
    if types.is_integer(column.type):
        whole = column.cast(pa.int64(), safe=False)
        if per_second <= 1_000_000:
            return pc.multiply(whole, 1_000_000 // per_second)
        return pc.divide(whole, per_second // 1_000_000)
    scaled = pc.multiply(column.cast(pa.float64()), 1_000_000 / per_second)
    return pc.floor(scaled).cast(pa.int64(), safe=False)


def _from_text(column: pa.Array, timezone: str) -> pa.Array:
    text = pc.utf8_trim_whitespace(column)
    text = pc.if_else(pc.equal(text, ""), None, text)
    numbers = pc.fill_null(pc.match_substring_regex(text, _NUMBER), False)
    try:
        if not pc.any(numbers).as_py():
            return _from_iso(column, text, timezone)
        counted = _from_number(_as_numbers(pc.if_else(numbers, text, None)))
        return pc.coalesce(counted, _from_iso(column, pc.if_else(numbers, None, text), timezone))
    except (pa.ArrowInvalid, UnreadableError):
        raise _first_unreadable(column, timezone) from None


def _as_numbers(text: pa.Array) -> pa.Array:
    is_whole = not pc.any(pc.match_substring(text, ".")).as_py()
    return text.cast(pa.int64() if is_whole else pa.float64())


def _from_iso(column: pa.Array, text: pa.Array, timezone: str) -> pa.Array:
    _refuse(column, pc.and_(pc.is_valid(text), pc.invert(pc.fill_null(pc.match_substring_regex(text, _ISO), False))))
    aware = pc.fill_null(pc.match_substring_regex(text, _AWARE), False)
    if not pc.any(aware).as_py():
        return _placed(_parsed(text, None), timezone)
    if pc.all(aware).as_py():
        return _parsed(text, "UTC")
    placed = _placed(_parsed(pc.if_else(aware, None, text), None), timezone)
    return pc.coalesce(_parsed(pc.if_else(aware, text, None), "UTC"), placed)


def _parsed(text: pa.Array, zone: str | None) -> pa.Array:
    if pc.any(pc.match_substring_regex(text, r"[,a-z]|\.\d{7}| ?(UTC|Z)$| [+-]")).as_py():
        text = pc.replace_substring(pc.utf8_upper(text), ",", ".")
        text = pc.replace_substring_regex(text, r"(\.\d{6})\d+", r"\1")
        text = pc.replace_substring_regex(text, r" ?(UTC|Z)$", "Z")
        text = pc.replace_substring_regex(text, r" ([+-]\d{2}:?\d{0,2})$", r"\1")
    return text.cast(pa.timestamp("us", tz=zone))


def _first_unreadable(column: pa.Array, timezone: str) -> UnreadableError:
    """Find the first value that is no time; the column holds one."""
    if len(column) == 1:
        return UnreadableError(0, column[0].as_py())
    half = len(column) // 2
    try:
        _from_text(column.slice(0, half), timezone)
    except UnreadableError as first:
        return first
    later = _first_unreadable(column.slice(half), timezone)
    return UnreadableError(half + later.row, later.value)


def _refuse(column: pa.Array, wrong: pa.Array) -> None:
    if pc.any(wrong).as_py():
        row = pc.index(wrong, True).as_py()
        raise UnreadableError(row, column[row].as_py())
