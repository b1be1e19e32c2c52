import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from aimon.clock import instant
from aimon.daily.model_day import ModelDay
from aimon.errors import DataError, ExpiredDayError, LakeError
from aimon.lake.reports import report_key
from aimon.metrics.metric import Family
from aimon.platform import Platform, open_platform
from aimon.store import baselines, records
from aimon.store.records import StoredRecord
from aimon.verdict.record import Maturity, Verdict
from tests.tiny_project import FIRST, MODEL, write_day

AS_OF = instant("2026-11-05T00:00:00Z")
LAST = FIRST + timedelta(2)


def whole(platform: Platform, day: date = FIRST, as_of: str = "2026-11-05T00:00:00Z") -> ModelDay:
    """Run every step of a day."""
    work = ModelDay(platform, platform.model("alpha"), day, as_of=instant(as_of), run_id="run-1")
    work.ingest()
    work.validate()
    work.count()
    for family in Family:
        work.judge(family)
    work.report()
    return work


def artifacts(root: Path) -> Mapping[str, bytes]:
    """Every file of the lake."""
    lake = root / "storage" / "lake"
    return {str(path.relative_to(lake)): path.read_bytes() for path in sorted(lake.rglob("*")) if path.is_file()}


def stored(platform: Platform, day: date = FIRST) -> list[StoredRecord]:
    with platform.store.session() as connection:
        return records.query(connection, model="alpha", since=day, until=day)


def test_a_rerun_of_the_same_input_gives_the_same_bytes(platform: Platform, root: Path) -> None:
    whole(platform)
    files, rows = artifacts(root), stored(platform)

    whole(platform)

    assert artifacts(root) == files
    assert stored(platform) == rows


def test_every_family_has_records_over_the_day_the_week_and_the_month(platform: Platform) -> None:
    whole(platform)

    found = {(record.window, record.family) for record in stored(platform)}
    families = ("drift", "quality", "fairness", "performance", "operations")
    counted = {(window, family) for window in ("1d", "7d", "30d") for family in families}
    assert found == counted | {("1d", "estimate")}


def test_a_window_is_the_sum_of_the_days_before(platform: Platform) -> None:
    for offset in range(3):
        whole(platform, FIRST + timedelta(offset))

    volumes = {
        record.window: record.value
        for record in stored(platform, LAST)
        if record.metric == "volume" and record.segment is None
    }
    assert volumes == {"1d": 400, "7d": 1_200, "30d": 1_200}


def volumes(platform: Platform, day: date) -> dict[str, float | None]:
    return {
        record.window: record.value
        for record in stored(platform, day)
        if record.metric == "volume" and record.segment is None
    }


def test_while_a_day_is_under_way_its_last_24_hours_reach_into_the_day_before(platform: Platform) -> None:
    whole(platform, FIRST)
    whole(platform, FIRST + timedelta(1), as_of="2026-11-02T12:00:00Z")

    slots = [platform.profiles.slot("alpha", FIRST, slot) for slot in (2, 3)]
    slots += [platform.profiles.slot("alpha", FIRST + timedelta(1), slot) for slot in (0, 1)]
    assert volumes(platform, FIRST + timedelta(1))["24h"] == sum(slot.rows for slot in slots if slot is not None)


def test_a_day_that_is_over_is_its_own_last_24_hours(platform: Platform) -> None:
    whole(platform, FIRST, as_of="2026-11-01T12:00:00Z")
    assert set(volumes(platform, FIRST)) == {"1d", "24h", "7d", "30d"}

    whole(platform, FIRST)
    assert set(volumes(platform, FIRST)) == {"1d", "7d", "30d"}


def test_judging_alone_reads_the_stored_counts_even_of_a_day_whose_rows_expired(platform: Platform) -> None:
    whole(platform)
    before = stored(platform)
    platform.lake.expire_day("alpha", FIRST)
    again = ModelDay(platform, platform.model("alpha"), FIRST, as_of=AS_OF, run_id="run-1")

    for family in Family:
        again.judge(family)

    assert stored(platform) == before


def test_a_day_whose_source_changed_is_replaced_and_not_added_to(platform: Platform, root: Path) -> None:
    whole(platform)
    write_day(root, "alpha", FIRST, seed=9, count=300)

    whole(platform)

    profile = platform.profiles.day("alpha", FIRST)
    assert profile is not None
    assert profile.rows == 300


def test_a_drifted_column_alarms_and_the_others_do_not(platform: Platform, root: Path) -> None:
    write_day(root, "alpha", FIRST, income_shift=1.5, count=2_000)

    work = whole(platform)

    alarmed = {each.record.column for each in work.judge(Family.DRIFT) if each.record.verdict.alarms}
    assert "income" in alarmed
    assert not {"region", "sex"} & alarmed


def test_an_empty_day_has_verdicts_and_no_crash(platform: Platform, root: Path) -> None:
    write_day(root, "alpha", FIRST, count=0)

    work = whole(platform)

    verdicts = {each.record.verdict for each in work.judge(Family.DRIFT)}
    assert verdicts <= {Verdict.INSUFFICIENT, Verdict.NOT_ESTIMABLE, Verdict.OK}
    assert Verdict.INSUFFICIENT in verdicts


def test_a_day_of_one_row_has_verdicts_and_no_alarm(platform: Platform, root: Path) -> None:
    write_day(root, "alpha", FIRST, count=1)

    work = whole(platform)

    assert not [each for family in Family for each in work.judge(family) if each.record.verdict.alarms]


@pytest.mark.parametrize(
    ("as_of", "maturity"),
    [("2026-11-03T23:59:00Z", Maturity.PROVISIONAL), ("2026-11-04T00:00:00Z", Maturity.MATURE)],
)
def test_labels_are_mature_once_the_horizon_of_the_last_row_has_passed(
    platform: Platform, as_of: str, maturity: Maturity
) -> None:
    work = whole(platform, as_of=as_of)

    found = {each.record.maturity for each in work.judge(Family.PERFORMANCE) if each.window == "1d"}
    assert found == {maturity}


def test_an_expired_day_is_refused_and_its_counts_stay(platform: Platform) -> None:
    whole(platform)
    platform.lake.expire_day("alpha", FIRST)

    with pytest.raises(ExpiredDayError):
        whole(platform)
    assert platform.profiles.day("alpha", FIRST) is not None


def test_counting_a_day_that_was_never_read_is_refused(platform: Platform) -> None:
    work = ModelDay(platform, platform.model("alpha"), FIRST, as_of=AS_OF)

    with pytest.raises(LakeError):
        work.count()


def test_nothing_is_counted_of_a_day_whose_rows_cannot_be_used(platform: Platform, root: Path) -> None:
    source = root / "data" / "alpha" / f"{FIRST}.parquet"
    pq.write_table(pq.read_table(source).drop_columns("decision"), source)
    work = ModelDay(platform, platform.model("alpha"), FIRST, as_of=AS_OF)
    work.ingest()

    assert [finding.name for finding in work.validate().blocking] == ["columns"]
    with pytest.raises(DataError, match="alpha 2026-11-01: the data cannot be used: the column decision is missing"):
        work.count()


def test_a_day_that_a_rerun_finds_unusable_loses_what_was_computed_of_it_before(platform: Platform, root: Path) -> None:
    whole(platform)
    page = report_key("alpha", FIRST)
    assert platform.lake.exists(page)
    source = root / "data" / "alpha" / f"{FIRST}.parquet"
    pq.write_table(pq.read_table(source).drop_columns("decision"), source)
    again = ModelDay(platform, platform.model("alpha"), FIRST, as_of=AS_OF)
    again.ingest()
    again.validate()

    assert platform.profiles.day("alpha", FIRST) is None
    assert platform.profiles.slot("alpha", FIRST, 0) is None
    assert stored(platform) == []
    assert not platform.lake.exists(page)
    whole(platform, FIRST + timedelta(1))
    assert volumes(platform, FIRST + timedelta(1)) == {"1d": 400, "7d": 400, "30d": 400}


def test_a_day_that_is_merely_odd_is_counted(platform: Platform, root: Path) -> None:
    source = root / "data" / "alpha" / f"{FIRST}.parquet"
    pq.write_table(pq.read_table(source).drop_columns("region"), source)
    work = ModelDay(platform, platform.model("alpha"), FIRST, as_of=AS_OF)
    work.ingest()

    assert [(finding.name, finding.column) for finding in work.validate().failed] == [("columns", "region")]
    assert work.count().rows == 400


def test_a_baseline_can_be_a_period_of_the_models_own_days(root: Path) -> None:
    own = MODEL.replace(
        "baseline: {{path: reference/{name}.parquet}}", "baseline: {{from: 2026-11-01, to: 2026-11-02}}"
    )
    (root / "models" / "alpha.yaml").write_text(own.format(name="alpha"))

    with open_platform(root) as platform:
        work = whole(platform, LAST)

    assert work.reference.rows == 800


def test_without_a_declared_baseline_the_first_days_of_the_source_are_one(root: Path) -> None:
    undeclared = MODEL.replace("baseline: {{path: reference/{name}.parquet}}\n", "")
    (root / "models" / "alpha.yaml").write_text(undeclared.format(name="alpha"))

    with open_platform(root) as platform:
        work = whole(platform, LAST)

    assert work.reference.rows == 1_600


def test_another_declaration_makes_another_baseline_and_archives_the_old_one(root: Path) -> None:
    with open_platform(root) as platform:
        before = whole(platform).reference
    file = root / "models" / "alpha.yaml"
    file.write_text(file.read_text() + "version: '2'\n")

    with open_platform(root) as platform:
        after = whole(platform, LAST).reference
        with platform.store.session() as connection:
            known = {each.id: each.status for each in baselines.of_model(connection, "alpha")}

    assert before.baseline_id != after.baseline_id
    assert known == {
        before.baseline_id: baselines.Status.ARCHIVED,
        after.baseline_id: baselines.Status.ACTIVE,
    }


def test_a_baseline_that_was_tampered_with_is_refused(platform: Platform, root: Path) -> None:
    whole(platform)
    (file,) = (root / "storage" / "lake" / "baselines").rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-1] + b"!")

    with pytest.raises(LakeError, match="is not the baseline that was approved"):
        whole(platform, LAST)


def test_the_report_says_what_labels_changed_since_the_day_was_judged_before(platform: Platform, root: Path) -> None:
    def page() -> str:
        return platform.lake.read_bytes(f"reports/model=alpha/date={FIRST}/report.html").decode()

    whole(platform, as_of="2026-11-02T00:00:00Z")
    first = page()
    source = root / "data" / "alpha" / f"{FIRST}.parquet"
    rows = pq.read_table(source)
    pq.write_table(rows.set_column(rows.column_names.index("label"), "label", rows.column("decision")), source)
    whole(platform, as_of="2026-11-05T00:00:00Z")
    second = page()
    whole(platform, as_of="2026-11-05T00:00:00Z")

    assert "as of 2026-11-02 (provisional)" not in first
    assert re.search(r"accuracy was 0\.\d+ as of 2026-11-02 \(provisional\) and is 1 \(mature\)", second)
    assert page() == second
