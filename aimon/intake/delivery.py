"""What one request brought: its good rows by model and day, the bad ones with their reasons, and what became of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from aimon.intake.facts import Facts
from aimon.intake.parcel import ArrowParcel, JsonParcel, Row, apart_of, line_of
from aimon.store.inbox import digests_of
from aimon.store.words import Feedback, Label


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not kept: where it stood in the request, which field, why."""

    index: int
    field: str | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """As the sender reads it."""
        return {"index": self.index, "field": self.field, "reason": self.reason}


@dataclass(slots=True)
class Part:
    """Rows of one model and day. The lists run in parallel; of rows with one id only the first is here."""

    parcel: JsonParcel | ArrowParcel
    facts: list[Facts]


@dataclass(slots=True)
class Delivery:
    """One request on its way to the inbox."""

    parts: list[Part] = field(default_factory=list)
    labels: Sequence[Label] = ()
    feedback: Sequence[Feedback] = ()
    refused: list[Refused] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)
    repeated: int = 0
    """Rows with the id of an earlier one of the request; they are not in the parts."""
    trace: str | None = None
    """The request's span, as `traceparent` says it."""
    known: int = 0
    """Rows that turned out to be kept already."""

    @property
    def rows(self) -> int:
        """How many rows are to be kept."""
        return sum(len(part.facts) for part in self.parts) + len(self.labels) + len(self.feedback)


class Sorting:
    """Puts rows that were read one by one with those of their model and day."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, date], dict[str, tuple[Row, Facts]]] = {}
        self.repeated = 0

    def add(self, model: str, day: date, row: Row, facts: Facts) -> None:
        """One row; the second with an id is a duplicate."""
        own = self._rows.get((model, day))
        if own is None:
            own = self._rows[model, day] = {}
        if row[0] in own:
            self.repeated += 1
        else:
            own[row[0]] = row, facts

    def parts(self) -> Iterator[Part]:
        """What was added, written as it will be kept."""
        for (model, day), rows in self._rows.items():
            lines = [line_of(row) for row, _ in rows.values()]
            apart = [apart_of(row) for row, _ in rows.values()]
            parcel = JsonParcel(model, day, digests_of(model, day, list(rows)), lines, apart)
            yield Part(parcel, [facts for _, facts in rows.values()])
