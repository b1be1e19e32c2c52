"""Partitions: UTC days x models. Models are dynamic keys, so a new YAML file needs no reload.

The first day rolls, so that models x days stays where Dagster's pages answer; older results live in the operations
database.
"""

import os
from datetime import date
from pathlib import Path

import dagster as dg

from aimon.clock import DAY, today

MOST_PARTITIONS = 100_000
MOST_DAYS = 730
FORMAT = "%Y-%m-%d"

models = dg.DynamicPartitionsDefinition(name="models")


def first_partition_day(model_count: int, last: date) -> date:
    """The first day that has a partition, so that models x days stays within the bound.

    >>> first_partition_day(500, date(2026, 11, 20))
    datetime.date(2026, 5, 5)
    """
    return last - (min(MOST_DAYS, MOST_PARTITIONS // max(model_count, 1)) - 1) * DAY


def count_model_files(root: Path) -> int:
    """How many model files there are; their content does not matter here, so none is read."""
    folder = root / os.environ.get("AIMON_MODELS", "models")
    return sum(1 for path in folder.glob("*.y*ml")) if folder.is_dir() else 0


def model_days(root: Path) -> dg.MultiPartitionsDefinition:
    """Every UTC day up to and including the current one, for every model."""
    start = first_partition_day(count_model_files(root), today())
    days = dg.DailyPartitionsDefinition(start_date=start.strftime(FORMAT), end_offset=1, timezone="UTC")
    return dg.MultiPartitionsDefinition({"date": days, "model": models})
