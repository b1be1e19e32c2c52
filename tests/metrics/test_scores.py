import numpy as np
import pytest
from sklearn import metrics as sk  # noqa: TID253 - the oracle of these tests

from aimon.metrics.performance import performance
from aimon.metrics.scores import average_precision, roc_auc

SCORES = {
    "plain": lambda random, n: random.beta(2, 3, n),
    "tiny": lambda random, n: random.beta(0.5, 3000, n),
    "near one": lambda random, n: 1 - random.beta(0.5, 3000, n),
    "few values": lambda random, n: np.round(random.beta(2, 3, n), 1),
    "margins": lambda random, n: random.normal(0, 4, n),
}


@pytest.mark.parametrize("law", SCORES)
@pytest.mark.parametrize("share", [0.3, 0.01])
def test_areas_are_those_of_scikit_learn_whatever_the_scores(law: str, share: float, counted, random) -> None:
    n = 20_000
    scores = SCORES[law](random, n)
    ranks = np.argsort(np.argsort(scores + random.normal(0, scores.std() * 1.5, n))) / n
    labels = (ranks > 1 - share).astype(int)
    data = {"s": scores, "t": labels, "y": (ranks > 0.5).astype(int)}
    _, grid, baseline, window = counted(data, data, score="s", label="t", positive=1, features=())
    found = {e.metric: e for e in performance(grid, baseline, window)}
    assert found["roc_auc"].value == pytest.approx(sk.roc_auc_score(labels, scores), abs=0.001)
    assert found["average_precision"].value == pytest.approx(sk.average_precision_score(labels, scores), abs=0.005)
    assert found["roc_auc"].low < found["roc_auc"].value < found["roc_auc"].high


def test_ties_have_half_credit() -> None:
    assert roc_auc(np.array([50]), np.array([50])).value == 0.5
    assert roc_auc(np.array([10, 10]), np.array([10, 10])).value == 0.5


def test_one_class_alone_has_no_area() -> None:
    nothing, some = np.zeros(3, np.int64), np.array([1, 2, 3])
    assert roc_auc(some, nothing).note == "no scored row has a positive label"
    assert roc_auc(nothing, some).note == "no scored row has a negative label"
    assert average_precision(some, nothing).value is None


def test_a_perfect_score_is_not_certain() -> None:
    area = roc_auc(np.array([20, 0]), np.array([0, 20]))
    assert area.value == 1.0
    assert 0.8 < area.low < 0.9
    assert average_precision(np.array([20, 0]), np.array([0, 20])).value == 1.0


def test_the_intervals_hold_the_true_areas(random) -> None:
    law = np.linspace(1, 3, 40)
    negative, positive = law[::-1] / law.sum(), law / law.sum()
    truth = roc_auc((negative * 1e9).astype(np.int64), (positive * 1e9).astype(np.int64)).value
    precision = average_precision((negative * 3e9).astype(np.int64), (positive * 1e9).astype(np.int64)).value
    areas, precisions = [], []
    for _ in range(400):
        sides = random.multinomial(300, negative), random.multinomial(100, positive)
        areas.append(roc_auc(*sides))
        precisions.append(average_precision(*sides))
    assert np.mean([a.low <= truth <= a.high for a in areas]) == pytest.approx(0.95, abs=0.03)
    assert np.mean([a.low <= precision <= a.high for a in precisions]) >= 0.92
