from pathlib import Path

from aimon.clock import day_end
from aimon.daily.model_day import ModelDay
from aimon.platform import open_platform
from assets import insight, performance
from tests.daily.insight_project import FIRST, cents_in_the_north, insight_project, write_day


def test_the_step_keeps_the_sample_and_says_why_the_day_alarms(tmp_path: Path) -> None:
    root = insight_project(tmp_path / "project")
    write_day(root, FIRST, cents_in_the_north)
    with open_platform(root) as platform:
        day = ModelDay(platform, platform.model("loans"), FIRST, as_of=day_end(FIRST))
        day.ingest()
        day.count()
        made = insight.STEP.make(day)
        judged = performance.STEP.make(day)

    assert made.metadata["sampled"] == 3_000
    assert made.metadata["support_share"] < 0.9
    text = made.metadata["why"].value
    assert "**What it costs, by column**" in text
    assert "- income adds " in text
    assert made.judgements == {}
    assert judged.judgements["performance"].metadata["unsupported"] >= 5  # the estimates are judged beside
