import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aimon.clock import instant
from aimon.daily.model_day import ModelDay
from aimon.daily.recalled import stored_day
from aimon.daily.reporting import make_report
from aimon.errors import ExpiredDayError, UserError
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.store import records
from tests.tiny_project import FIRST, write_day


def judged(platform: Platform, offset: int = 0) -> ModelDay:
    """A day that went all the way."""
    as_of = instant("2026-11-05T00:00:00Z")
    work = ModelDay(platform, platform.model("alpha"), FIRST + timedelta(offset), as_of=as_of, run_id="run-1")
    work.ingest()
    work.count()
    for family in Family:
        work.judge(family)
    return work


def told_by(work: ModelDay) -> dict[Form, bytes]:
    return {form: Path(artifact.url).read_bytes() for form, artifact in work.report().items()}


def stored_metrics(platform: Platform) -> list[dict[str, Any]]:
    with platform.store.session() as connection:
        found = records.query(connection, model="alpha", since=FIRST, until=FIRST)
    return [json.loads(json.dumps(record.as_json())) for record in found]


def test_the_json_holds_every_record_of_every_window(platform: Platform) -> None:
    told = json.loads(told_by(judged(platform))[Form.JSON])

    fields = ("window", "family", "metric", "column", "segment", "group", "value", "low", "high", "verdict")
    expected = {json.dumps([record[name] for name in fields]) for record in stored_metrics(platform)}
    assert {json.dumps([metric[name] for name in fields]) for metric in told["metrics"]} == expected
    assert {metric["window"] for metric in told["metrics"]} >= {"1d", "7d", "30d"}
    assert (told["model"], told["day"], told["current_rows"]) == ("alpha", "2026-11-01", 400)


def test_the_csv_has_a_line_for_each_result_of_the_json(platform: Platform) -> None:
    told = told_by(judged(platform))

    lines = list(csv.DictReader(io.StringIO(told[Form.CSV].decode())))
    metrics = json.loads(told[Form.JSON])["metrics"]
    assert [(line["window"], line["metric"], line["verdict"]) for line in lines] == [
        (metric["window"], metric["metric"], metric["verdict"]) for metric in metrics
    ]
    assert [line["value"] for line in lines] == [
        "" if metric["value"] is None else str(metric["value"]) for metric in metrics
    ]
    assert {line["day"] for line in lines} == {"2026-11-01"}


def test_the_findings_of_the_json_say_what_the_page_says(platform: Platform, root: Path) -> None:
    write_day(root, "alpha", FIRST, income_shift=1.5, count=2_000)

    told = told_by(judged(platform))

    document, page = json.loads(told[Form.JSON]), told[Form.HTML].decode()
    drifted = next(finding for finding in document["findings"] if finding["subject"] == "income")
    assert drifted["sentence"] in page
    assert document["headline"] in page


def test_what_alarms_over_a_week_stands_on_the_page_of_a_calm_day(platform: Platform, root: Path) -> None:
    write_day(root, "alpha", FIRST, income_shift=1.5, count=4_000)
    judged(platform)

    told = told_by(judged(platform, 1))

    assert json.loads(told[Form.JSON])["headline"].startswith("None of")
    assert "Beyond its limit over the last 7 days" in told[Form.HTML].decode()


def test_reports_made_later_from_what_is_stored_are_those_of_the_run(platform: Platform, root: Path) -> None:
    write_day(root, "alpha", FIRST, income_shift=1.5, count=2_000)
    told = told_by(judged(platform))
    platform.lake.expire_day("alpha", FIRST)

    spec = platform.model("alpha")
    again = {form: make_report(platform, spec, FIRST, form) for form in told}

    assert {form: Path(artifact.url).read_bytes() for form, artifact in again.items()} == told


def test_a_day_that_was_never_judged_has_no_report_and_the_sentence_says_what_to_run(platform: Platform) -> None:
    with pytest.raises(UserError, match="alpha was not judged on 2026-11-01; run `aimon run --model alpha --date"):
        stored_day(platform, platform.model("alpha"), FIRST)


def test_paper_is_made_on_request_and_from_then_on_kept_up_to_date(platform: Platform, root: Path) -> None:
    work = judged(platform)
    assert set(told_by(work)) == {Form.HTML, Form.JSON, Form.CSV}
    paper = Path(make_report(platform, platform.model("alpha"), FIRST, Form.PDF).url).read_bytes()
    write_day(root, "alpha", FIRST, income_shift=1.5, count=2_000)

    again = told_by(judged(platform))

    assert paper.startswith(b"%PDF-")
    assert again[Form.PDF].startswith(b"%PDF-")
    assert again[Form.PDF] != paper


def test_evidently_draws_samples_of_the_day_and_of_the_baseline(platform: Platform) -> None:
    judged(platform)

    page = Path(make_report(platform, platform.model("alpha"), FIRST, Form.EVIDENTLY).url).read_text()

    drawn = {name for name in ("income", "region", "decision", "score", "sex") if re.search(rf'\\?"{name}\\?"', page)}
    assert drawn == {"income", "region", "decision", "score"}, "a protected attribute is not among the rows of a page"
    assert not re.search(r"""<(script|link|img)[^>]*(src|href)=["']?https?://""", page)


def test_evidently_has_nothing_to_draw_of_a_day_whose_sample_expired_too(platform: Platform) -> None:
    judged(platform)
    platform.lake.expire_day("alpha", FIRST)
    assert make_report(platform, platform.model("alpha"), FIRST, Form.EVIDENTLY).bytes > 0
    platform.lake.delete(f"samples/model=alpha/date={FIRST}.parquet")

    with pytest.raises(ExpiredDayError, match="2026-11-01"):
        make_report(platform, platform.model("alpha"), FIRST, Form.EVIDENTLY)
