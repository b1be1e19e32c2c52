"""Planted against found: which faults were noticed and when, and which alarms nobody planted. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aimon.verdict.record import Record
from examples.planted import Fault, Signal


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of the product: a record (or the finding behind an incident) whose verdict is warning or critical.

    `column` and `group` are tuples for intersections. `window_days` is how far back from `day` its rows reach.
    """

    model: str
    day: date
    family: str
    metric: str
    column: str | tuple[str, ...] | None = None
    group: str | tuple[str, ...] | None = None
    segment: str | None = None
    window_days: int = 1

    @classmethod
    def of(cls, record: Record, *, model: str, day: date, window_days: int = 1) -> "Alarm":
        """The alarm that a record raises on a day."""
        return cls(
            model=model,
            day=day,
            family=str(record.family),
            metric=record.metric,
            column=record.column,
            group=record.group,
            segment=record.segment,
            window_days=window_days,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One planted fault and what was found of it."""

    fault: Fault
    found: bool
    first_found: date | None
    alarms: int

    @property
    def days_late(self) -> int | None:
        """Days from the first faulty day to the first alarm; 0 is the same day."""
        if self.first_found is None or self.fault.first_day is None:
            return None
        return (self.first_found - self.fault.first_day).days


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """The faults' rows, and the alarms that no fault explains."""

    rows: tuple[Row, ...]
    false: tuple[Alarm, ...]

    @property
    def perfect(self) -> bool:
        """Everything planted was found, and nothing else was."""
        return not self.false and all(row.found for row in self.rows)

    def lines(self) -> list[str]:
        """The table as sentences, one a fault and one a false alarm."""
        return [*(_row_line(row) for row in self.rows), *(_false_line(alarm) for alarm in self.false)]


def compare_planted(faults: Sequence[Fault], alarms: Iterable[Alarm]) -> Scoreboard:
    """Match every alarm with the fault that explains it; a fault is found by the first alarm among its signals."""
    signals: dict[Fault, list[Alarm]] = {fault: [] for fault in faults}
    echoes: dict[Fault, int] = dict.fromkeys(faults, 0)
    false: list[Alarm] = []
    for alarm in sorted(alarms, key=_order):
        fault = next((fault for fault in faults if _explains(fault, alarm)), None)
        if fault is None:
            false.append(alarm)
        elif any(_matches(signal, alarm) for signal in fault.signals):
            signals[fault].append(alarm)
        else:
            echoes[fault] += 1
    rows = tuple(
        Row(
            fault,
            found=bool(found),
            first_found=min((alarm.day for alarm in found), default=None),
            alarms=len(found) + echoes[fault],
        )
        for fault, found in signals.items()
    )
    return Scoreboard(rows, tuple(false))


def _explains(fault: Fault, alarm: Alarm) -> bool:
    """Whether the alarm's window holds a faulty day and its metric is one that the fault moves."""
    if alarm.model != fault.model or fault.first_day is None or fault.last_day is None:
        return False
    earliest = alarm.day - timedelta(alarm.window_days - 1)
    if alarm.day < fault.first_day or earliest > fault.last_day:
        return False
    return any(_matches(signal, alarm) for signal in (*fault.signals, *fault.echoes))


def _matches(signal: Signal, alarm: Alarm) -> bool:
    return (
        signal.family == alarm.family
        and signal.metric in (None, alarm.metric)
        and (signal.column is None or signal.column in _several(alarm.column))
        and (signal.group is None or signal.group in _several(alarm.group))
    )


def _several(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _order(alarm: Alarm) -> tuple[date, str, str, str, str]:
    return (alarm.day, alarm.model, alarm.family, alarm.metric, str((alarm.column, alarm.group, alarm.segment)))


def _row_line(row: Row) -> str:
    planted = f"{row.fault.model}: {row.fault.what}, planted on {row.fault.first_day}"
    if not row.found:
        return f"MISSED  {planted}"
    late = row.days_late
    delay = "the same day" if late == 0 else "a day later" if late == 1 else f"{late} days later"
    return f"FOUND   {planted}: found {delay} ({row.alarms:,} alarms)"


def _false_line(alarm: Alarm) -> str:
    where = " x ".join(_several(alarm.column))
    segment = f" in {alarm.segment}" if alarm.segment else ""
    return (
        f"FALSE   {alarm.model}: {alarm.metric}{f' of {where}' if where else ''}{segment} on {alarm.day}, not planted"
    )
