"""How many texts each source sent a day, and how much personal data was taken out of them; never what."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import Connection, func, select

from aimon.store.once import insert_once
from aimon.store.tables import found_pii as table

MILLION = 10**6


@dataclass(frozen=True, slots=True)
class Found:
    """Rows with a text, those in which something was found, and the sum of their weights in millionths."""

    texts: int = 0
    finds: int = 0
    weight_ppm: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Found)))

    @property
    def score(self) -> float:
        """100 times the mean weight of the texts, from 0 to 100.

        >>> Found(texts=4, finds=1, weight_ppm=600_000).score
        15.0
        """
        return 100 * self.weight_ppm / MILLION / self.texts if self.texts else 0.0


def add(connection: Connection, model: str, source: str, day: date, more: Found) -> None:
    """Add to what a source sent of a model on a day."""
    own = (table.c.model == model) & (table.c.source == source) & (table.c.day == day)
    change = table.update().where(own)
    change = change.values({each.name: table.c[each.name] + getattr(more, each.name) for each in fields(Found)})
    row = {"model": model, "source": source, "day": day}
    row |= {each.name: getattr(more, each.name) for each in fields(Found)}
    if not connection.execute(change).rowcount and not insert_once(connection, table, row):
        connection.execute(change)


def by_source(
    connection: Connection, first: date, last: date, model: str | None = None
) -> Mapping[tuple[str, str], Found]:
    """The sums of some days, both included, by model and source."""
    sums = [func.sum(table.c[each.name]) for each in fields(Found)]
    found = select(table.c.model, table.c.source, *sums).where(table.c.day.between(first, last))
    if model is not None:
        found = found.where(table.c.model == model)
    grouped = found.group_by(table.c.model, table.c.source).order_by(table.c.model, table.c.source)
    return {(row[0], row[1]): Found(*(int(value) for value in row[2:])) for row in connection.execute(grouped)}
