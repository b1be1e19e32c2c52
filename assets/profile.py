"""`profile`: the day counted on the model's grid. Everything after it reads counts only."""

import dagster as dg

from aimon.daily.model_day import ModelDay
from assets.made import Made
from assets.preview import accepted
from assets.step import Step
from resources.names import BASELINE, PREDICTIONS, PROFILE


def make(day: ModelDay) -> Made:
    """Count the day and store the counts."""
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
    deps=(PREDICTIONS, of_the_model(BASELINE)),
    reads_rows=True,
)
