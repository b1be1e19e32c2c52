"""What a model's own past explains: weekdays and declared holidays spare an alarm, a fault that stays does not."""

from datetime import date, timedelta

import pytest

from aimon.clock import instant
from aimon.daily.insight_past import Explained, track
from aimon.daily.window import OWN
from aimon.platform import Platform
from aimon.store import records
from aimon.verdict.history import SeriesKey
from aimon.verdict.record import Family, Maturity, Record
from tests.tiny_project import FIRST

CLASS_SHIFT = SeriesKey("class_shift", "decision")
WEEKS = 8
NEXT = FIRST + timedelta(7 * WEEKS)  # a Sunday, as the first day is


def keep(platform: Platform, day: date, *found: Record) -> None:
    with platform.store.transaction() as connection:
        records.replace(
            connection,
            model="alpha",
            version="1",
            day=day,
            window=OWN.name,
            records=found,
            baseline_id="b1",
            grid_id="g1",
            run_id=None,
            as_of=instant("2026-12-31T00:00:00Z"),
        )


def week(platform: Platform, weekday: float, sunday: float, metric: str = "class_shift") -> None:
    """Eight weeks of a metric that is one thing on Sundays and another on all other days."""
    for number in range(7 * WEEKS):
        day = FIRST + timedelta(number)
        value = (sunday if day.weekday() == 6 else weekday) + 0.01 * (number % 3)
        keep(platform, day, Record(family=Family.DRIFT, metric=metric, column="decision", value=value))


def explained(platform: Platform, day: date, **changes: object) -> Explained:
    return Explained(platform, platform.model("alpha").model_copy(update=changes), day, OWN)


def test_what_is_so_on_every_sunday_is_usual_on_the_next(platform: Platform) -> None:
    week(platform, 0.05, 0.4)

    band = explained(platform, NEXT).band(CLASS_SHIFT)
    assert band is not None
    assert band.low < 0.41 < band.high
    assert band.low > 0.1
    assert not band.limits


def test_a_day_that_no_weekday_tells_from_others_has_no_band(platform: Platform) -> None:
    week(platform, 0.05, 0.4)

    assert explained(platform, NEXT + timedelta(2)).band(CLASS_SHIFT) is None


def test_a_fault_that_stays_is_not_made_usual_by_its_own_past(platform: Platform) -> None:
    week(platform, 0.4, 0.4)

    assert explained(platform, NEXT).band(CLASS_SHIFT) is None


def test_a_declared_holiday_is_compared_with_no_ordinary_weekday(platform: Platform) -> None:
    week(platform, 0.05, 0.4)
    tuesday = NEXT + timedelta(2)

    band = explained(platform, tuesday, holidays=(tuesday,)).band(CLASS_SHIFT)
    assert band is not None
    assert band.low < 0.4 < band.high


def test_a_series_without_a_limit_is_not_looked_up(platform: Platform) -> None:
    week(platform, 0.05, 0.4, metric="kl")

    assert explained(platform, NEXT).band(SeriesKey("kl", "decision")) is None


@pytest.mark.parametrize(("maturity", "tests"), [(Maturity.MATURE, 3), (Maturity.PROVISIONAL, 0)])
def test_estimates_are_held_against_mature_labels_only(platform: Platform, maturity: Maturity, tests: int) -> None:
    for number in range(3):
        estimated = {"value": 0.8, "low": 0.75, "high": 0.85, "n_current": 400}
        keep(
            platform,
            FIRST + timedelta(number),
            Record(family=Family.ESTIMATE, metric="estimated_accuracy", **estimated),
            Record(family=Family.PERFORMANCE, metric="accuracy", value=0.79 + 0.04 * number, maturity=maturity),
        )

    found = track(platform, platform.model("alpha"), FIRST + timedelta(3), OWN).get(("accuracy", None))
    assert (0 if found is None else len(found.tests)) == tests
    if found is not None:
        assert [test.held for test in found.tests] == [True, True, False]
