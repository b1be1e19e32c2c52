"""`week`, `evidently`, `pdf`: documents made of what is known of a day, outside of the run that judges it.

A day that cannot have one, because it was never judged or its rows are gone, is left out and said so; nobody is paged.
"""

from collections.abc import Callable
from datetime import timedelta

import dagster as dg

from aimon.daily.model_day import ModelDay
from aimon.daily.reporting import make_report
from aimon.errors import UserError
from aimon.lake.reports import Form
from assets.links import link
from assets.made import Made
from assets.profile import of_the_model
from assets.step import Step
from resources.names import BASELINE, EVIDENTLY, PDF, PREDICTIONS, REPORT, WEEK

NODE = "document"


def maker(form: Form) -> Callable[[ModelDay], Made]:
    """The function that makes the day's document in this form."""

    def make(day: ModelDay) -> Made:
        try:
            artifact = make_report(day.platform, day.spec, day.day, form)
        except UserError as error:
            return Made(metadata={}, absent=str(error))
        metadata = {"bytes": artifact.bytes, form.value: link(artifact.url)}
        return Made(metadata=metadata, data_version=artifact.sha256)

    return make


STEPS = (
    Step(
        key=WEEK,
        make=maker(Form.WEEK),
        description="The seven days that end with the day, on one page: verdicts, numbers, incidents.",
        kinds=frozenset({"html"}),
        deps=(REPORT,),
        freshness=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=8), warn_window=timedelta(days=7, hours=6)),
    ),
    Step(
        key=EVIDENTLY,
        make=maker(Form.EVIDENTLY),
        description="Evidently's drift and summary of a sample of the day against one of the baseline's rows.",
        kinds=frozenset({"html"}),
        deps=(PREDICTIONS, of_the_model(BASELINE)),
        freshness=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26)),
    ),
    Step(
        key=PDF,
        make=maker(Form.PDF),
        description="The day's report on paper.",
        kinds=frozenset({"pdf"}),
        deps=(REPORT,),
        freshness=None,
    ),
)
