"""The records that stand for a model in a line of the overview, day by day, and whether they changed since.

They are read from an index that holds nothing else, so that a month of 500 models costs little among any number of
records.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from aimon.store.columns import Label
from aimon.store.once import insert_once
from aimon.store.tables import records, revisions
from aimon.store.tables.headlines import ESTIMATES, GAPS, PERFORMANCE, condition

__all__ = ["ESTIMATES", "GAPS", "PERFORMANCE", "Headline", "changed", "drift_scores", "of_models", "revisions_of"]

MOST_AT_ONCE = 50
"""More models than these are read with all others: asking for each costs more."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One number of a model's day."""

    day: date
    metric: str
    column: Label | None
    value: float | None
    low: float | None
    high: float | None
    threshold: float | None
    verdict: str
    maturity: str | None


def changed(connection: Connection, model: str) -> None:
    """Note that the model's records are others now."""
    more = update(revisions).where(revisions.c.model == model).values(number=revisions.c.number + 1)
    if connection.execute(more).rowcount == 0 and not insert_once(connection, revisions, {"model": model, "number": 1}):
        connection.execute(more)


def revisions_of(connection: Connection) -> dict[str, int]:
    """How often each model's records were replaced."""
    rows = connection.execute(select(revisions.c.model, revisions.c.number))
    return {row.model: row.number for row in rows}


def of_models(
    connection: Connection, *, since: date, labelled_since: date, models: Collection[str] | None = None
) -> dict[str, list[Headline]]:
    """What stands for each model (default: all) on the days since, in the order of days.

    What labels say is known late, and told from an earlier day on.
    """
    narrowed = or_(records.c.day >= since, records.c.metric.in_(PERFORMANCE))
    if models is not None and len(models) <= MOST_AT_ONCE:
        wanted = _wanted(labelled_since).where(narrowed)
        return {model: own for model in models if (own := _of(connection, wanted, model))}
    found: dict[str, list[Headline]] = {}
    wanted = _wanted(labelled_since, records.c.model).where(narrowed)
    for model, *told in connection.execute(wanted):
        if models is None or model in models:
            found.setdefault(model, []).append(Headline(*told))
    return found


def drift_scores(connection: Connection, *, since: date, model: str | None = None) -> dict[str, list[Headline]]:
    """The drift score of each model, or of the one, and each day since."""
    wanted = _wanted(since, records.c.model).where(records.c.metric == "drift_score")
    if model is not None:
        wanted = wanted.where(records.c.model == model)
    found: dict[str, list[Headline]] = {}
    for of_model, *told in connection.execute(wanted).all():
        found.setdefault(of_model, []).append(Headline(*told))
    return found


def _of(connection: Connection, wanted: Select[Any], model: str) -> list[Headline]:
    return [Headline(*row) for row in connection.execute(wanted.where(records.c.model == model))]


def _wanted(since: date, *more: Any) -> Select[Any]:
    own = records.c
    columns = (own.day, own.metric, own.column, own.value, own.low, own.high, own.threshold, own.verdict, own.maturity)
    return select(*more, *columns).where(condition(), own.day >= since).order_by(own.model, own.day)
