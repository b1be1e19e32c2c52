"""`predictions`: a day's rows, copied from the model's source into the lake, with the checks of the data."""

from collections.abc import Mapping

import dagster as dg

from aimon.daily.model_day import ModelDay
from aimon.verdict.record import Family
from assets import valid
from assets.judged import judgement
from assets.made import Judgement, Made
from assets.step import Source, Step
from resources.names import PREDICTIONS, VALID


def make(day: ModelDay) -> Made:
    """Copy the day into the lake, validate it, and where it can be used judge its quality against the baseline."""
    manifest, validation = day.ingest(), day.validate()
    judgements = {VALID: valid.judgement(validation)}
    if validation.usable:
        judgements["quality"] = judgement(day.judge(Family.QUALITY))
    return Made(
        metadata={
            "dagster/row_count": manifest.rows,
            "bytes": manifest.bytes,
            "duplicates": manifest.duplicates,
            "quarantined": sum(validation.quarantined.values()),
            "file": dg.MetadataValue.path(manifest.path),
        },
        data_version=manifest.rows_digest,
        judgements=judgements,
        unusable=None if validation.usable else judgements[VALID].description,
    )


def judge(day: ModelDay) -> Mapping[str, Judgement]:
    """Judge the quality of the day and of the windows that it ends by what is stored, without reading a row."""
    return {"quality": judgement(day.judge(Family.QUALITY))}


STEP = Step(
    key=PREDICTIONS,
    make=make,
    description="The day's predictions as one Parquet file, read from the model's source. Repeated ids are left out, "
    "rows that cannot be used are kept apart.",
    kinds=frozenset({"parquet"}),
    checks={
        VALID: "Great Expectations finds that the rows can be used: columns, volume, freshness, ids, clocks.",
        "quality": "Missing, unseen, out-of-range and unreadable values against the baseline.",
    },
    source=Source.ROWS,
    reads_rows=True,
    judge=judge,
)
