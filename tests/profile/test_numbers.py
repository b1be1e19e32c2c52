from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from aimon.profile.numbers import Numbers, read_numbers
from aimon.spec.model import Kind


def values_of(numbers: Numbers) -> list[float | str | None]:
    """A number, `?` where unreadable, None where null."""
    found: list[float | str | None] = []
    for place, value in enumerate(numbers.values.tolist()):
        unreadable = numbers.unreadable is not None and numbers.unreadable[place]
        null = numbers.null is not None and numbers.null[place]
        found.append("?" if unreadable else None if null else value)
    return found


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1.5, None]), [1.5, None]),
        (pa.array([1, None], pa.int8()), [1, None]),
        (pa.array([2**63 + 1], pa.uint64()), [2**63 + 1]),
        (pa.array([0.1], pa.float32()), [np.float32(0.1).item()]),
        (pa.array([True, False, None]), [1, 0, None]),
        (pa.array([Decimal("1.25"), None]), [1.25, None]),
        (pa.array(["1", " 2.5 ", "+3", "-4e2", ".5", "7."]), [1, 2.5, 3, -400, 0.5, 7]),
        (pa.array(["x", "", "1,5", "1e400", "--1", "1 2", None]), ["?", "?", "?", "?", "?", "?", None]),
        (pa.array(["inf", "-Infinity"]), [np.inf, -np.inf]),
        (pa.array(["1", "1", None]).dictionary_encode(), [1, 1, None]),
        (pa.nulls(2), [None, None]),
        (pa.array([datetime(2026, 3, 1, tzinfo=UTC), None]), ["?", None]),
        (pa.array([[1], None]), ["?", None]),
        (pa.array([1.0, 2.0, 3.0, None]).slice(1), [2, 3, None]),
        (pa.array([True, None, False]).slice(1), [None, 0]),
    ],
)
def test_any_array_reads_as_numbers(array: pa.Array, expected: list[object]) -> None:
    assert values_of(read_numbers(array, Kind.NUMERIC)) == expected


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([datetime(1970, 1, 2, tzinfo=UTC)]), [86_400]),
        (pa.array([date(1970, 1, 2), None]), [86_400, None]),
        (pa.array([1_500_000_001], pa.timestamp("ns")), [1.5]),
        (pa.array([1], pa.timestamp("s", "Europe/Berlin")), [1]),
        (pa.array(["1970-01-01T00:00:01.5Z", "1970-01-01 01:00+01:00", "1970-01-02"]), [1.5, 0, 86_400]),
        (pa.array(["2026-02-30", "now", "", None]), ["?", "?", "?", None]),
        (pa.array([5]), ["?"]),
    ],
)
def test_times_read_as_seconds(array: pa.Array, expected: list[object]) -> None:
    assert values_of(read_numbers(array, Kind.DATETIME)) == expected


def test_text_reads_as_its_length_in_characters() -> None:
    array = pa.array(["", "abc", "日本", None])
    assert values_of(read_numbers(array, Kind.TEXT)) == [0, 3, 2, None]
    assert values_of(read_numbers(array.cast(pa.large_string()), Kind.TEXT)) == [0, 3, 2, None]
    assert values_of(read_numbers(array.cast(pa.string_view()), Kind.TEXT)) == [0, 3, 2, None]
    assert values_of(read_numbers(pa.array([1.0, None]), Kind.TEXT)) == ["?", None]


def test_only_finite_readable_numbers_are_finite() -> None:
    numbers = read_numbers(pa.array(["1", "x", "nan", None]), Kind.NUMERIC)
    assert numbers.finite().tolist() == [True, False, False, False]
    assert numbers.part(slice(1, 3)).finite().tolist() == [False, False]
