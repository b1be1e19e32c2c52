"""What is usual for a model: the band of each series by its first days. In: stored records. Out: bands, by window.

The past is the first days that were judged against the baseline, not the latest: a slow drift must not make itself
usual. Windows whose labels are still arriving are no past.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from aimon.insight.seasonality import seasonal_history
from aimon.platform import Platform
from aimon.spec.model import ModelSpec, OwnLimits
from aimon.store import records
from aimon.store.records import StoredRecord
from aimon.verdict.history import Bands, History, SeriesKey
from aimon.verdict.record import Maturity


def usual_bands(
    platform: Platform, spec: ModelSpec, baseline_id: str, day: date, windows: Iterable[str]
) -> Mapping[str, Bands]:
    """The bands of each window that ends with the day; empty where the model asks for none."""
    own = spec.own_limits
    if own is None:
        return {}
    with platform.store.session() as connection:
        found = records.first_judged(connection, model=spec.model, baseline_id=baseline_id, before=day, days=own.days)
    past = [record for record in found if record.maturity != Maturity.PROVISIONAL and record.value is not None]
    return {window: _bands(own, spec, past, day, window) for window in windows}


def _bands(own: OwnLimits, spec: ModelSpec, past: list[StoredRecord], day: date, window: str) -> Bands:
    if own.method == "seasonal":
        return seasonal_history(past, day, window, spec.holidays, own.deviations)
    values: dict[SeriesKey, list[float]] = {}
    for record in past:
        if record.window == window and record.value is not None:
            key = SeriesKey(record.metric, record.column, record.segment, record.group)
            values.setdefault(key, []).append(record.value)
    return History(values=values, deviations=own.deviations, method=own.method)
