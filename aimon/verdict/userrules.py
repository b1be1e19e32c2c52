"""The user's rules, applied. In: a rule, measured values of its metric by series and day. Out: a record a breach.

A change is bounded together with the uncertainty of both sides: the interval of `x - k r` is found by the method of
variance estimates recovery. Reference: Zou and Donner (2008), Construction of confidence limits about effect measures.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import hypot

from aimon.clock import DAY
from aimon.metrics.metric import Family
from aimon.spec.patterns import some_fits
from aimon.spec.userrules import From, RuleSpec
from aimon.verdict.history import SeriesKey
from aimon.verdict.measured import Measured
from aimon.verdict.reasons import number
from aimon.verdict.record import Maturity, Record, Verdict

Name = str | tuple[str, ...]

WEEK = timedelta(days=7)
WEEKS_BACK = 4
GAP = timedelta(days=7)
"""How many days without a value may lie among the windows in a row, such as those of a model that rests at weekends."""

_SILENT = frozenset({Verdict.NOT_ESTIMABLE, Verdict.UNSUPPORTED})


Series = Mapping[SeriesKey, Mapping[date, Measured]]
Baseline = Mapping[SeriesKey, Measured]


@dataclass(frozen=True, slots=True)
class _Side:
    """Where a value lies to its limit: what the limit is, and whether value and interval are beyond it."""

    limit: float
    beyond: bool
    against: str


def key_of(measured: Measured) -> SeriesKey:
    """The series that the value belongs to."""
    return SeriesKey(measured.metric, measured.column, measured.segment, measured.group)


def series_of(measured: Iterable[tuple[date, Measured]]) -> dict[SeriesKey, dict[date, Measured]]:
    """Values by series and day."""
    found: dict[SeriesKey, dict[date, Measured]] = {}
    for day, each in measured:
        found.setdefault(key_of(each), {})[day] = each
    return found


def days_read(rule: RuleSpec) -> int:
    """How many days before the judged one the rule may look at."""
    back = WEEK * WEEKS_BACK if rule.from_ is From.LAST_WEEK else timedelta(0)
    in_a_row = timedelta(days=rule.windows - 1) + GAP if rule.windows > 1 else timedelta(0)
    return (back + in_a_row).days


def breaches(
    rule: RuleSpec, day: date, series: Series, *, baseline: Baseline | None = None, holidays: Collection[date] = ()
) -> list[Record]:
    """What the rule finds on the day, in the order of the series. `series` are those of the rule's own window.

    A rule against last week is silent on holidays, and looks past those of the weeks before.
    """
    found = []
    for key, by_day in series.items():
        if not applies(rule, key):
            continue
        days = _in_a_row(rule, day, by_day)
        sides = [_side(rule, each, by_day, (baseline or {}).get(key), holidays) for each in days]
        if sides and all(side is not None and side.beyond for side in sides) and sides[0] is not None:
            found.append(_record(rule, by_day[day], sides[0]))
    return found


def applies(rule: RuleSpec, key: SeriesKey) -> bool:
    """Whether the rule speaks of the series.

    >>> rule = RuleSpec(name="r", metric="psi", above=0.2, column=("inc*",))
    >>> applies(rule, SeriesKey("psi", "income")), applies(rule, SeriesKey("psi", "income", "channel=web"))
    (True, False)
    """
    if key.metric != rule.metric or (key.segment is not None) != bool(rule.segment):
        return False
    asked = ((rule.column, key.column), (rule.group, key.group), (rule.segment, key.segment))
    return all(not patterns or some_fits(patterns, _names(name)) for patterns, name in asked)


def _names(name: Name | None) -> list[str]:
    """How matchers may call it; an intersection is `sex*race`."""
    if name is None:
        return []
    return [name] if isinstance(name, str) else ["*".join(map(str, name))]


def _in_a_row(rule: RuleSpec, day: date, by_day: Mapping[date, Measured]) -> list[date]:
    """The last windows with a value, that of the day first; none where there are too few."""
    if day not in by_day or not _counts(rule, by_day[day]):
        return []
    earliest = day - timedelta(days=rule.windows - 1) - (GAP if rule.windows > 1 else timedelta(0))
    candidates = (day - offset * DAY for offset in range((day - earliest).days + 1))
    counting = [each for each in candidates if each in by_day and _counts(rule, by_day[each])]
    return counting[: rule.windows] if len(counting) >= rule.windows else []


def _counts(rule: RuleSpec, measured: Measured) -> bool:
    """Whether the value says anything: too few rows do so only with their interval, labels only once they are there."""
    if measured.value is None or measured.verdict in _SILENT or measured.maturity == Maturity.PROVISIONAL:
        return False
    return rule.interval or measured.verdict != Verdict.INSUFFICIENT


def _side(
    rule: RuleSpec, day: date, by_day: Mapping[date, Measured], baseline: Measured | None, holidays: Collection[date]
) -> _Side | None:
    measured = by_day[day]
    if rule.from_ is None:
        return _compare(rule, measured, 0.0, (0.0, 0.0), "")
    against = "the baseline"
    other = baseline
    if rule.from_ is From.LAST_WEEK:
        earlier = _week_before(day, by_day, holidays)
        if earlier is None:
            return None
        other, against = by_day[earlier], str(earlier)
    if other is None or other.value is None:
        return None
    spread = (_spread(other, up=False), _spread(other, up=True))
    return _compare(rule, measured, other.value, spread, f"{number(other.value)} of {against}")


def _week_before(day: date, by_day: Mapping[date, Measured], holidays: Collection[date]) -> date | None:
    """The same weekday last week; the week before where that was a holiday; none on a holiday itself."""
    if day in holidays:
        return None
    back = (day - weeks * WEEK for weeks in range(1, WEEKS_BACK + 1))
    earlier = next((each for each in back if each not in holidays), None)
    return earlier if earlier in by_day else None


def _compare(rule: RuleSpec, measured: Measured, reference: float, spread: tuple[float, float], against: str) -> _Side:
    factor, offset = rule.bound(reference)
    value, limit = measured.value or 0.0, factor * reference + offset
    distance = value - limit if rule.is_ceiling else limit - value
    if rule.interval:
        own = _spread(measured, up=not rule.is_ceiling)
        distance -= hypot(own, abs(factor) * spread[1 if rule.is_ceiling == (factor >= 0) else 0])
    return _Side(limit, distance > 0, against)


def _spread(measured: Measured, *, up: bool) -> float:
    """How far the interval reaches from the value to that side."""
    edge = measured.high if up else measured.low
    return 0.0 if edge is None or measured.value is None else abs(edge - measured.value)


def _record(rule: RuleSpec, measured: Measured, side: _Side) -> Record:
    way = "above" if rule.is_ceiling else "below"
    said = f"{number(measured.value)} is {way} the {number(side.limit)} that the rule {rule.name} allows"
    if side.against:
        said += f", {rule.change} {way} the {side.against}"
    if rule.windows > 1:
        said += f"; {rule.windows} times in a row"
    return Record(
        family=Family(measured.family),
        metric=measured.metric,
        column=measured.column,
        segment=measured.segment,
        group=measured.group,
        groups=getattr(measured, "groups", None),
        value=measured.value,
        low=measured.low,
        high=measured.high,
        threshold=side.limit,
        verdict=Verdict(rule.severity),
        maturity=None if measured.maturity is None else Maturity(measured.maturity),
        n_reference=measured.n_reference,
        n_current=measured.n_current,
        reason=said,
        rule=rule.name,
    )
