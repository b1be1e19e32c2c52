from datetime import timedelta
from pathlib import Path

from aimon.clock import day_end
from aimon.daily.ingest import ingest
from aimon.daily.reference import ensure_reference
from aimon.daily.sampled import baseline_sample, day_sample
from aimon.insight.sample_store import SampleStore
from aimon.platform import Platform, open_platform
from tests.tiny_project import FIRST, MODEL, write_day


def test_a_day_is_sampled_again_when_its_rows_changed(platform: Platform, root: Path) -> None:
    spec = platform.model("alpha")
    ingest(platform, spec, FIRST, day_end(FIRST))
    before = day_sample(platform, spec, FIRST)
    write_day(root, "alpha", FIRST, seed=9, count=300)
    ingest(platform, spec, FIRST, day_end(FIRST))
    after = day_sample(platform, spec, FIRST)

    assert before is not None
    assert after is not None
    assert (before.rows, after.rows) == (400, 300)
    assert before.origin != after.origin


def test_a_day_that_expired_has_the_sample_that_was_drawn_of_it(platform: Platform) -> None:
    spec = platform.model("alpha")
    assert day_sample(platform, spec, FIRST) is None
    ingest(platform, spec, FIRST, day_end(FIRST))
    before = day_sample(platform, spec, FIRST)
    platform.lake.expire_day("alpha", FIRST)
    after = day_sample(platform, spec, FIRST)

    assert before is not None
    assert after is not None
    assert after.table.equals(before.table)


def test_the_baselines_file_is_sampled_once(platform: Platform, root: Path) -> None:
    spec = platform.model("alpha")
    baseline = ensure_reference(platform, spec).baseline_id
    first = baseline_sample(platform, spec, baseline)
    (root / "reference" / "alpha.parquet").unlink()
    again = baseline_sample(platform, spec, baseline)

    assert first is not None
    assert again is not None
    assert first.rows == 4_000
    assert again.table.equals(first.table)


def test_a_baselines_file_that_changed_since_it_was_counted_is_not_sampled(platform: Platform, root: Path) -> None:
    spec = platform.model("alpha")
    baseline = ensure_reference(platform, spec).baseline_id
    day = root / "data" / "alpha" / f"{FIRST}.parquet"
    (root / "reference" / "alpha.parquet").write_bytes(day.read_bytes())

    assert baseline_sample(platform, spec, baseline) is None


def test_the_sample_of_a_baseline_of_days_is_that_of_its_days(root: Path) -> None:
    own = MODEL.replace(
        "baseline: {{path: reference/{name}.parquet}}", "baseline: {{from: 2026-11-01, to: 2026-11-02}}"
    )
    (root / "models" / "alpha.yaml").write_text(own.format(name="alpha"))
    with open_platform(root) as platform:
        spec = platform.model("alpha")
        baseline = ensure_reference(platform, spec).baseline_id
        whole = baseline_sample(platform, spec, baseline)
        days = SampleStore(platform.lake).window("alpha", FIRST + timedelta(1), 2)
        keys = platform.lake.keys("samples/model=alpha")

    assert whole is not None
    assert days is not None
    assert whole.table.equals(days.table)
    assert f"samples/model=alpha/date={FIRST}/baseline={baseline}.parquet" in keys
