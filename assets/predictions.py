"""`predictions`: a day's rows, copied from the model's source into the lake, with the check of the data's quality."""

import dagster as dg

from aimon.daily.model_day import ModelDay
from aimon.verdict.record import Family
from assets.judged import judgement
from assets.made import Made
from assets.step import Step
from resources.names import PREDICTIONS


def make(day: ModelDay) -> Made:
    """Copy the day into the lake and judge its quality against the baseline."""
    manifest = day.ingest()
    return Made(
        metadata={
            "dagster/row_count": manifest.rows,
            "bytes": manifest.bytes,
            "duplicates": manifest.duplicates,
            "file": dg.MetadataValue.path(manifest.path),
        },
        data_version=manifest.sha256,
        judgement=judgement(day.judge(Family.QUALITY)),
    )


STEP = Step(
    key=PREDICTIONS,
    make=make,
    description="The day's predictions as one Parquet file, read from the model's source; repeated ids are left out.",
    kinds=frozenset({"parquet"}),
    check="quality",
    check_description="Missing, unseen, out-of-range and unreadable values against the baseline.",
)
