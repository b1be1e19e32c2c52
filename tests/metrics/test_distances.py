import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy  # noqa: TID253 - the oracle of these tests

from aimon.metrics import distances
from aimon.metrics.bins import Binned

counts = arrays(np.float64, (3, 12), elements=st.integers(0, 10_000).map(float))


@given(counts, counts)
def test_divergences_are_those_of_scipy_on_the_same_bins(reference: np.ndarray, current: np.ndarray) -> None:
    shares = distances.shares(Binned(reference, current))
    p, q = shares.p, shares.q
    psi, kl, js = distances.psi(p, q), distances.kl(p, q), distances.jensen_shannon(p, q)
    for row in range(len(reference)):
        used = (reference[row] > 0) | (current[row] > 0)
        if used.sum() < 2:
            assert psi[row] == pytest.approx(0.0, abs=1e-12)
            continue
        a, b = p[row][used], q[row][used]
        assert a.sum() == pytest.approx(1.0)
        assert psi[row] == pytest.approx(entropy(a, b) + entropy(b, a), abs=1e-9)
        assert kl[row] == pytest.approx(entropy(a, b), abs=1e-9)
        assert np.sqrt(js[row]) == pytest.approx(jensenshannon(a, b), abs=1e-7)


@given(counts, counts)
def test_every_distance_is_finite_and_within_its_range(reference: np.ndarray, current: np.ndarray) -> None:
    binned = Binned(reference, current)
    shares = distances.shares(binned)
    p, q = shares.p, shares.q
    assert np.isfinite(distances.psi(p, q)).all()
    assert (distances.psi(p, q) >= 0).all()
    for distance in (distances.hellinger(p, q), distances.jensen_shannon(p, q) / np.log(2)):
        assert ((distance >= 0) & (distance <= 1)).all()
    plain = distances.plain_shares(binned)
    filled = (reference.sum(axis=1) > 0) & (current.sum(axis=1) > 0)
    assert (distances.total_variation(*plain)[filled] <= 1 + 1e-12).all()
    assert (distances.largest_change(*plain) <= 1).all()


def test_equal_shares_are_no_distance_apart() -> None:
    binned = Binned(np.array([[100.0, 300.0]]), np.array([[1000.0, 3000.0]]))
    p, q = distances.plain_shares(binned)
    assert distances.total_variation(p, q) == 0.0
    assert distances.largest_change(p, q) == 0.0


def test_smoothing_adds_half_a_row_to_every_used_bin() -> None:
    shares = distances.shares(Binned(np.array([[3.0, 1.0, 0.0, 0.0]]), np.array([[2.0, 0.0, 2.0, 0.0]])))
    assert shares.bins.tolist() == [3]
    assert shares.p[0].tolist() == pytest.approx([3.5 / 5.5, 1.5 / 5.5, 0.5 / 5.5, 1.0])
    assert shares.q[0].tolist() == pytest.approx([2.5 / 5.5, 0.5 / 5.5, 2.5 / 5.5, 1.0])


def test_hellinger_squared_is_an_eighth_of_psi_for_a_small_change() -> None:
    p, q = np.array([0.5, 0.5]), np.array([0.51, 0.49])
    assert distances.hellinger(p, q) ** 2 == pytest.approx(distances.psi(p, q) / 8, rel=1e-3)


def test_the_spread_of_total_variation_is_what_samples_show(random: np.random.Generator) -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.4, 0.3])
    n, m = 2000, 1500
    drawn = distances.total_variation(random.multinomial(n, p, 4000) / n, random.multinomial(m, q, 4000) / m)
    expected = distances.total_variation_spread(p, q, np.array(float(n)), np.array(float(m)))
    assert drawn.std() == pytest.approx(float(expected), rel=0.05)
