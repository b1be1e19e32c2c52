"""What a model's own past tells: how earlier estimates held, and what is usual on such a weekday or holiday.

In: stored records of earlier days. Out: track records, and bands that spare alarms. Nothing here raises one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from aimon.clock import day_start
from aimon.daily.window import Window
from aimon.insight.seasonality import Moment, usual
from aimon.insight.trackrecord import LATEST, PREFIX, TrackRecord, back_test, track_records
from aimon.metrics.own import metric_of
from aimon.metrics.registry import METRICS
from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.store.past import PastValue, past_values
from aimon.verdict.history import Band, SeriesKey

REMEMBERED = timedelta(days=91)
"""Thirteen weeks: enough of each weekday, and a band that forgets what was usual last year."""


def track(
    platform: Platform, spec: ModelSpec, day: date, window: Window
) -> Mapping[tuple[str, str | None], TrackRecord]:
    """How earlier estimates of such windows held once their labels were mature, by metric and segment."""
    estimated = [name for name in METRICS if name.startswith(PREFIX)]
    metrics = {*estimated, *(name.removeprefix(PREFIX) for name in estimated)}
    since = day - spec.label_horizon - timedelta(days=LATEST * window.days)
    past = _past(platform, spec, window, since, day, metrics)
    return track_records(back_test(past, window.name), days=window.days)


@dataclass
class Explained:
    """The bands in which a value is a regular change: one of its weekday, or of a declared holiday.

    They hold for models that declare no limits of their own past. A series has one only where its weekday makes this
    day differ by more than chance. So a fault that stays, which no weekday explains, is never made usual by its own
    past. A metric's past is read when it first has an alarm.
    """

    platform: Platform
    spec: ModelSpec
    day: date
    window: Window
    _values: dict[str, dict[SeriesKey, list[Moment]]] = field(default_factory=dict)

    def band(self, key: SeriesKey) -> Band | None:
        """The band of a series; None where nothing regular explains its value of the day."""
        if not metric_of(self.spec, key.metric).limited and key.metric not in self.spec.thresholds:
            return None
        found = usual(self._of(key.metric).get(key, ()), day_start(self.day), self.spec.holidays)
        return Band(found.low, found.high, limits=False) if found is not None and found.regular else None

    def _of(self, metric: str) -> Mapping[SeriesKey, Sequence[Moment]]:
        if metric not in self._values:
            past = _past(self.platform, self.spec, self.window, self.day - REMEMBERED, self.day, {metric})
            self._values[metric] = by_series(past)
        return self._values[metric]


def by_series(past: Sequence[PastValue]) -> dict[SeriesKey, list[Moment]]:
    """The known values of each series, by day."""
    found: dict[SeriesKey, list[Moment]] = {}
    for each in past:
        if each.value is not None:
            key = SeriesKey(each.metric, each.column, each.segment, each.group)
            found.setdefault(key, []).append(Moment(day_start(each.day), each.value))
    return found


def _past(
    platform: Platform, spec: ModelSpec, window: Window, since: date, day: date, metrics: set[str]
) -> list[PastValue]:
    with platform.store.session() as connection:
        return past_values(
            connection,
            model=spec.model,
            window=window.name,
            since=since,
            until=day - timedelta(days=1),
            metrics=metrics,
        )
