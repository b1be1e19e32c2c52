from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.profile.canonical import canonical_set, canonical_text, raw_number, raw_texts, with_synonyms


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        ("1.0", "1"),
        ("1.00", "1.00"),
        ("01", "01"),
        ("01.0", "01.0"),
        (-0.0, "0"),
        ("-0.0", "-0.0"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (2**60, "1152921504606846976"),
        (Decimal("2.50"), "2.5"),
        (True, "true"),
        ("TRUE", "true"),
        ("False", "false"),
        ("yes", "yes"),
        (" a ", " a "),
        ("", ""),
        (None, None),
        (float("nan"), None),
        (np.int64(3), "3"),
        (np.float32(0.5), "0.5"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00+00:00"),
        (b"caf\xc3\xa9", "café"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_a_value_has_one_canonical_text(value: object, text: str | None) -> None:
    assert canonical_text(value) == text


@given(st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False))
def test_canonical_text_stays_as_it_is(value: object) -> None:
    text = canonical_text(value)
    assert text is not None
    assert canonical_text(text) == text


@given(st.text() | st.sampled_from(["1.0", "True", "0", "-3.0", "false"]))
def test_a_text_is_among_the_texts_that_mean_its_category(text: str) -> None:
    assert text in raw_texts(str(canonical_text(text)))


@given(st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_number_that_means_its_category(number: float) -> None:
    assert raw_number(str(canonical_text(number))) == number


def test_text_that_only_looks_like_a_number_means_none() -> None:
    assert [raw_number(text) for text in ("01", "1_000", "web", "", "+1", "1.50")] == [None] * 6


def test_yes_and_no_have_two_spellings_unless_both_are_in_use() -> None:
    assert with_synonyms({"true": 0, "false": 1}) == {"true": 0, "false": 1, "1": 0, "0": 1}
    assert with_synonyms({"1": 0}) == {"1": 0, "true": 0}
    assert with_synonyms({"1": 0, "true": 1}) == {"1": 0, "true": 1}
    assert with_synonyms({"web": 0}) == {"web": 0}


def test_a_declared_value_or_list_becomes_categories() -> None:
    assert canonical_set(1) == ("1",)
    assert canonical_set([1, "1.0", "yes", None]) == ("1", "yes")
    assert canonical_set("yes") == ("yes",)
    assert canonical_set(None) == ()
