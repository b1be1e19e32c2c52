import numpy as np
import pytest
from scipy.special import expit

from aimon.insight.calibration import Tally, calibrate


def draw(n, law, seed=1, weight=1.0):
    random = np.random.default_rng(seed)
    position = random.normal(size=n) * 1.5
    return Tally(position, np.ones(n), (random.random(n) < law(position)).astype(float), weight)


def probability(curve, at):
    return expit(curve.log_odds(np.asarray(at, float))[0])


def test_a_curve_without_bends_is_logistic_regression():
    from sklearn.linear_model import LogisticRegression

    tally = draw(95, expit)
    curve = calibrate(tally)
    oracle = LogisticRegression(C=1e9).fit(tally.position[:, None], tally.true)
    at = np.array([-2.0, 0.0, 2.0])
    assert len(curve.knots) == 0
    assert probability(curve, at) == pytest.approx(oracle.predict_proba(at[:, None])[:, 1], abs=1e-4)


def test_equal_rows_are_one_position_with_a_count():
    tally = draw(5_000, lambda x: expit(0.5 + x))
    rounded = np.round(tally.position, 1)
    places = np.unique(rounded)
    counted = Tally(
        places,
        np.array([(rounded == place).sum() for place in places], float),
        np.array([tally.true[rounded == place].sum() for place in places]),
    )
    single = calibrate(tally._replace(position=rounded))
    assert probability(calibrate(counted), places) == pytest.approx(probability(single, places), abs=0.01)


def test_a_bent_relation_is_followed():
    def law(x):
        return expit(np.where(x < 0, 0.3 * x, 2.0 * x) - 0.5)

    curve = calibrate(draw(40_000, law))
    at = np.linspace(-2.5, 2.5, 11)
    assert probability(curve, at) == pytest.approx(law(at), abs=0.04)


def test_the_error_is_that_of_repeated_reference_data():
    at = np.array([-1.0, 0.5, 2.0])
    fits = [calibrate(draw(3_000, lambda x: expit(0.4 + 0.8 * x), seed=seed)) for seed in range(60)]
    values = np.array([curve.log_odds(at)[0] for curve in fits])
    stated = []
    for curve in fits:
        _, slopes = curve.log_odds(at)
        stated.append(np.einsum("ij,jk,ik->i", slopes, curve.covariance, slopes) ** 0.5)
    assert np.mean(stated, axis=0) == pytest.approx(values.std(axis=0), rel=0.35)


def test_few_rows_of_an_outcome_make_no_curve():
    tally = Tally(np.linspace(-1, 1, 500), np.ones(500), (np.arange(500) < 29).astype(float))
    assert calibrate(tally) is None


def test_positions_without_rows_or_number_do_not_count():
    tally = draw(2_000, expit)
    more = Tally(
        np.append(tally.position, [np.nan, 50.0]), np.append(tally.rows, [5.0, 0.0]), np.append(tally.true, [5.0, 0.0])
    )
    at = np.array([-1.0, 1.0])
    assert probability(calibrate(more), at) == pytest.approx(probability(calibrate(tally), at))


def test_a_stage_without_rows_changes_nothing_but_the_error():
    curve = calibrate(draw(5_000, expit))
    none = Tally(np.zeros(0), np.zeros(0), np.zeros(0))
    stage = curve.tilted(none, spread=(0.5, 0.25))
    at = np.array([-1.0, 0.0, 1.0])
    assert probability(stage, at) == pytest.approx(probability(curve, at))
    _, slopes = stage.log_odds(at)
    _, before = curve.log_odds(at)
    error = np.einsum("ij,jk,ik->i", slopes, stage.covariance, slopes) - np.einsum(
        "ij,jk,ik->i", before, curve.covariance, before
    )
    assert error == pytest.approx(0.25 + 0.0625 * curve.log_odds(at)[0] ** 2, rel=0.01)


def test_a_stage_learns_the_shift_of_a_segment():
    curve = calibrate(draw(20_000, expit))
    stage = curve.tilted(draw(20_000, lambda x: expit(0.8 + 0.7 * x), seed=2), spread=(0.5, 0.25))
    at = np.array([-1.0, 0.0, 1.0])
    assert probability(stage, at) == pytest.approx(expit(0.8 + 0.7 * at), abs=0.03)


def test_the_derivatives_are_those_of_the_log_odds():
    curve = calibrate(draw(3_000, expit)).tilted(draw(500, expit, seed=3), spread=(0.5, 0.25))
    at = np.array([-1.3, 0.2, 2.1])
    value, slopes = curve.log_odds(at)
    step = 1e-6
    moved = curve.curve.coefficients.copy()
    moved[1] += step
    nudged = type(curve)(curve.knots, curve.curve._replace(coefficients=moved), curve.stages)
    assert (nudged.log_odds(at)[0] - value) / step == pytest.approx(slopes[:, 1], rel=1e-4)


def test_scores_that_scatter_more_than_chance_have_a_larger_error():
    random = np.random.default_rng(5)
    position = np.repeat(np.arange(40) - 20.0, 500) / 10.0
    rough = expit(position + np.repeat(random.normal(size=40) * 0.6, 500))
    smooth = expit(position)
    errors = []
    for law in (smooth, rough):
        true = (random.random(len(position)) < law).astype(float)
        curve = calibrate(Tally(position, np.ones(len(position)), true))
        errors.append(curve.covariance[0, 0])
    assert errors[1] > 2.0 * errors[0]


def test_many_rows_of_a_score_that_claims_certainty_do_not_throw_the_curve_off():
    """Trees and rounded scores say 0 where 2 % come true."""
    position = np.array([-11.5, -2.4, -1.6, -1.1, -0.3])
    rows, share = np.array([9_000.0, 4_000, 1_000, 300, 100]), np.array([0.02, 0.07, 0.15, 0.22, 0.5])
    curve = calibrate(Tally(position, rows, rows * share))
    assert probability(curve, position) == pytest.approx(share, abs=0.05)
    assert probability(curve, position[:2]) == pytest.approx(share[:2], abs=0.003)


def test_curves_of_all_but_certain_scores_converge():
    random = np.random.default_rng(6)
    for _ in range(20):
        position = np.concatenate(
            [random.normal(size=400) * random.uniform(1, 6), np.full(300, random.choice([-11.5, 11.5]))]
        )
        law = expit(random.normal() + random.uniform(0.1, 2.0) * np.clip(position, -3, 3))
        tally = Tally(position, np.ones(700), (random.random(700) < law).astype(float))
        curve = calibrate(tally)
        p = probability(curve, position)
        assert p.sum() == pytest.approx(tally.true.sum(), abs=0.01)
        assert np.isfinite(curve.covariance).all()
