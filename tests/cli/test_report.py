import json
from datetime import date
from pathlib import Path

import pytest

from aimon.clock import instant
from aimon.daily.model_day import ModelDay
from aimon.metrics.metric import Family
from aimon.platform import open_platform
from tests.cli.conftest import Aimon
from tests.tiny_project import FIRST, tiny_project


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A project whose model alpha was judged on its first two days, the second without a report."""
    root = tiny_project(tmp_path / "project", models=("alpha", "beta"), days=2)
    with open_platform(root) as platform:
        for day in (FIRST, FIRST.replace(day=2)):
            work = ModelDay(platform, platform.model("alpha"), day, as_of=instant("2026-11-05T00:00:00Z"))
            work.ingest()
            work.count()
            for family in Family:
                work.judge(family)
            if day == FIRST:
                work.report()
    return root


def of_day(root: Path, day: date, file: str) -> Path:
    return root / "storage" / "lake" / "reports" / "model=alpha" / f"date={day}" / file


def test_reports_are_listed_by_model_and_day(aimon: Aimon, judged: Path) -> None:
    assert aimon("-C", judged, "report").out == "alpha  2026-11-01  html json csv\n"
    assert (
        aimon("-C", judged, "report", "--model", "beta").out == "There are no reports yet; `aimon run` writes them.\n"
    )

    (listed,) = json.loads(aimon("-C", judged, "report", "--model", "alpha", "--date", "2026-11-01", "--json").out)

    assert (listed["model"], listed["day"]) == ("alpha", "2026-11-01")
    assert listed["reports"]["csv"] == str(of_day(judged, FIRST, "report.csv"))


def test_a_report_is_made_of_a_day_that_has_none(aimon: Aimon, judged: Path) -> None:
    second = FIRST.replace(day=2)

    ended = aimon("-C", judged, "report", "--model", "alpha", "--date", "2026-11-02", "--format", "pdf")

    assert (ended.code, ended.out) == (0, f"{of_day(judged, second, 'report.pdf')}\n")
    assert of_day(judged, second, "report.pdf").read_bytes().startswith(b"%PDF-")


def test_without_a_day_it_is_the_latest_report_and_it_goes_where_it_should(
    aimon: Aimon, judged: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "monday.json"

    ended = aimon("-C", judged, "report", "--model", "alpha", "--format", "json", "--output", copy)

    assert ended.out == f"{copy}\n"
    assert json.loads(copy.read_text())["day"] == "2026-11-01"
    assert copy.read_bytes() == of_day(judged, FIRST, "report.json").read_bytes()


def test_a_report_can_be_printed_alone(aimon: Aimon, judged: Path) -> None:
    printed = aimon("-C", judged, "report", "--model", "alpha", "--format", "csv", "-o", "-").out

    assert printed == of_day(judged, FIRST, "report.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--format", "pdf"], "one report is of one model; name it with --model"),
        (["--model", "alpha", "--date", "Monday"], "--date Monday is not a day; write it as 2026-11-19"),
        (["--model", "beta", "--format", "pdf"], "beta has no report yet; name a day that was judged with --date"),
        (
            ["--model", "beta", "--date", "2026-11-01", "--format", "pdf"],
            "beta was not judged on 2026-11-01; run `aimon run --model beta --date 2026-11-01` first",
        ),
        (
            ["--model", "alpha", "--format", "csv", "--output", "/nowhere/at/all.csv"],
            "/nowhere/at/all.csv cannot be written: No such file or directory; name another file with --output",
        ),
    ],
)
def test_a_mistake_is_one_sentence(aimon: Aimon, judged: Path, arguments: list[str], sentence: str) -> None:
    ended = aimon("-C", judged, "report", *arguments)

    assert (ended.code, ended.err) == (2, f"{sentence}\n")
