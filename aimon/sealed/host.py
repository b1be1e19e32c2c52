"""What `aimon_client.Client` seals with: records in, envelopes out. It holds the public key only."""

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from aimon.clock import instant
from aimon.intake.values import column_of
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.sealed.counting import Counter
from aimon.sealed.plan import read_plan
from aimon.sealed.sealing import encoder_of
from aimon.sealed.sender import signer_of

ROLES = ("prediction", "score", "label", "latency", "error")


class Sealer:
    """Counts records of one model and seals the counts, an envelope a UTC day; `sign` is the host's own key for it.

    `sender` names the host; each process adds a name of its own, so that restarts and forks never share a numbering.
    With `scores`, a plan of scores, the counts are sealed for these alone.
    """

    def __init__(
        self,
        plan: Path,
        key: Path,
        *,
        sender: str,
        tags: Mapping[str, str] | None = None,
        sign: Path | None = None,
        scores: Path | None = None,
    ) -> None:
        read = read_plan(plan)
        self.model, self.version = read.model, read.version
        self._grid = read.grid
        self._tags = dict(tags or {})
        self._counter = Counter(read.layout)
        signer = None if sign is None else signer_of(sign, sender)
        self._encoder = encoder_of(plan, key, scores, sender=own_name(sender), number=0, signer=signer)

    def seal(self, records: Sequence[Mapping[str, Any]]) -> list[tuple[bytes, int]]:
        """The envelopes of the records, by day, and how many records each counts."""
        days: dict[date, list[Mapping[str, Any]]] = {}
        for record in records:
            days.setdefault(day_of(record["timestamp"]), []).append(record)
        return [
            (self._encoder.seal(self._counted(several), day, tags=self._tags).to_bytes(), len(several))
            for day, several in sorted(days.items())
        ]

    def _counted(self, records: Sequence[Mapping[str, Any]]) -> Profile:
        return self._counter.count(table_of(self._grid, records))


def own_name(sender: str) -> str:
    """The name of this process at the host."""
    return f"{sender}/{os.getpid()}-{secrets.token_hex(4)}"


def day_of(moment: str | datetime) -> date:
    """The UTC day of a record."""
    return instant(moment.isoformat() if isinstance(moment, datetime) else moment).date()


def table_of(grid: Grid, records: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The records under the names that the grid knows; what it does not know is left out."""
    named = {role: getattr(grid, role) for role in ROLES if getattr(grid, role) is not None}
    columns: dict[str, Iterable[Any]] = {
        column: [record.get(role) for record in records]
        for role, column in named.items()
        if any(role in record for record in records)
    }
    if grid.timestamp is not None:
        columns[grid.timestamp] = [instant(str(record["timestamp"])) for record in records]
    features = [record.get("features") or {} for record in records]
    known = {name for each in features for name in each} & grid.axes.keys()
    columns |= {name: [each.get(name) for each in features] for name in sorted(known - set(columns))}
    return pa.table({name: column_of(list(values)) for name, values in columns.items()})
