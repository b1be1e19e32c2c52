from datetime import date, timedelta
from pathlib import Path

import pytest

from aimon.clock import instant
from aimon.daily.model_day import ModelDay
from aimon.daily.reference import ensure_reference
from aimon.daily.usual import usual_bands
from aimon.platform import Platform
from aimon.spec.model import OwnLimits
from aimon.store import records
from aimon.verdict.history import SeriesKey
from aimon.verdict.record import Family, Maturity, Record, Verdict
from tests.tiny_project import FIRST, write_day

PSI = SeriesKey("psi", "income")
DAYS = 20


def keep(
    platform: Platform, day: date, value: float, *, baseline_id: str = "b1", maturity: Maturity | None = None
) -> None:
    """Store one day's PSI of the income, in the day's own window."""
    with platform.store.transaction() as connection:
        records.replace(
            connection,
            model="alpha",
            version="1",
            day=day,
            window="1d",
            records=[Record(family=Family.DRIFT, metric="psi", column="income", value=value, maturity=maturity)],
            baseline_id=baseline_id,
            grid_id="g1",
            run_id=None,
            as_of=instant("2026-12-31T00:00:00Z"),
        )


@pytest.fixture
def past(platform: Platform) -> list[date]:
    """Twenty days whose PSI lies between 0.2 and 0.24."""
    days = [FIRST + timedelta(number) for number in range(DAYS)]
    for number, day in enumerate(days):
        keep(platform, day, 0.2 + 0.01 * (number % 5))
    return days


@pytest.mark.parametrize("method", ["seasonal", "deviation", "block_bootstrap"])
def test_each_method_makes_a_band_of_the_first_days(platform: Platform, past: list[date], method: str) -> None:
    spec = platform.model("alpha").model_copy(update={"own_limits": OwnLimits.model_validate({"method": method})})
    bands = usual_bands(platform, spec, "b1", past[-1] + timedelta(1), ["1d", "7d"])
    band = bands["1d"].band(PSI)
    assert band is not None
    assert 0 < band.low < 0.2
    assert 0.24 < band.high < 0.4
    assert bands["7d"].band(PSI) is None


def test_a_model_that_asks_for_none_has_no_bands(platform: Platform, past: list[date]) -> None:
    assert usual_bands(platform, platform.model("alpha"), "b1", past[-1], ["1d"]) == {}


def test_later_days_other_baselines_and_immature_windows_are_no_past(platform: Platform, past: list[date]) -> None:
    own = OwnLimits(method="deviation", days=14)
    spec = platform.model("alpha").model_copy(update={"own_limits": own})
    after = past[-1] + timedelta(1)
    before = usual_bands(platform, spec, "b1", after, ["1d"])["1d"].band(PSI)
    for day in past[14:]:
        keep(platform, day, 5.0)
    keep(platform, FIRST - timedelta(1), 5.0, maturity=Maturity.PROVISIONAL)
    for number in range(10):
        keep(platform, FIRST - timedelta(20 + number), 5.0, baseline_id="b0")
    kept = usual_bands(
        platform, spec.model_copy(update={"own_limits": OwnLimits(method="deviation", days=15)}), "b1", after, ["1d"]
    )
    assert kept["1d"].band(PSI) == before
    assert usual_bands(platform, spec, "b1", past[5], ["1d"])["1d"].band(PSI) is None


@pytest.mark.parametrize(("own", "verdict"), [(None, Verdict.CRITICAL), (OwnLimits(), Verdict.WATCH)])
def test_a_day_that_is_usual_for_the_model_raises_no_alarm(
    platform: Platform, root: Path, own: OwnLimits | None, verdict: Verdict
) -> None:
    spec = platform.model("alpha").model_copy(update={"own_limits": own})
    judged = FIRST + timedelta(DAYS)
    write_day(root, "alpha", judged, income_shift=1.0)
    baseline = ensure_reference(platform, spec).baseline_id
    for number in range(DAYS):
        keep(platform, FIRST + timedelta(number), 0.8 + 0.1 * (number % 5), baseline_id=baseline)

    day = ModelDay(platform, spec, judged, as_of=instant("2026-11-22T00:00:00Z"), run_id=None)
    day.ingest()
    day.validate()
    day.count()
    day.judge(Family.DRIFT)

    with platform.store.session() as connection:
        found = records.query(connection, model="alpha", since=judged, until=judged, metric="psi", window="1d")
    income = next(record for record in found if record.column == "income" and record.segment is None)
    assert income.verdict == verdict
    assert ("the model's own past windows lie between" in (income.reason or "")) == (own is not None)
