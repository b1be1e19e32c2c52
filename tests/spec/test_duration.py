from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.spec.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30d", timedelta(days=30)),
        ("6h", timedelta(hours=6)),
        ("15m", timedelta(minutes=15)),
        ("90s", timedelta(seconds=90)),
        ("2w", timedelta(days=14)),
        ("0d", timedelta(0)),
    ],
)
def test_a_span_is_a_number_and_a_unit(text, span):
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["30", "d", "-1d", "1.5h", "30 d", "030d", "30D", "30d\n", "٣d", "", None, 30, ["1d"]])
def test_what_is_no_span_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="is not a span of time; write a number and a unit, such as 30d, 6h or 15m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["40000d", "9999999999w", "9" * 5000 + "s"])
def test_a_span_of_more_than_a_century_is_refused(text):
    with pytest.raises(ValueError, match="is longer than a century"):
        parse_duration(text)


@given(st.integers(0, 36_525 * 86_400))
def test_a_span_written_and_read_is_the_same(seconds):
    span = timedelta(seconds=seconds)
    assert parse_duration(format_duration(span)) == span
