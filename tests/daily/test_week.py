from datetime import timedelta
from pathlib import Path

import pytest

from aimon.clock import instant
from aimon.daily.model_day import ModelDay
from aimon.daily.reporting import make_report
from aimon.daily.week import week_of
from aimon.errors import UserError
from aimon.incident.evaluation import Evaluation
from aimon.incident.seed import open_from_evaluations
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.report.week import headline
from aimon.verdict.record import Verdict
from tests.tiny_project import FIRST, write_day

LAST = FIRST + timedelta(3)
NOW = instant("2026-11-05T00:00:00Z")


@pytest.fixture
def lived(platform: Platform, root: Path) -> Platform:
    """Three judged days, the second of them drifted and told of; the fourth was never judged."""
    write_day(root, "alpha", FIRST + timedelta(1), income_shift=1.5, count=2_000)
    for offset in range(3):
        work = ModelDay(platform, platform.model("alpha"), FIRST + timedelta(offset), as_of=NOW)
        work.ingest()
        work.count()
        for family in Family:
            work.judge(family)
    told = Evaluation(
        run_id="r", asset="drift", check="drift", model="alpha", day=FIRST + timedelta(1), passed=False, timestamp=NOW
    )
    open_from_evaluations(platform.store, [told])
    return platform


def test_a_week_knows_each_days_worst_verdict_and_its_silent_days(lived: Platform) -> None:
    week = week_of(lived, lived.model("alpha"), LAST)

    assert week.days == [LAST - timedelta(offset) for offset in range(6, -1, -1)]
    drift = week.verdicts[Family.DRIFT]
    assert drift[FIRST + timedelta(1)] is Verdict.CRITICAL
    assert not drift[FIRST].alarms
    assert LAST not in week.worst
    assert headline(week).startswith("1 day of 3 beyond a limit: drift")
    assert "4 days not judged" in headline(week)


def test_a_weeks_numbers_are_the_days_own_with_gaps(lived: Platform) -> None:
    week = week_of(lived, lived.model("alpha"), LAST)

    assert week.numbers["volume", ""] == [None, None, None, 400, 2_000, 400, None]


def test_the_page_tells_of_the_incidents_that_touch_the_week(lived: Platform) -> None:
    page = Path(make_report(lived, lived.model("alpha"), LAST, Form.WEEK).url).read_text()

    assert "not resolved" in page
    assert "income" in page.partition("Incidents")[2]
    assert not week_of(lived, lived.model("alpha"), FIRST).incidents
    assert "alpha 1, 2026-10-29 to 2026-11-04" in page


def test_the_page_of_the_last_judged_day_tells_what_alarms_over_the_seven_days(lived: Platform) -> None:
    page = Path(make_report(lived, lived.model("alpha"), FIRST + timedelta(2), Form.WEEK).url).read_text()

    assert "Beyond its limit over the seven days together" in page
    assert page == Path(make_report(lived, lived.model("alpha"), FIRST + timedelta(2), Form.WEEK).url).read_text()


def test_a_week_in_which_nothing_was_judged_is_refused(platform: Platform) -> None:
    with pytest.raises(UserError, match="alpha was not judged on any day from 2026-10-26 to 2026-11-01"):
        make_report(platform, platform.model("alpha"), FIRST, Form.WEEK)
