import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn import metrics as sk  # noqa: TID253 - the oracle of these tests
from sklearn.linear_model import LogisticRegression  # noqa: TID253 - the oracle of these tests

from aimon.metrics.calibration import (
    Reliability,
    brier,
    chance_ece,
    ece,
    equal_mass,
    log_loss,
    raw_ece,
    slope_and_intercept,
)
from aimon.metrics.performance import performance
from aimon.profile.axis import ProbabilityAxis

AXIS = ProbabilityAxis()


def _table(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    negatives, positives = (
        np.bincount(AXIS.cell(scores[labels == side]), minlength=AXIS.size)[: AXIS.steps] for side in (0, 1)
    )
    return negatives, positives, AXIS.places


@pytest.fixture(params=[(2, 3), (0.3, 30), (30, 0.3)])
def scored(request: pytest.FixtureRequest, random) -> tuple[np.ndarray, np.ndarray]:
    scores = np.clip(random.beta(*request.param, 20_000), 1e-12, 1 - 1e-12)
    return scores, (random.random(20_000) < scores**1.2).astype(int)


def test_brier_score_and_log_loss_are_those_of_scikit_learn(scored, counted) -> None:
    scores, labels = scored
    data = {"s": scores, "t": labels, "y": (scores > 0.5).astype(int)}
    _, grid, baseline, window = counted(data, data, score="s", label="t", positive=1, features=())
    found = {e.metric: e for e in performance(grid, baseline, window)}
    assert found["brier"].value == pytest.approx(sk.brier_score_loss(labels, scores), rel=1e-3, abs=1e-6)
    assert found["log_loss"].value == pytest.approx(sk.log_loss(labels, scores), rel=1e-3)


def test_the_calibration_error_is_exact_on_its_bins(scored) -> None:
    negatives, positives, places = _table(*scored)
    bins = equal_mass(negatives, positives, places)
    rows = negatives + positives
    owner = np.searchsorted(np.cumsum(bins.rows) + 0.5, np.cumsum(rows))
    expected = 0.0
    for each in range(len(bins.rows)):
        inside = (owner == each) & (rows > 0)
        mean, share = np.average(places[inside], weights=rows[inside]), positives[inside].sum() / rows[inside].sum()
        expected += rows[inside].sum() / rows.sum() * abs(share - mean)
    assert raw_ece(bins) == pytest.approx(expected, abs=1e-9)
    assert bins.rows.sum() == rows.sum()


def test_bins_are_of_about_equal_size(random) -> None:
    negatives, positives, places = _table(random.beta(0.5, 300, 30_000), np.zeros(30_000, int))
    bins = equal_mass(negatives, positives, places)
    assert len(bins.rows) == 10
    assert bins.rows == pytest.approx(3000, rel=0.05)


def test_chance_alone_gives_the_error_that_is_subtracted(random) -> None:
    rows, scores = np.array([80.0, 120.0, 30.0]), np.array([0.1, 0.5, 0.02])
    drawn = random.binomial(rows.astype(int), scores, (20_000, 3))
    simulated = np.abs(drawn - rows * scores).sum(axis=1).mean() / rows.sum()
    assert chance_ece(Reliability(rows, drawn[0] * 1.0, scores)) == pytest.approx(simulated, rel=0.02)


def test_a_calibrated_score_has_no_error_left(random) -> None:
    scores = random.beta(2, 3, 3000)
    labels = (random.random(3000) < scores).astype(int)
    measure = ece(*_table(scores, labels))
    assert measure.value < 0.01
    assert ece(*_table(scores, (random.random(3000) < scores**2).astype(int))).low > 0.05


def test_slope_is_that_of_a_logistic_regression(scored) -> None:
    scores, labels = scored
    slope, _ = slope_and_intercept(*_table(scores, labels))
    logits = np.log(scores) - np.log1p(-scores)
    oracle = LogisticRegression(C=np.inf, tol=1e-10, max_iter=500).fit(logits[:, None], labels)
    assert slope.value == pytest.approx(oracle.coef_[0, 0], rel=0.01)
    assert slope.low < slope.value < slope.high


def test_the_intercept_makes_mean_score_and_share_of_positives_equal(scored) -> None:
    negatives, positives, places = _table(*scored)
    _, intercept = slope_and_intercept(negatives, positives, places)
    logits = np.log(places.clip(1e-15, 1 - 1e-15)) - np.log1p(-places.clip(1e-15, 1 - 1e-15))
    shifted = 1 / (1 + np.exp(-(logits + intercept.value)))
    rows = negatives + positives
    assert (shifted * rows).sum() == pytest.approx(positives.sum(), rel=1e-6)


def test_what_has_no_slope_says_so() -> None:
    one_score = slope_and_intercept(np.array([5]), np.array([5]), np.array([0.5]))
    assert one_score[0].value is None
    assert one_score[1].value == pytest.approx(0.0, abs=1e-9)
    separated = slope_and_intercept(np.array([10, 0]), np.array([0, 10]), np.array([0.2, 0.8]))
    assert separated[0].value is None
    one_class = slope_and_intercept(np.array([10, 10]), np.array([0, 0]), np.array([0.2, 0.8]))
    assert one_class[0].note == "calibration needs both positive and negative labels"


def test_nothing_scored_has_no_measures() -> None:
    nothing = np.zeros(3, np.int64), np.zeros(3, np.int64), np.array([0.1, 0.5, 0.9])
    assert ece(*nothing).value is None
    assert brier(*nothing).value is None
    assert log_loss(*nothing).value is None


def test_the_interval_of_the_brier_score_holds_the_truth(random) -> None:
    held = []
    for _ in range(300):
        scores = random.beta(2, 3, 500)
        labels = (random.random(500) < scores).astype(int)
        measure = brier(*_table(scores, labels))
        held.append(measure.low <= 0.2 <= measure.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)  # E s(1 - s) of a beta(2, 3) is 0.2


FIT = """
import numpy as np
from aimon.metrics.calibration import slope_and_intercept
random = np.random.default_rng(11)
scores = np.sort(random.uniform(0.01, 0.99, 501))
rows = random.integers(1, 60, 501)
positives = random.binomial(rows, scores)
for fitted in slope_and_intercept(rows - positives, positives, scores):
    print(fitted.value.hex(), fitted.low.hex(), fitted.high.hex())
"""


def test_the_bits_of_a_fit_do_not_depend_on_the_kernels_of_linear_algebra():
    found = {
        subprocess.run(
            [sys.executable, "-c", FIT],
            env={**os.environ, "OPENBLAS_CORETYPE": kernel},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for kernel in ("Nehalem", "Haswell")
    }
    assert len(found) == 1
    assert "0x1" in found.pop()
