import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.generative import agreement, corrected_mean, corrected_rate, mean_words, refusal_rate, refusals
from aimon.metrics.estimate import Obstacle
from aimon.metrics.interval import share_of

REFUSED = [
    "I'm sorry, but I can't help with that.",
    "I\u2019m sorry, I can\u2019t assist with this request.",
    "I cannot provide medical advice.",
    "As an AI language model, I am unable to browse.",
    "Unfortunately, we are a shop and I cannot answer legal questions.",
    "Lo siento, no puedo ayudar con eso.",
    "Ich kann Ihnen dabei leider nicht helfen.",
    "Je ne peux pas vous aider.",
]
ANSWERED = [
    "Your parcel arrives on Tuesday. Sorry for the delay!",
    "You can't return opened software, but you can exchange it.",
    "If the app cannot start, reinstall it.",
    "The door won't open unless you press the button; we can send someone.",
    "",
]


@pytest.mark.parametrize("text", REFUSED)
def test_answers_that_open_with_a_refusal_are_refusals(text):
    assert refusals(pa.chunked_array([[text]])).all()


@pytest.mark.parametrize("text", ANSWERED)
def test_answers_are_no_refusals(text):
    assert not refusals(pa.chunked_array([[text]])).any()


def test_the_refusal_rate_leaves_missing_answers_out():
    rate = refusal_rate(pa.chunked_array([[*REFUSED, *REFUSED[:2], None, *ANSWERED, *ANSWERED]]))
    assert (rate.value, rate.n) == (0.5, 20)
    assert refusal_rate(pa.chunked_array([[None]], pa.string())).obstacle is Obstacle.NO_DENOMINATOR


def test_words_are_counted_by_spaces():
    words = mean_words(pa.chunked_array([["one two  three", "one", None] * 20]))
    assert (words.value, words.n) == (2.0, 40)
    assert mean_words(pa.chunked_array([[]], pa.string())).value is None


@pytest.mark.parametrize("classes", [2, 4])
def test_kappa_is_that_of_scikit_learn(classes):
    from sklearn.metrics import cohen_kappa_score

    random = np.random.default_rng(classes)
    human = random.integers(0, classes, 300)
    judge = np.where(random.random(300) < 0.7, human, random.integers(0, classes, 300))
    assert agreement(judge, human, classes).kappa.value == pytest.approx(cohen_kappa_score(judge, human))
    assert agreement(judge, human, classes).raw.value == pytest.approx((judge == human).mean())


def test_the_error_of_kappa_is_that_of_repeated_samples():
    random = np.random.default_rng(1)
    found = []
    for _ in range(200):
        human = (random.random(250) < 0.3).astype(int)
        judge = np.where(random.random(250) < 0.85, human, 1 - human)
        found.append(agreement(judge, human, 2).kappa)
    stated = np.mean([(kappa.high - kappa.low) / 3.92 for kappa in found])
    assert stated == pytest.approx(np.std([kappa.value for kappa in found]), rel=0.2)


def test_kappa_of_few_rows_or_of_one_mark_is_not_estimable():
    assert agreement(np.zeros(29, int), np.zeros(29, int), 2).kappa.value is None
    same = agreement(np.ones(100, int), np.ones(100, int), 2)
    assert same.kappa.note == "people and judge always gave one and the same mark"
    assert same.raw.value == 1.0


def marked(random, rows, n, accuracy, rate=0.7):
    truth = (random.random(rows) < rate).astype(float)
    judge = np.where(random.random(rows) < accuracy, truth, 1.0 - truth)
    return judge[n:], judge[:n], truth[:n]


@pytest.mark.parametrize("accuracy", [0.5, 0.75, 0.95])
def test_the_corrected_mean_holds_however_bad_the_judge(accuracy):
    random = np.random.default_rng(2)
    found = [corrected_mean(*marked(random, 3_000, 150, accuracy)) for _ in range(300)]
    assert np.mean([each.low <= 0.7 <= each.high for each in found]) > 0.91
    assert np.mean([each.value for each in found]) == pytest.approx(0.7, abs=0.01)


def test_a_good_judge_narrows_the_interval_and_a_bad_one_does_not_widen_it():
    random = np.random.default_rng(3)
    widths = {
        accuracy: np.mean(
            [(each := corrected_mean(*marked(random, 5_000, 150, accuracy))).high - each.low for _ in range(30)]
        )
        for accuracy in (0.5, 0.97)
    }
    people = 3.92 * (0.21 / 150) ** 0.5
    assert widths[0.97] < 0.55 * people
    assert widths[0.5] < 1.03 * people


def test_few_marks_of_people_are_not_enough():
    assert corrected_mean(np.ones(100), np.ones(29), np.ones(29)).obstacle is Obstacle.NO_DENOMINATOR


def test_the_corrected_rate_holds_in_repeated_samples():
    random = np.random.default_rng(4)
    held = []
    for _ in range(300):
        human = random.random(400) < 0.5
        judged = np.where(human, random.random(400) < 0.9, random.random(400) < 0.2)
        today = random.random(2_000) < 0.3
        marks = np.where(today, random.random(2_000) < 0.9, random.random(2_000) < 0.2)
        found = corrected_rate(share_of(int(marks.sum()), 2_000, ""), judged, human)
        held.append(found.low <= 0.3 <= found.high)
    assert np.mean(held) > 0.92


def test_a_judge_that_knows_nothing_corrects_nothing():
    random = np.random.default_rng(5)
    human = random.random(2_000) < 0.5
    judged = random.random(2_000) < 0.5
    found = corrected_rate(share_of(50, 100, ""), judged, human)
    assert found.obstacle is Obstacle.ASSUMPTION
    assert corrected_rate(share_of(5, 10, ""), judged[:40], human[:40]).obstacle is Obstacle.NO_DENOMINATOR
