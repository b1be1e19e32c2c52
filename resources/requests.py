"""Runs that sensors and schedules ask for when days were touched after they had been judged."""

from collections.abc import Collection
from datetime import date, datetime

import dagster as dg

from aimon.clock import iso
from aimon.daily.window import judged_again
from resources.names import AS_OF_TAG, MODEL_TAG, RANGE_END, RANGE_START, TOUCHED_TAG, ModelDayKey


def touched_request(
    model: str, touched: Collection[date], as_of: datetime, *, cause: str, job: str, windows: bool = True
) -> dg.RunRequest:
    """One run over the touched days and, with `windows`, over those whose windows hold one of them.

    `cause` makes the request itself: asked for twice, it is one run.
    """
    days = [*touched, *(judged_again(touched, as_of) if windows else ())]
    return dg.RunRequest(
        run_key=f"{cause}:{model}",
        job_name=job,
        tags={
            RANGE_START: str(ModelDayKey(model, min(days))),
            RANGE_END: str(ModelDayKey(model, max(days))),
            TOUCHED_TAG: ",".join(day.isoformat() for day in sorted(touched)),
            MODEL_TAG: model,
            AS_OF_TAG: iso(as_of),
        },
    )
