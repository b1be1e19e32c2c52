"""What whole rows told when the day was last asked, kept where the day is judged again by its stored counts only.

The rows are the same then, and asking them again would cost as much as the first time, for each day of a window. What
labels tell is asked again.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from aimon.daily.stored import as_record
from aimon.metrics.catalogue.estimate import ESTIMATES
from aimon.metrics.catalogue.explanation import EXPLANATIONS
from aimon.metrics.catalogue.multivariate import MULTIVARIATE
from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.store import records
from aimon.verdict.record import Record

Told: TypeAlias = Mapping[str, Sequence[Record]]
"""Records by window."""
OF_ROWS = frozenset(metric.name for metric in (*MULTIVARIATE, *ESTIMATES, *EXPLANATIONS) if not metric.needs_labels)


def told_before(platform: Platform, spec: ModelSpec, day: date, baseline_id: str) -> Told | None:
    """The day's stored records that whole rows told, against this baseline; None where there are none."""
    with platform.store.session() as connection:
        stored = records.query(connection, model=spec.model, since=day, until=day)
    told: dict[str, list[Record]] = {}
    for each in stored:
        if each.metric in OF_ROWS and each.baseline_id == baseline_id:
            told.setdefault(each.window, []).append(as_record(each))
    return told or None
