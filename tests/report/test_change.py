import numpy as np
import pytest

from aimon.report.change import change
from aimon.spec.model import Kind

RNG = np.random.default_rng(6)
NORMAL = RNG.normal(size=8_000)


def said(one_column, reference, current, kind=None):
    grid, before, after = one_column(list(reference), list(current), kind)
    return str(change(grid, "x", before, after))


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (1.08, "shifted up by 0.8 reference IQRs"),
        (-1.349, "shifted down by 1.0 reference IQR "),
        (40, "shifted up by 29"),
    ],
)
def test_a_shift_is_told_in_reference_iqrs_with_both_medians(one_column, shift, words):
    sentence = said(one_column, NORMAL, NORMAL + shift)
    assert sentence.startswith(words)
    assert "(median " in sentence


def test_a_wider_column_spread_out_and_a_narrower_drew_together(one_column):
    assert said(one_column, NORMAL, NORMAL * 2).startswith("spread out: the middle half is 2 times as wide")
    assert said(one_column, NORMAL, NORMAL / 2).startswith("drew together: the middle half is 0.5 times as wide")


def test_a_column_with_the_same_middle_changed_shape(one_column):
    assert said(one_column, NORMAL, NORMAL).startswith("changed shape around the same median")


def test_the_category_that_moved_most_is_named_with_both_shares(one_column):
    sentence = said(one_column, ["a"] * 50 + ["b"] * 50, ["a"] * 20 + ["b"] * 80)
    assert sentence == "“a” fell from 50% to 20% of rows"


def test_unseen_categories_and_missing_values_are_told_beside(one_column):
    sentence = said(one_column, ["a"] * 50 + ["b"] * 50, ["a"] * 50 + ["b"] * 30 + ["c"] * 10 + [None] * 10)
    assert sentence == (
        "“b” fell from 50% to 30% of rows; 10% missing, was none; 10% a category the reference never had, was none"
    )


def test_missing_values_are_compared_with_the_reference(one_column):
    reference = [*NORMAL[:95].tolist(), *[None] * 5]
    current = [*NORMAL[:60].tolist(), *[None] * 40]
    assert said(one_column, reference, current).endswith("40% missing, was 5.0%")


def test_a_column_that_is_mostly_one_value_tells_of_that_value(one_column):
    sentence = said(one_column, [0.0] * 90 + [1.0] * 10, [0.0] * 60 + [1.0] * 40)
    assert sentence == "0 fell from 90% to 60% of rows"


def test_a_column_of_counts_tells_its_medians_exactly(one_column):
    sentence = said(one_column, [1, 2, 2, 3, 3, 4, 5] * 10, [3, 4, 4, 5, 5, 5, 5] * 10)
    assert sentence == "shifted up by 1.0 reference IQR (median 3 to 5)"


def test_a_shift_beyond_numbers_is_said_in_words(one_column):
    sentence = said(one_column, [*[1e-310, 2e-310, 3e-310] * 30, -0.13], [-0.13] * 90)
    assert sentence.startswith("shifted down by more reference IQRs than a number can say")


def test_a_date_moved_by_days(one_column):
    day = 86_400.0
    reference = [number * day / 10 for number in range(1_000)]
    sentence = said(one_column, reference, [value + 40 * day for value in reference], Kind.DATETIME)
    assert sentence.startswith("moved 40 days later (median 1970-02-19 to 1970-03-31)")


def test_a_text_changes_its_length(one_column):
    sentence = said(one_column, NORMAL + 50, NORMAL + 52, Kind.TEXT)
    assert sentence.startswith("its length shifted up by 1.5 reference IQRs")


def test_nothing_worth_a_note_says_nothing(one_column):
    assert said(one_column, ["a", "b"] * 100, ["a", "b"] * 100) == ""
    assert said(one_column, NORMAL, [None]) == "100% missing, was none"


@pytest.mark.parametrize(("sign", "words"), [(1, "more than"), (-1, "less than")])
def test_a_shift_beyond_the_grid_says_how_far_at_least(one_column, sign: int, words: str):
    sentence = said(one_column, NORMAL, np.full(500, sign * 1e300))
    assert sentence.startswith(f"shifted {'up' if sign > 0 else 'down'} by more than 2,0")
    assert f" to {words} " in sentence
    assert "more than" not in said(one_column, NORMAL, NORMAL + 40)
