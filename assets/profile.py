"""`profile`: the day counted on the model's grid. Everything after it reads counts only."""

import dagster as dg

from aimon.daily.model_day import ModelDay
from aimon.daily.sealed_day import SealedDay
from assets.made import Made
from assets.preview import accepted
from assets.step import Step
from resources.names import BASELINE, PREDICTIONS, PROFILE, SEALED_PROFILE


def make(day: ModelDay) -> Made:
    """Count the day and store the counts; of a sealed day, those that its owner handed back."""
    if isinstance(day, SealedDay) and not day.gives_counts:
        return Made(metadata={}, absent="the owner of the key hands back verdicts alone")
    counted = day.count()
    return Made(
        metadata={
            "dagster/row_count": counted.rows,
            "labelled": counted.labelled,
            "bytes": counted.bytes,
            "grid": counted.grid_id,
        },
        data_version=counted.sha256,
    )


def of_the_model(key: dg.AssetKey) -> dg.AssetDep:
    """A dependency on an asset that has one partition a model."""
    with accepted():
        return dg.AssetDep(key, partition_mapping=dg.MultiToSingleDimensionPartitionMapping("model"))


STEP = Step(
    key=PROFILE,
    make=make,
    description="Integer counts of the day's rows on the model's frozen grid, by column, group, label and segment.",
    kinds=frozenset({"duckdb", "parquet"}),
    deps=(PREDICTIONS, SEALED_PROFILE, of_the_model(BASELINE)),
    reads_rows=True,
)
