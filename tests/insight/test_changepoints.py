from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.insight.changepoints import Kind, change_points
from benchmarks.insight_daily_series import DailySeries, daily_series, f1, score

START = date(2026, 1, 5)


def points(values):
    return [(START + timedelta(days=day), float(value)) for day, value in enumerate(values)]


def days(found):
    return [(change.day - START).days for change in found]


def noise(n, seed=1, phi=0.0):
    random = np.random.default_rng(seed)
    fresh = random.normal(size=n)
    for day in range(1, n):
        fresh[day] = phi * fresh[day - 1] + np.sqrt(1 - phi**2) * fresh[day]
    return fresh


def test_a_new_level_is_found_on_its_day_with_means_before_and_after():
    (change,) = change_points(points(np.where(np.arange(90) < 50, 10.0, 14.0) + noise(90)))
    assert change.kind is Kind.LEVEL
    assert (change.day - START).days == 50
    assert change.earliest <= change.day <= change.latest
    assert (change.latest - change.earliest).days <= 2
    assert change.before == pytest.approx(10.0, abs=0.5)
    assert change.after == pytest.approx(14.0, abs=0.5)
    assert change.gain > 50.0


def test_a_creeping_change_is_a_change_of_slope_with_its_rate():
    climb = np.clip(np.arange(120) - 70, 0, None) * 0.4
    (change,) = change_points(points(climb + noise(120)))
    assert change.kind is Kind.SLOPE
    assert abs((change.day - START).days - 70) <= 5
    assert change.before == pytest.approx(0.0, abs=0.05)
    assert change.after == pytest.approx(0.4, abs=0.05)


def test_a_slope_that_ends_is_a_change_too():
    climb = np.clip(np.arange(160), None, 80) * 0.3
    (change,) = change_points(points(climb + noise(160, seed=3)))
    assert change.kind is Kind.SLOPE
    assert abs((change.day - START).days - 80) <= 5


def test_noise_that_grows_is_a_change_of_spread():
    (change,) = change_points(points(np.where(np.arange(150) < 90, 1.0, 4.0) * noise(150, seed=2)))
    assert change.kind is Kind.SPREAD
    assert abs((change.day - START).days - 90) <= 5
    assert change.after / change.before == pytest.approx(4.0, rel=0.4)


def test_several_changes_come_in_the_order_of_their_days():
    level = np.repeat([0.0, 6.0, -2.0, 3.0], 40)
    assert days(change_points(points(level + noise(160)))) == pytest.approx([40, 80, 120], abs=1)


def test_weekdays_are_no_change():
    week = np.array([0, 0, 0, 0, 0, -6.0, -8.0])
    assert change_points(points(week[np.arange(100) % 7] + noise(100))) == []


def test_a_change_beneath_weekdays_is_found():
    week = np.array([0, 0, 0, 0, 0, -6.0, -8.0])
    level = np.where(np.arange(100) < 60, 0.0, 4.0)
    assert days(change_points(points(level + week[np.arange(100) % 7] + noise(100)))) == [60]


def test_single_strays_are_no_change():
    values = noise(120, seed=4)
    values[[20, 55, 90]] += [9.0, -12.0, 15.0]
    assert change_points(points(values)) == []


def test_a_series_that_wanders_is_not_cut_into_levels():
    wandering = [change_points(points(noise(180, seed=seed, phi=0.7))) for seed in range(12)]
    assert sum(bool(found) for found in wandering) <= 1


def test_a_steady_trend_is_no_change():
    assert change_points(points(0.3 * np.arange(120) + noise(120))) == []


def test_missing_days_do_not_move_the_change():
    series = points(np.where(np.arange(90) < 50, 0.0, 4.0) + noise(90))
    gaps = [(day, None if place % 6 == 0 else value) for place, (day, value) in enumerate(series)]
    absent = [point for point in gaps if point[1] is not None]
    assert days(change_points(gaps)) == days(change_points(absent)) == [50]


def test_not_a_number_is_a_missing_day():
    series = points(np.where(np.arange(60) < 30, 0.0, 5.0) + noise(60))
    series[10] = (series[10][0], float("nan"))
    assert days(change_points(series)) == [30]


@pytest.mark.parametrize("values", [[], [1.0], [2.0] * 60, list(range(13))])
def test_series_that_are_empty_constant_or_short_have_no_change(values):
    assert change_points(points(values)) == []


def test_a_step_without_any_noise_is_found():
    (change,) = change_points(points([0.0] * 40 + [0.3] * 20))
    assert (change.day - START).days == 40
    assert (change.before, change.after) == (pytest.approx(0.0), pytest.approx(0.3))


def test_the_order_in_which_days_are_given_does_not_matter():
    series = points(np.where(np.arange(60) < 30, 0.0, 5.0) + noise(60))
    assert change_points(reversed(series)) == change_points(series)


@settings(max_examples=15, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_unit_and_zero_of_the_series_do_not_matter(zero, unit):
    values = np.where(np.arange(60) < 30, 0.0, 5.0) + noise(60)
    assert days(change_points(points(zero + unit * values))) == [30]


def test_of_a_very_long_series_the_last_two_years_count():
    values = noise(1_000)
    values[100:] += 5.0
    values[900:] += 5.0
    assert days(change_points(points(values))) == [900]


def test_known_changes_are_found_and_stable_series_stay_silent():
    series = daily_series(11, 20, 20)
    found = [days(change_points((START + timedelta(day), float(v)) for day, v in enumerate(s.values))) for s in series]
    assert f1(*score(found, series)) > 0.65
    assert sum(bool(each) for each in found[20:]) <= 2


def test_the_interval_holds_the_true_day():
    held = []
    for seed in range(40):
        n, true = 80, 30 + seed % 20
        values = np.where(np.arange(n) < true, 0.0, 2.5) + noise(n, seed=seed, phi=0.3)
        found = change_points(points(values))
        held += [change.earliest <= START + timedelta(true) <= change.latest for change in found]
    assert len(held) >= 25
    assert np.mean(held) >= 0.85


def test_a_change_counts_once_in_the_score():
    series = [DailySeries(np.zeros(50), (20,))]
    assert score([[18, 22, 40]], series) == (1, 2, 0)
    assert score([[]], series) == (0, 0, 1)
