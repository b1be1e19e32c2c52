"""Each protected attribute's groups and how often each is selected, as drawn. In: records, reference counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aimon.metrics.names import column_name, group_name
from aimon.profile.grid import NOT_SELECTED, SELECTED, Grid
from aimon.profile.profile import Profile
from aimon.verdict.record import Family, Record, Verdict

FOUR_FIFTHS = 0.8


@dataclass(frozen=True, slots=True)
class Group:
    """One group of an attribute: its selection rate now, with its interval, and in the reference."""

    name: str
    rate: float | None
    low: float | None
    high: float | None
    reference: float | None
    rows: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Attribute:
    """A protected attribute, or a pair: its groups from the most selected down, and what was measured over them."""

    name: str
    groups: tuple[Group, ...]
    measures: tuple[Record, ...]

    @property
    def highest(self) -> Group | None:
        """The most selected group whose rate could be judged."""
        judged = [group for group in self.groups if group.rate is not None and _judged(group)]
        return max(judged, key=lambda group: group.rate or 0.0, default=None)

    @property
    def line(self) -> float | None:
        """Four fifths of the highest rate: the rule of thumb below which a rate counts as adverse."""
        return None if self.highest is None or self.highest.rate is None else FOUR_FIFTHS * self.highest.rate

    @property
    def limit(self) -> float:
        """The right end of the drawing: the largest rate or interval end, at most 1."""
        ends = [end for group in self.groups for end in (group.high, group.rate, group.reference) if end is not None]
        return min(1.0, max(ends, default=1.0) * 1.04) or 1.0


def attributes(grid: Grid, records: Sequence[Record], baseline: Profile) -> tuple[Attribute, ...]:
    """Every attribute that has fairness records for all rows, single ones before pairs."""
    mine = [r for r in records if r.family is Family.FAIRNESS and r.segment is None and r.column is not None]
    columns = dict.fromkeys(record.column for record in mine if record.column is not None)
    ordered = sorted(columns, key=lambda column: isinstance(column, tuple))
    return tuple(_attribute(grid, column, [r for r in mine if r.column == column], baseline) for column in ordered)


def about(record: Record) -> str:
    """What a record is about, as a cell of a table: its column, its group, the groups that were compared."""
    parts = [column_name(record.column), group_name(record.group)]
    if record.groups is not None:
        parts.append(" against ".join(group_name(group) for group in record.groups))
    return ": ".join(part for part in parts if part)


def _attribute(grid: Grid, column: str | tuple[str, ...], records: list[Record], baseline: Profile) -> Attribute:
    rates = [record for record in records if record.metric == "selection_rate"]
    reference = _reference_rates(grid, column, baseline)
    groups = [
        Group(
            name=group_name(record.group),
            rate=record.value,
            low=record.low,
            high=record.high,
            reference=reference.get(_key(record.group)),
            rows=record.n_current or 0,
            verdict=record.verdict,
        )
        for record in rates
    ]
    groups.sort(key=lambda group: (group.rate is None, -(group.rate or 0.0)))
    measures = tuple(record for record in records if record.group is None)
    return Attribute(column_name(column), tuple(groups), measures)


def _reference_rates(grid: Grid, column: str | tuple[str, ...], baseline: Profile) -> dict[tuple[str, ...], float]:
    names = _key(column)
    counts = baseline.get(f"selection:{'*'.join(names)}")
    if counts is None:
        return {}
    labels = [grid.group_axis(name).labels for name in names]
    known = counts[..., NOT_SELECTED] + counts[..., SELECTED]
    rates: dict[tuple[str, ...], float] = {}
    for cell in np.ndindex(*counts.shape[:-1]):
        if known[cell] > 0:
            group = tuple(axis[place] for axis, place in zip(labels, cell, strict=True))
            rates[group] = float(counts[(*cell, SELECTED)] / known[cell])
    return rates


def _key(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _judged(group: Group) -> bool:
    return group.verdict not in (Verdict.INSUFFICIENT, Verdict.NOT_ESTIMABLE)
