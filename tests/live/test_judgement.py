"""Rates from people's words, and what they are worth."""

import pytest

from aimon.live.judgement import judge_feedback, should_retrain
from aimon.store.words import Judged

CASES = [
    Judged("1", "sample", True, 60),
    Judged("1", "sample", False, 20),
    Judged("0", "sample", True, 90),
    Judged("0", "review", False, 30),
]


def test_rates_of_two_classes_are_those_of_the_matrix() -> None:
    from sklearn.metrics import f1_score, precision_score, recall_score

    found = judge_feedback(CASES, disagreements=2)
    predicted = ["1"] * 80 + ["0"] * 120
    said = ["1"] * 60 + ["0"] * 20 + ["0"] * 90 + ["1"] * 30
    own = found.quality()["1"]

    assert found.matrix == {("1", "1"): 60, ("1", "0"): 20, ("0", "0"): 90, ("0", "1"): 30}
    assert own.precision == pytest.approx(precision_score(said, predicted, pos_label="1"))
    assert own.recall == pytest.approx(recall_score(said, predicted, pos_label="1"))
    assert own.f1 == pytest.approx(f1_score(said, predicted, pos_label="1"))
    assert found.accuracy() == pytest.approx((0.75, 0.6857, 0.8048), abs=1e-3)
    assert not found.biased


def test_of_three_classes_a_wrong_case_only_says_what_it_is_not() -> None:
    found = judge_feedback([Judged(name, "sample", right, 5) for name in "abc" for right in (True, False)], 0)

    assert found.matrix["a", "not a"] == 5
    assert found.quality()["a"].precision == 0.5
    assert found.quality()["a"].recall is None


def test_disputed_cases_are_marked_and_are_no_reason_to_train_again() -> None:
    disputed = judge_feedback([Judged("1", "dispute", False, 90), Judged("1", "sample", True, 10)], 0)
    drawn = judge_feedback([Judged("1", "sample", False, 90), Judged("1", "sample", True, 10)], 0)

    assert (disputed.biased, should_retrain(disputed, []).yes) == (True, False)
    assert should_retrain(drawn, []).reasons == ("people agree with 10% of 100 predictions drawn at random",)
    assert not should_retrain(judge_feedback([Judged("1", "sample", False, 20)], 0), []).yes


def test_a_standing_alarm_is_a_reason() -> None:
    nothing = judge_feedback([], 0)

    assert nothing.accuracy() is None
    assert should_retrain(nothing, ["psi of income is critical on 2026-11-19"]).yes
    assert nothing.as_json()["accuracy"] is None


def test_cases_without_a_known_prediction_are_counted_apart() -> None:
    found = judge_feedback([Judged(None, "review", True, 3), Judged("1", "review", True, 1)], 0)

    assert (found.cases, found.unjoined, sum(found.matrix.values())) == (4, 3, 1)
