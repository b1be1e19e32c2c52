"""What noise costs: dp-accounting held against published figures, closed forms and a search of our own."""

import math

import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_ndtr, ndtr

from aimon.privacy.accounting import affordable, epsilon

CASES = [(0.0005, 1e-6), (0.02, 1e-6), (0.3, 1e-8), (2.56, 1e-10), (40.0, 1e-6)]


def by_search(rho: float, delta: float) -> float:
    """Proposition 12 of Canonne, Kamath and Steinke (2020), minimised over the order."""

    def promised(log_excess: float) -> float:
        excess = math.exp(log_excess)
        order = 1 + excess
        return order * rho + math.log(1 / (order * delta)) / excess + math.log1p(-1 / order)

    return float(minimize_scalar(promised, bounds=(-7, 20), method="bounded", options={"xatol": 1e-10}).fun)


def of_gaussian(rho: float, delta: float) -> float:
    """The exact epsilon of a Gaussian of that rho (Balle and Wang, 2018): nothing may promise less."""
    sigma, low, high = 1 / math.sqrt(2 * rho), 0.0, 1000.0
    for _ in range(100):
        middle = (low + high) / 2
        first = ndtr(1 / (2 * sigma) - middle * sigma)
        second = math.exp(middle + log_ndtr(-1 / (2 * sigma) - middle * sigma))
        low, high = (middle, high) if first - second > delta else (low, middle)
    return low


@pytest.mark.parametrize(("rho", "delta"), CASES)
def test_an_epsilon_is_the_one_that_a_search_of_our_own_finds(rho: float, delta: float) -> None:
    assert epsilon([rho], delta) == pytest.approx(by_search(rho, delta), rel=1e-3)
    assert epsilon([rho], delta) >= by_search(rho, delta) - 1e-9


@pytest.mark.parametrize(("rho", "delta"), CASES)
def test_an_epsilon_lies_between_the_exact_one_and_the_formula_of_bun_and_steinke(rho: float, delta: float) -> None:
    formula = rho + 2 * math.sqrt(rho * math.log(1 / delta))
    assert of_gaussian(rho, delta) <= epsilon([rho], delta) <= formula


@pytest.mark.parametrize(("rho", "published"), [(2.56, 17.14), (0.07, 2.47)])
def test_the_budgets_of_the_census_of_2020_have_their_published_epsilon(rho: float, published: float) -> None:
    """The redistricting data of the United States: rho, which was published with two digits, at a delta of 1e-10."""
    lowest, highest = (epsilon([rho + half], 1e-10) for half in (-0.01, 0.01))
    assert lowest <= published <= highest


def test_losses_add_up_and_none_costs_nothing() -> None:
    assert epsilon([0.01] * 90, 1e-6) == pytest.approx(epsilon([0.9], 1e-6))
    assert epsilon([], 1e-6) == epsilon([0.0], 1e-6) == 0.0


@pytest.mark.parametrize(("most", "delta"), [(0.01, 1e-9), (1.0, 1e-6), (8.0, 1e-6), (60.0, 1e-3)])
def test_what_is_affordable_just_keeps_the_promise(most: float, delta: float) -> None:
    rho = affordable(most, delta)
    assert most * (1 - 1e-6) <= epsilon([rho], delta) <= most
    assert epsilon([rho * 1.001], delta) > most
