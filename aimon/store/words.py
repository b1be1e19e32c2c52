"""What is said of predictions after they were made: labels and feedback, each source's latest word.

A word that is sent again, or that is older than the one which is known, changes nothing. Sources may disagree; none is
overwritten by another.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, Text, and_, cast, func, select, tuple_

from aimon import clock
from aimon.store.tables import feedback, labels

Opened = Callable[[str, Any], Any]
"""Gives the label of a prediction, by its id, as it was said: it may lie here encrypted."""


def _as_it_lies(_: str, label: Any) -> Any:
    return label


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What turned out to be true of a prediction, as one source has it."""

    model: str
    id: str
    source: str
    label: Any
    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Whether one source found a prediction right. `kind` is why it looked: review, dispute or sample."""

    model: str
    id: str
    source: str
    correct: bool
    kind: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """How often predictions of a class were looked at for a reason, and found right or wrong."""

    predicted: str | None
    kind: str
    correct: bool
    cases: int


def put_labels(connection: Connection, words: Sequence[Label]) -> int:
    """Keep the newer words; how many were."""
    rows = [
        {"model": each.model, "id": each.id, "source": each.source, "label": each.label, "timestamp": each.timestamp}
        for each in words
    ]
    return _put(connection, labels, rows, ("label",))


def put_feedback(connection: Connection, words: Sequence[Feedback]) -> int:
    """Keep the newer words; how many were."""
    rows = [
        {
            "model": each.model,
            "id": each.id,
            "source": each.source,
            "correct": each.correct,
            "kind": each.kind,
            "timestamp": each.timestamp,
        }
        for each in words
    ]
    return _put(connection, feedback, rows, ("correct", "kind"))


def lonely(connection: Connection, model: str) -> list[str]:
    """The predictions of which something was said, while the class that was predicted is not known yet."""
    found = select(feedback.c.id).where(feedback.c.model == model, feedback.c.predicted.is_(None)).distinct()
    return sorted(connection.execute(found).scalars())


def join_feedback(connection: Connection, model: str, predicted: Mapping[str, str]) -> int:
    """Note the class that was predicted beside what was said of it; how many words that is."""
    joined = 0
    for name, found in predicted.items():
        here = and_(feedback.c.model == model, feedback.c.id == name, feedback.c.predicted.is_(None))
        joined += connection.execute(feedback.update().where(here).values(predicted=found)).rowcount
    return joined


def judged(connection: Connection, model: str) -> list[Judged]:
    """The feedback of a model, a case each: of several sources the latest word."""
    newest = (
        select(feedback.c.id, func.max(feedback.c.timestamp).label("timestamp"))
        .where(feedback.c.model == model)
        .group_by(feedback.c.id)
        .subquery()
    )
    ranked = (
        select(feedback.c.id, func.min(feedback.c.source).label("source"))
        .join(newest, and_(feedback.c.id == newest.c.id, feedback.c.timestamp == newest.c.timestamp))
        .where(feedback.c.model == model)
        .group_by(feedback.c.id)
        .subquery()
    )
    columns = (feedback.c.predicted, feedback.c.kind, feedback.c.correct)
    found = (
        select(*columns, func.count())
        .where(feedback.c.model == model)
        .where(tuple_(feedback.c.id, feedback.c.source).in_(select(ranked.c.id, ranked.c.source)))
        .group_by(*columns)
    )
    return [Judged(*row) for row in connection.execute(found)]


def disagreements(connection: Connection, model: str, opened: Opened = _as_it_lies) -> tuple[int, int]:
    """How many predictions sources disagree about: by their labels, and by their feedback."""
    by_labels = sum(len(set(said)) > 1 for said in _labels_of_several(connection, model, opened))
    return by_labels, _disputed(connection, model)


def _labels_of_several(connection: Connection, model: str, opened: Opened) -> Iterator[list[str]]:
    """The labels of each prediction that more than one source labelled. Encrypted ones cannot be told apart in SQL."""
    several = select(labels.c.id).where(labels.c.model == model).group_by(labels.c.id).having(func.count() > 1)
    found = select(labels.c.id, labels.c.label).where(labels.c.model == model, labels.c.id.in_(several))
    for name, rows in groupby(connection.execute(found.order_by(labels.c.id)), key=lambda row: row.id):
        yield [json.dumps(opened(name, row.label)) for row in rows]


def _disputed(connection: Connection, model: str) -> int:
    split = (
        select(feedback.c.id)
        .where(feedback.c.model == model)
        .group_by(feedback.c.id)
        .having(func.count(func.distinct(cast(feedback.c.correct, Text))) > 1)
        .subquery()
    )
    return int(connection.execute(select(func.count()).select_from(split)).scalar_one())


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]], values: Sequence[str]) -> int:
    if not rows:
        return 0
    received = clock.now()
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        statement: Any = postgresql.insert(table)
    else:
        from sqlalchemy.dialects import sqlite

        statement = sqlite.insert(table)
    told = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["model", "id", "source"],
        set_={name: told[name] for name in (*values, "timestamp", "received_at")},
        where=told.timestamp > table.c.timestamp,
    )
    own = [{**row, "received_at": received} for row in rows]
    return connection.execute(statement, own, execution_options={"preserve_rowcount": True}).rowcount
