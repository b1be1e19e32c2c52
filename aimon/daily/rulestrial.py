"""Trying rules on the stored history: what would have fired, and what incidents and notices it would have made.

The breaches go through the product's own incidents and routing, in a database that is thrown away. Nothing is sent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from aimon import clock
from aimon.daily.reference import read_reference
from aimon.daily.userrules import baseline_values, compare_with_baseline
from aimon.errors import UserError
from aimon.incident.cause import CHECK_FAMILIES, check_of
from aimon.incident.evaluation import Evaluation
from aimon.incident.routing import route_pending
from aimon.incident.seed import open_from_evaluations
from aimon.metrics.own import metric_of
from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.spec.userrules import RuleSpec
from aimon.store import Store, baselines, incidents, notices, open_store, records
from aimon.store.incidents import Incident
from aimon.store.notices import Status
from aimon.store.records import StoredRecord
from aimon.verdict.record import Record
from aimon.verdict.userrules import Baseline, breaches, days_read, series_of

AFTER_MIDNIGHT = timedelta(hours=6)
RUN = "trial"


@dataclass(frozen=True, slots=True)
class Fired:
    """One breach: whose, when, over which window, and the record it would have been."""

    model: str
    day: date
    window: str
    record: Record


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the rules. `judged` counts the days of models that hold records of the rules' metrics."""

    judged: int = 0
    fired: tuple[Fired, ...] = ()
    incidents: tuple[Incident, ...] = ()
    notices: int = 0


@dataclass(slots=True)
class _Tried:
    """One model's rules over the range."""

    spec: ModelSpec
    days: set[date] = field(default_factory=set)
    fired: dict[date, list[Fired]] = field(default_factory=dict)


def try_rules(platform: Platform, models: Iterable[ModelSpec], first: date, last: date) -> Trial:
    """Apply the models' rules to every day from `first` to `last`, both included, and follow what comes of it."""
    if first > last:
        raise UserError(f"--from {first} is after --to {last}; swap them")
    tried = [_try(platform, spec, first, last) for spec in models if spec.rules]
    with TemporaryDirectory() as folder, open_store("sqlite:///trial.db", Path(folder)) as store:
        for day in clock.days(first, last):
            with clock.stopped_at(clock.day_end(day) + AFTER_MIDNIGHT):
                open_from_evaluations(store, [told for each in tried for told in _judge(store, each, day)])
                route_pending(store, platform.routing)
        with store.session() as connection:
            opened = tuple(incidents.query(connection)[::-1])
            counted = notices.count(connection)
    told = sum(number for status, number in counted.items() if status is not Status.WITHHELD)
    fired = [breach for each in tried for day in sorted(each.fired) for breach in each.fired[day]]
    return Trial(sum(len(each.days) for each in tried), tuple(fired), opened, told)


def _try(platform: Platform, spec: ModelSpec, first: date, last: date) -> _Tried:
    tried = _Tried(spec)
    baseline = _baseline(platform, spec) if compare_with_baseline(spec.rules) else {}
    for rule in spec.rules:
        with platform.store.session() as connection:
            stored = records.query(
                connection,
                model=spec.model,
                since=first - timedelta(days=days_read(rule)),
                until=last,
                window=rule.window,
                metric=rule.metric,
            )
        tried.days |= {record.day for record in stored if record.day >= first}
        for fired in _fired(spec, rule, stored, baseline, (first, last)):
            tried.fired.setdefault(fired.day, []).append(fired)
    return tried


def _fired(
    spec: ModelSpec, rule: RuleSpec, stored: list[StoredRecord], baseline: Baseline, span: tuple[date, date]
) -> Iterator[Fired]:
    series = series_of((record.day, record) for record in stored)
    for day in clock.days(*span):
        for record in breaches(rule, day, series, baseline=baseline, holidays=spec.holidays):
            yield Fired(spec.model, day, rule.window, record)


def _baseline(platform: Platform, spec: ModelSpec) -> Baseline:
    with platform.store.session() as connection:
        active = baselines.active(connection, spec.model)
    if active is None:
        raise UserError(f"{spec.model} has no baseline yet that its rules could compare with; run a day of it first")
    return baseline_values(spec, read_reference(platform, active))


def _judge(store: Store, tried: _Tried, day: date) -> Iterator[Evaluation]:
    """Keep the breaches of the day as records, and tell the checks that they belong to."""
    if day not in tried.days:
        return
    spec, fired = tried.spec, tried.fired.get(day, [])
    families = {metric_of(spec, rule.metric).family for rule in spec.rules}
    with store.transaction() as connection:
        for window in {each.window for each in fired}:
            records.replace(
                connection,
                model=spec.model,
                version=spec.version,
                day=day,
                window=window,
                records=[each.record for each in fired if each.window == window],
                baseline_id=None,
                grid_id=None,
                run_id=RUN,
                as_of=clock.now(),
            )
    for check in sorted({check_of(family) for family in families}):
        failed = any(each.record.family in CHECK_FAMILIES[check] for each in fired)
        yield Evaluation(
            run_id=RUN, asset=check, check=check, model=spec.model, day=day, passed=not failed, timestamp=clock.now()
        )
