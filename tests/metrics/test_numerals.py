import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.metrics.numerals import day_of, listing, measure, percent, several


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_float_can_be_written_as_a_measure_and_as_a_percent(value):
    assert measure(value)
    assert percent(value) if abs(value) < 1e300 else True


@given(st.floats(0, 1))
def test_a_share_between_none_and_all_is_never_written_as_none_or_all(share):
    text = percent(share)
    assert (text == "0%") == (share == 0)
    assert (text == "100%") == (share == 1)


@given(st.floats(1e-4, 1e9))
def test_a_measure_keeps_three_significant_digits(value):
    assert float(measure(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


@pytest.mark.parametrize(("number", "text"), [(0, "no rows"), (1, "1 row"), (2, "2 rows"), (1234567, "1,234,567 rows")])
def test_a_count_agrees_with_its_noun(number, text):
    assert several(number, "row") == text


def test_a_list_of_one_two_and_many_names_reads_as_a_phrase():
    assert listing([]) == ""
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(list("abcdef"), most=2) == "a, b and 4 more"


def test_an_instant_beyond_the_calendar_is_still_written():
    assert day_of(86_400.0 * 365) == "1971-01-01"
    assert day_of(1e18) == "1e+18"
