"""`report`: the day in words and plots, one page that stands alone, and the same as JSON and CSV."""

from aimon.daily.model_day import ModelDay
from aimon.lake.reports import Form
from assets.links import link
from assets.made import Made
from assets.step import Step
from resources.names import DRIFT, FAIRNESS, INSIGHT, OPERATIONS, PERFORMANCE, REPORT


def make(day: ModelDay) -> Made:
    """Write the day's reports; the page's bytes decide whether anything after it is out of date."""
    written = day.report()
    return Made(
        metadata={
            "bytes": sum(artifact.bytes for artifact in written.values()),
            **{form.value: link(artifact.url) for form, artifact in written.items()},
        },
        data_version=written[Form.HTML].sha256,
    )


STEP = Step(
    key=REPORT,
    make=make,
    description="The model's day as one self-contained HTML page: words first, then plots, then the table.",
    kinds=frozenset({"html", "json", "csv"}),
    deps=(INSIGHT, DRIFT, FAIRNESS, PERFORMANCE, OPERATIONS),
)
