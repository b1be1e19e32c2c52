from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from aimon.insight.seasonality import Moment, SeasonalHistory, seasonal_history, usual
from aimon.metrics.estimate import Estimate
from aimon.metrics.registry import METRICS
from aimon.spec.model import Columns, ModelSpec
from aimon.verdict.history import SeriesKey
from aimon.verdict.judge import judge
from aimon.verdict.limits import limits_of
from aimon.verdict.record import Verdict

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
WEEK = np.array([100.0, 100.0, 100.0, 100.0, 95.0, 55.0, 50.0])


def past(days, seed=1, spread=2.0, slots=1, hours=None):
    random = np.random.default_rng(seed)
    found = []
    for day in range(days):
        for slot in range(slots):
            level = WEEK[day % 7] + (0.0 if hours is None else hours[slot])
            at = MONDAY + timedelta(days=day, hours=slot * 24 // slots)
            found.append(Moment(at, level + spread * random.normal()))
    return found


def test_a_quiet_sunday_is_usual_and_a_quiet_monday_is_not():
    history = past(28)
    sunday, monday = usual(history, MONDAY + timedelta(34)), usual(history, MONDAY + timedelta(35))
    assert sunday.low < 50.0 < sunday.high < 80.0
    assert 70.0 < monday.low < 100.0 < monday.high


@pytest.mark.parametrize("weeks", [2, 3, 4, 8])
def test_ordinary_values_lie_in_the_band(weeks):
    outside = 0
    for seed in range(30):
        values = past(7 * weeks + 7, seed=seed)
        history = values[: 7 * weeks]
        for moment in values[7 * weeks :]:
            band = usual(history, moment.at)
            outside += not band.low <= moment.value <= band.high
    assert outside / 210 <= 0.03


def test_bands_narrow_with_the_past():
    widths = []
    for weeks in (2, 4, 12):
        bands = [usual(past(7 * weeks, seed=seed), MONDAY + timedelta(7 * weeks)) for seed in range(15)]
        widths.append(np.median([band.high - band.low for band in bands]))
    assert widths[0] > widths[1] > widths[2] > 11.0


def test_hours_of_the_day_have_levels_of_their_own():
    history = past(28, slots=4, hours=[-30.0, 0.0, 20.0, 5.0])
    night, noon = (usual(history, MONDAY + timedelta(days=28, hours=hour)) for hour in (0, 12))
    assert night.expected == pytest.approx(70.0, abs=4.0)
    assert noon.expected == pytest.approx(120.0, abs=4.0)
    assert night.high < noon.low


def test_a_series_without_a_week_gets_none():
    random = np.random.default_rng(2)
    history = [Moment(MONDAY + timedelta(day), 5.0 + random.normal()) for day in range(56)]
    expected = [usual(history, MONDAY + timedelta(56 + day)).expected for day in range(7)]
    assert np.ptp(expected) < 1.0


def test_one_bad_day_in_the_past_does_not_widen_the_band():
    clean = past(42)
    dirty = [moment._replace(value=900.0) if place == 15 else moment for place, moment in enumerate(clean)]
    at = MONDAY + timedelta(42)
    assert usual(dirty, at).high == pytest.approx(usual(clean, at).high, rel=0.06)


def test_a_slow_drift_does_not_make_itself_usual():
    random = np.random.default_rng(3)
    history = [
        Moment(MONDAY + timedelta(day), 0.1 + 0.002 * max(0, day - 42) + 0.005 * random.normal()) for day in range(56)
    ]
    band = usual(history, MONDAY + timedelta(70))
    assert band.high < 0.1 + 0.002 * 28


def test_values_that_differ_manifold_are_compared_by_ratio():
    random = np.random.default_rng(4)
    week = np.array([9_000, 9_000, 9_000, 9_000, 8_000, 900, 800])
    history = [Moment(MONDAY + timedelta(day), week[day % 7] * np.exp(0.1 * random.normal())) for day in range(42)]
    saturday, monday = (usual(history, MONDAY + timedelta(day)) for day in (47, 49))
    assert 0 < saturday.low < 900 < saturday.high < 1_500
    assert monday.high / monday.low == pytest.approx(saturday.high / saturday.low, rel=0.05)


@pytest.mark.parametrize("history", [[], past(13), past(2, slots=8)])
def test_little_past_has_no_band(history):
    assert usual(history, MONDAY + timedelta(60)) is None


def test_what_comes_later_is_no_past():
    assert usual(past(28), MONDAY + timedelta(10)) is None


def test_a_holiday_without_a_like_may_be_as_low_as_a_sunday_and_lower():
    history, day = past(42), MONDAY + timedelta(42)
    ordinary, holiday = usual(history, day), usual(history, day, holidays={day.date()})
    assert ordinary.low > 60.0
    assert holiday.low < 35.0
    assert holiday.basis == "a holiday without a like"
    assert holiday.high < 250.0


def test_a_holiday_is_compared_with_earlier_ones():
    days = [MONDAY + timedelta(day) for day in (9, 23, 45)]
    history = [moment._replace(value=30.0) if moment.at in days else moment for moment in past(45)]
    holidays = {day.date() for day in days}
    found = usual(history, days[2], holidays=holidays)
    assert found.basis == "earlier holidays"
    assert found.low < 30.0 < found.high < 50.0
    assert found.n == 43


def test_past_holidays_are_no_ordinary_days():
    holiday = MONDAY + timedelta(35)
    history = [moment._replace(value=5.0) if moment.at == holiday else moment for moment in past(42)]
    after = usual(history, MONDAY + timedelta(42), holidays={holiday.date()})
    assert after.expected == pytest.approx(100.0, abs=2.0)
    assert after.n == 41


@dataclass(frozen=True)
class Kept:
    """A stored record, as far as the history reads it."""

    day: date
    metric: str
    value: float | None
    window: str = "1d"
    column: str | None = None
    segment: str | None = None
    group: str | None = None


def test_bands_come_from_stored_records_of_the_same_window_and_series():
    records = [Kept(moment.at.date(), "volume", moment.value) for moment in past(42)]
    records += [Kept(moment.at.date(), "volume", 7.0, window="7d") for moment in past(42)]
    records += [Kept(moment.at.date(), "volume", None, segment="channel=web") for moment in past(42)]
    history = seasonal_history(records, date(2026, 10, 19), "1d")
    band = history.band(SeriesKey("volume"))
    assert band.low < 100.0 < band.high
    assert history.band(SeriesKey("volume", segment="channel=web")) is None
    assert history.band(SeriesKey("error_rate")) is None


def test_the_judged_day_itself_is_no_past():
    records = [Kept(moment.at.date(), "volume", moment.value) for moment in past(42)]
    assert len(seasonal_history(records, date(2026, 9, 20), "1d").values[SeriesKey("volume")]) == 13


def verdict(value, history, key):
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="p"))
    estimate = Estimate(metric=key.metric, value=value, low=value, high=value, n_current=1_000)
    limits = limits_of(spec, METRICS[key.metric], estimate, None)
    return judge(estimate, limits, band=history.band(key)).verdict


def test_a_regular_weekend_raises_nothing_and_an_irregular_one_does():
    key = SeriesKey("volume")
    saturday = SeasonalHistory(values={key: past(42)}, at=MONDAY + timedelta(47))
    monday = SeasonalHistory(values={key: past(42)}, at=MONDAY + timedelta(49))
    assert verdict(55.0, saturday, key) is Verdict.OK
    assert verdict(55.0, monday, key) is Verdict.WARNING
    holiday = SeasonalHistory(values={key: past(42)}, at=MONDAY + timedelta(49), holidays={date(2026, 10, 26)})
    assert verdict(55.0, holiday, key) is Verdict.OK


def test_a_limit_that_weekends_always_pass_raises_nothing_on_weekends():
    key = SeriesKey("low_confidence_rate")
    random = np.random.default_rng(5)
    rates = [0.05, 0.05, 0.05, 0.05, 0.06, 0.24, 0.25]
    values = [Moment(MONDAY + timedelta(day), rates[day % 7] + 0.01 * random.normal()) for day in range(42)]
    sunday = SeasonalHistory(values={key: values}, at=MONDAY + timedelta(48))
    monday = SeasonalHistory(values={key: values}, at=MONDAY + timedelta(49))
    assert verdict(0.25, sunday, key) is Verdict.WATCH
    assert verdict(0.25, monday, key) is Verdict.CRITICAL
