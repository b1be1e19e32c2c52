"""`report`: the day in words and plots, one page that stands alone."""

import dagster as dg

from aimon.daily.model_day import ModelDay
from assets.made import Made
from assets.step import Step
from resources.names import DRIFT, FAIRNESS, OPERATIONS, PERFORMANCE, REPORT


def make(day: ModelDay) -> Made:
    """Write the day's page."""
    page = day.report()
    return Made(
        metadata={"bytes": page.bytes, "page": dg.MetadataValue.url(page.url)},
        data_version=page.sha256,
    )


STEP = Step(
    key=REPORT,
    make=make,
    description="The model's day as one self-contained HTML page: words first, then plots, then the table.",
    kinds=frozenset({"html"}),
    deps=(DRIFT, FAIRNESS, PERFORMANCE, OPERATIONS),
)
