"""Every model at a glance, the worst first: its health and why, and the numbers that stand for it with their month.

In: the declarations, the standing incidents, the signs of life, the headlines. Out: lines of a table. The headlines
are remembered, and read again for the models whose records were replaced since.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from aimon import clock
from aimon.clock import DAY, day_end, days, iso
from aimon.platform import Platform
from aimon.report.findings import SEVERITY
from aimon.spec.model import ModelSpec
from aimon.store import headlines, heartbeats, incidents
from aimon.store.headlines import Headline
from aimon.store.incidents import Incident
from aimon.verdict.record import Maturity, Verdict

TREND_DAYS = 30
KNOWN_DAYS = 92
"""How far back performance with mature labels is looked for."""
LATE = timedelta(hours=12)
"""How long after the end of a day its analysis may take."""
SEVERITIES = ("critical", "warning", "info")

Series = tuple[str, Any]
"""A metric and its column."""


class Health(StrEnum):
    """How a model is doing, the worst first."""

    CRITICAL = "critical"
    WARNING = "warning"
    LATE = "late"
    UNANALYSED = "unanalysed"
    OK = "ok"
    RETIRED = "retired"


_RANK = {health: rank for rank, health in enumerate(Health)}


@dataclass(frozen=True, slots=True)
class Month:
    """The numbers that stand for a model, as they are printed."""

    drift: dict[str, Any] | None = None
    fairness: dict[str, Any] | None = None
    performance: dict[str, Any] | None = None
    volume: dict[str, Any] | None = None
    cost: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Each by its name."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Glance:
    """Remembers the months of all models. Threads share it."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _until: date | None = None
    _revisions: dict[str, int] = field(default_factory=dict)
    _months: dict[str, Month] = field(default_factory=dict)
    _seen: Any = None
    _lines: list[dict[str, Any]] = field(default_factory=list)

    def lines(self, platform: Platform) -> list[dict[str, Any]]:
        """A line for each declared model, the worst first: the same list for as long as nothing changes."""
        with platform.store.session() as connection:
            revisions = headlines.revisions_of(connection)
            standing = incidents.standing(connection)
            beats = heartbeats.latest(connection, heartbeats.Kind.MODEL)
            minute = clock.now().replace(second=0, microsecond=0)
            seen = (revisions, standing, beats, minute, platform.project)
            with self._lock:
                if not _same(self._seen, seen):
                    newest = incidents.of_numbers(connection, [number for *_, number in standing])
                    months = self._current(connection, revisions)
                    self._lines = sorted(_lines(platform.models, _by_model(standing, newest), beats, months), key=order)
                    self._seen = seen
                return self._lines

    def _current(self, connection: Any, revisions: dict[str, int]) -> Mapping[str, Month]:
        """The months of all models; what changed since the last time is read."""
        today = clock.today()
        if self._until != today:
            self._until, self._revisions = today, {}
        stale = {model for model, number in revisions.items() if self._revisions.get(model) != number}
        if stale:
            line = trend_days()
            found = headlines.of_models(
                connection, since=line[0], labelled_since=today - KNOWN_DAYS * DAY, models=stale
            )
            self._months |= {model: month(found.get(model, ()), line) for model in stale}
            self._revisions |= {model: revisions[model] for model in stale}
        return self._months


def _same(before: Any, now: Any) -> bool:
    """Whether nothing changed; the project is asked for itself, not for its contents."""
    return before is not None and before[-1] is now[-1] and before[:-1] == now[:-1]


def _by_model(
    standing: Sequence[incidents.Standing], newest: Sequence[Incident]
) -> dict[str, dict[str, tuple[int, Incident]]]:
    known = {each.id: each for each in newest}
    found: dict[str, dict[str, tuple[int, Incident]]] = {}
    for model, severity, count, number in standing:
        found.setdefault(model, {})[severity] = count, known[number]
    return found


def _lines(
    models: Mapping[str, ModelSpec],
    standing: Mapping[str, Mapping[str, tuple[int, Incident]]],
    beats: Mapping[str, tuple[datetime, date | None]],
    months: Mapping[str, Month],
) -> list[dict[str, Any]]:
    return [
        _line(spec, standing.get(key, {}), beats.get(key), months.get(key, Month())) for key, spec in models.items()
    ]


def trend_days() -> list[date]:
    """The days that the lines are about, today last."""
    today = clock.today()
    return list(days(today - (TREND_DAYS - 1) * DAY, today))


def month(found: Sequence[Headline], line: Sequence[date]) -> Month:
    """What stands for a model, out of its headlines in the order of days."""
    series: dict[Series, dict[date, Headline]] = {}
    for each in found:
        series.setdefault((each.metric, each.column), {})[each.day] = each

    def of(metric: str) -> dict[str, Any] | None:
        own = series.get((metric, None))
        return None if own is None else _head(own, line)

    return Month(
        drift=of("drift_score"),
        fairness=_fairness(series, line),
        performance=_performance(series, line),
        volume=of("volume"),
        cost=of("cost_usd"),
    )


def _fairness(series: Mapping[Series, dict[date, Headline]], line: Sequence[date]) -> dict[str, Any] | None:
    """The worst gap of the last day that has one."""
    gaps = {key: own for key, own in series.items() if key[0] in headlines.GAPS}
    last = max((day for own in gaps.values() for day in own), default=None)
    if last is None:
        return None
    newest = [own[last] for own in gaps.values() if last in own]
    worst = min(newest, key=lambda each: (SEVERITY[Verdict(each.verdict)], -_distance(each)))
    return _head(gaps[worst.metric, worst.column], line)


def _performance(series: Mapping[Series, dict[date, Headline]], line: Sequence[date]) -> dict[str, Any] | None:
    """What labels say of the newest day with mature ones; the estimate where it is of a later day."""
    told = _first(series, headlines.PERFORMANCE)
    mature = {day: each for day, each in told.items() if each.maturity == Maturity.MATURE and each.value is not None}
    estimated = {day: each for day, each in _first(series, headlines.ESTIMATES).items() if each.value is not None}
    if estimated and max(estimated) > max(mature, default=date.min):
        known = mature[max(mature)] if mature else None
        last = None if known is None else {"value": short(known.value), "day": known.day.isoformat()}
        return {**_head(estimated, line), "estimated": True, "last_mature": last}
    if mature:
        return _head(mature, line)
    return _head(told, line) if told else None


def _first(series: Mapping[Series, dict[date, Headline]], metrics: Sequence[str]) -> dict[date, Headline]:
    return next((series[metric, None] for metric in metrics if (metric, None) in series), {})


def _head(own: Mapping[date, Headline], line: Sequence[date]) -> dict[str, Any]:
    """The newest of a series with its trend."""
    newest = own[max(own)]
    return {
        "metric": newest.metric,
        "column": newest.column,
        "value": short(newest.value),
        "low": short(newest.low),
        "high": short(newest.high),
        "threshold": newest.threshold,
        "verdict": newest.verdict,
        "maturity": newest.maturity,
        "estimated": False,
        "last_mature": None,
        "day": newest.day.isoformat(),
        "trend": [short(own[day].value) if day in own else None for day in line],
    }


def short(value: float | None) -> float | None:
    """Four digits that count: a line of a table shows no more.

    >>> short(0.123456), short(68785.25), short(None)
    (0.1235, 68785.0, None)
    """
    if value is None:
        return None
    return round(value, 0) if abs(value) >= 1000 else float(f"{value:.4g}")


def _distance(each: Headline) -> float:
    """How far the value lies from its limit, in limits."""
    if each.value is None or not each.threshold:
        return 0.0
    return abs(each.value - each.threshold) / abs(each.threshold)


def _line(
    spec: ModelSpec,
    standing: Mapping[str, tuple[int, Incident]],
    beat: tuple[datetime, date | None] | None,
    numbers: Month,
) -> dict[str, Any]:
    health, why, newest = _health(spec, standing, beat)
    return {
        "model": spec.name,
        "version": spec.version,
        "task": spec.task.value,
        "owner": spec.owner,
        "description": spec.description,
        "retired": spec.retired,
        "health": health.value,
        "why": why,
        "incidents": {severity: standing[severity][0] if severity in standing else 0 for severity in SEVERITIES},
        "newest_incident": None
        if newest is None
        else {
            "id": newest.id,
            "severity": newest.severity,
            "title": newest.title,
            "opened_at": iso(newest.opened_at),
        },
        "last_day": None if beat is None or beat[1] is None else beat[1].isoformat(),
        "analysed_at": None if beat is None else iso(beat[0]),
        **numbers.as_json(),
    }


def _health(
    spec: ModelSpec, standing: Mapping[str, tuple[int, Incident]], beat: tuple[datetime, date | None] | None
) -> tuple[Health, str, Incident | None]:
    for severity in ("critical", "warning"):
        if severity in standing:
            count, newest = standing[severity]
            return Health(severity), _incidents(count, severity, newest), newest
    if spec.retired:
        return Health.RETIRED, "Retired: it is not analysed any more.", None
    if beat is None:
        return Health.UNANALYSED, "No day was analysed yet.", None
    at, day = beat
    if day is None or clock.now() > day_end(day + DAY) + LATE:
        return Health.LATE, f"Nothing was analysed since {iso(at)}.", None
    return Health.OK, "Nothing stands.", None


def _incidents(count: int, severity: str, newest: Incident) -> str:
    if count == 1:
        return f"1 {severity} incident stands: {newest.title}"
    return f"{count:,} {severity} incidents stand; the newest: {newest.title}"


def order(line: Mapping[str, Any]) -> tuple[int, int, int, float, str]:
    """The place of a line: what is worse comes first, then what drifts more, then by name."""
    counts = line["incidents"]
    drift = line["drift"] or {}
    return (
        _RANK[Health(line["health"])],
        -counts["critical"],
        -counts["warning"],
        -float(drift.get("value") or 0.0),
        line["model"],
    )
