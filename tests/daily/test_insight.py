"""Insight from source to page: real days of a small project, with faults planted in them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from aimon.clock import day_end
from aimon.daily.model_day import ModelDay
from aimon.insight.sample_store import SampleStore
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.platform import Platform, open_platform
from aimon.store import records
from aimon.store.records import StoredRecord
from aimon.verdict.record import Verdict
from tests.daily.insight_project import FIRST, cents_in_the_north, insight_project, nothing, poorer, write_day

CALM, BROKEN, SHIFTED = FIRST, FIRST + timedelta(1), FIRST + timedelta(2)


def run(platform: Platform, day: date, *, days_later: int = 2) -> str:
    """Every step of the day; gives its page."""
    work = ModelDay(platform, platform.model("loans"), day, as_of=day_end(day) + timedelta(days_later))
    work.ingest()
    work.count()
    for family in Family:
        work.judge(family)
    return Path(work.report()[Form.HTML].url).read_text(encoding="utf-8")


def kept(platform: Platform, day: date, metric: str) -> list[StoredRecord]:
    with platform.store.session() as connection:
        return records.query(connection, model="loans", since=day, until=day, window="1d", metric=metric)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Platform, dict[date, str]]]:
    """A calm day, one on which a region sends cents, and one of other people."""
    root = insight_project(tmp_path_factory.mktemp("insight") / "project")
    write_day(root, CALM)
    write_day(root, BROKEN, cents_in_the_north)
    write_day(root, SHIFTED, poorer, before_truth=True)
    with open_platform(root) as platform:
        yield platform, {day: run(platform, day) for day in (CALM, BROKEN, SHIFTED)}


Pages = tuple[Platform, dict[date, str]]


def test_a_calm_day_is_estimated_and_explained_by_nothing(pages: Pages) -> None:
    platform, html = pages

    (accuracy,) = [each for each in kept(platform, CALM, "estimated_accuracy") if each.segment is None]
    (support,) = [each for each in kept(platform, CALM, "support_share") if each.segment is None]
    (came,) = [each for each in kept(platform, CALM, "accuracy") if each.segment is None]
    assert None not in (accuracy.low, accuracy.high, came.value)
    assert accuracy.low <= came.value <= accuracy.high  # type: ignore[operator]
    assert (accuracy.verdict, support.value) == ("ok", 1.0)
    assert not [each for name in ("data_fault", "root_cause", "worst_segment") for each in kept(platform, CALM, name)]
    assert "Estimated without labels" in html[CALM]
    assert '<h2 id="why">' not in html[CALM]


def test_estimates_are_given_for_each_declared_segment(pages: Pages) -> None:
    platform, _ = pages

    found = {each.segment for each in kept(platform, CALM, "estimated_roc_auc") if each.value is not None}
    assert found == {None, "region=north", "region=south", "region=west"}


def test_the_root_cause_of_a_fault_is_named_in_words(pages: Pages) -> None:
    platform, html = pages

    cause = kept(platform, BROKEN, "root_cause")[0]
    assert cause.column == "income"
    assert (cause.low or 0.0) > 0.0
    assert cause.reason is not None
    assert cause.reason.startswith("income adds ")
    assert "to the Brier score" in cause.reason
    assert cause.reason in html[BROKEN].replace("&#39;", "'")


def test_the_damage_is_recognised(pages: Pages) -> None:
    platform, html = pages

    (fault,) = kept(platform, BROKEN, "data_fault")
    assert fault.column == "income"
    assert fault.value == pytest.approx(0.2, abs=0.05)
    assert "100" in (fault.reason or "")
    assert "Damaged columns" in html[BROKEN]


def test_the_segment_in_which_it_happens_is_found(pages: Pages) -> None:
    platform, html = pages

    segments = kept(platform, BROKEN, "worst_segment")
    assert "region = north" in {each.segment for each in segments}
    assert any("region = north" in (each.reason or "") for each in segments)
    assert "In region = north (" in html[BROKEN]


def test_the_columns_together_alarm_and_say_which_carry_it(pages: Pages) -> None:
    platform, html = pages

    (found,) = kept(platform, BROKEN, "domain_auc")
    assert Verdict(found.verdict).alarms
    assert "carried by " in (found.reason or "")
    assert "A classifier tells current rows from reference rows" in html[BROKEN]


def test_a_shift_of_rows_that_the_reference_knows_moves_the_estimate_to_what_came(pages: Pages) -> None:
    platform, _ = pages

    (estimated,) = [each for each in kept(platform, SHIFTED, "estimated_roc_auc") if each.segment is None]
    (came,) = [each for each in kept(platform, SHIFTED, "roc_auc") if each.segment is None]
    assert came.maturity == "mature"
    assert None not in (estimated.low, estimated.high, came.value)
    assert estimated.low <= came.value <= estimated.high  # type: ignore[operator]


def test_the_track_record_of_mature_estimates_stands_beside_the_next(pages: Pages) -> None:
    platform, html = pages

    coverage = [each for each in kept(platform, SHIFTED, "estimate_coverage") if each.segment is None]
    by_metric = {str(each.column): each for each in coverage}
    assert by_metric["estimated_roc_auc"].n_current == 1
    assert "the one earlier estimate " in (by_metric["estimated_roc_auc"].reason or "")
    assert "the one earlier estimate " in html[SHIFTED]


def test_the_sample_of_each_day_lies_beside_its_counts(pages: Pages) -> None:
    platform, _ = pages

    samples = SampleStore(platform.lake)
    assert samples.days("loans") == [CALM, BROKEN, SHIFTED]
    manifest, sample = platform.lake.manifest("loans", CALM), samples.day("loans", CALM)
    assert manifest is not None
    assert sample is not None
    assert (sample.origin, sample.rows) == (manifest.sha256, manifest.rows)


def test_a_fault_that_stays_is_explained_once_a_week(tmp_path: Path) -> None:
    root = insight_project(tmp_path / "project")
    days = [FIRST + timedelta(number) for number in range(2)]
    with open_platform(root) as platform:
        for day in days:
            write_day(root, day, cents_in_the_north)
            page = run(platform, day)

        first, second = (kept(platform, day, "worst_segment") for day in days)
        ages = [each.value for day in days for each in kept(platform, day, "explanation_age")]
    assert ages == [0.0, 1.0]
    assert [(each.segment, each.value) for each in first] == [(each.segment, each.value) for each in second]
    assert "The same alarms were explained 1 day ago." in page


def test_without_rows_or_sample_the_questions_of_whole_rows_are_unsupported(tmp_path: Path) -> None:
    root = insight_project(tmp_path / "project")
    write_day(root, CALM, nothing, count=600)
    with open_platform(root) as platform:
        (root / "reference.parquet").rename(root / "gone.parquet")
        (root / "reference.parquet").write_bytes((root / "data" / "loans" / f"{CALM}.parquet").read_bytes())
        spec = platform.model("loans")
        ModelDay(platform, spec, CALM, as_of=day_end(CALM)).reference  # noqa: B018 - made of the day's own rows
        write_day(root, FIRST - timedelta(40), nothing)
        (root / "gone.parquet").rename(root / "reference.parquet")
        run(platform, CALM)

        (together,) = kept(platform, CALM, "domain_auc")
        accuracy = kept(platform, CALM, "estimated_accuracy")
    assert together.verdict == "unsupported"
    assert {each.verdict for each in accuracy if each.segment is None} == {"unsupported"}


def test_a_day_judged_again_by_its_counts_keeps_what_its_rows_told(tmp_path: Path) -> None:
    root = insight_project(tmp_path / "project")
    write_day(root, CALM, cents_in_the_north)
    told = ("domain_auc", "estimated_roc_auc", "support_share", "root_cause", "worst_segment", "data_fault")
    with open_platform(root) as platform:
        run(platform, CALM)
        before = [kept(platform, CALM, metric) for metric in told]
        platform.lake.delete(f"samples/model=loans/date={CALM}.parquet")
        again = ModelDay(platform, platform.model("loans"), CALM, as_of=day_end(CALM) + timedelta(2))
        for family in Family:
            again.judge(family)

        assert [kept(platform, CALM, metric) for metric in told] == before
        assert all(before)
