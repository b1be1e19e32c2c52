"""The likely root of an incident, as far as the other incidents of its model tell: in a sentence, or none."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from aimon.incident.cause import Cause, Kind, named
from aimon.store import incidents, records
from aimon.store.incidents import Incident
from aimon.verdict.record import Family

ROOTS: dict[Kind, tuple[Kind, ...]] = {
    Kind.DRIFT: (Kind.DATA, Kind.FINDINGS),
    Kind.UNFAIR: (Kind.DATA, Kind.DRIFT),
    Kind.PERFORMANCE: (Kind.LABELS, Kind.DATA, Kind.DRIFT),
    Kind.LABELS: (Kind.FAILURE,),
    Kind.OPERATIONS: (Kind.FAILURE,),
    Kind.SILENCE: (Kind.FAILURE, Kind.FINDINGS),
}
"""Which kinds of trouble another kind may come from, the likeliest first."""


EXPLAINED = frozenset({Kind.DATA, Kind.DRIFT, Kind.UNFAIR, Kind.PERFORMANCE})
"""Kinds whose causes the search among whole rows may have found."""
TOLD = ("data_fault", "root_cause", "worst_segment")
"""What it finds, the most telling first: damaged columns, what each column costs, where it gathers."""


def likely(connection: Connection, cause: Cause, incident_id: int, day: date) -> str | None:
    """What it probably comes from: the fault itself where that is one, else trouble of the model that stands too.

    After it, what the search among the day's whole rows found.
    """
    said = [_of_kind(cause) or _standing(connection, cause, incident_id), *_searched(connection, cause, day)]
    return " ".join(sentence for sentence in said if sentence) or None


def _of_kind(cause: Cause) -> str | None:
    match cause.kind:
        case Kind.DATA:
            return f"the source of {cause.subject}: its values are not what they were in the baseline."
        case Kind.LABELS:
            return "the feed of the labels: their time is over and they are not there."
    return None


def _standing(connection: Connection, cause: Cause, incident_id: int) -> str | None:
    wanted = ROOTS.get(cause.kind, ())
    standing = incidents.query(connection, model=cause.model, historic=False, standing=True) if wanted else []
    others = [each for each in standing if each.id != incident_id and each.kind in wanted]
    first: Incident | None = min(others, key=lambda each: (wanted.index(Kind(each.kind)), each.id), default=None)
    return None if first is None else f"incident {first.id}, {first.title}."


def _searched(connection: Connection, cause: Cause, day: date) -> Iterator[str]:
    """The first sentence of each kind; of a column's own trouble, those that are about other columns are left out."""
    if cause.kind not in EXPLAINED:
        return
    found = records.query(connection, model=cause.model, since=day, until=day, family=Family.ESTIMATE, metric=TOLD)
    about_all = cause.kind in (Kind.UNFAIR, Kind.PERFORMANCE)
    for metric in TOLD:
        own = (each for each in found if each.metric == metric and each.reason)
        fitting = (each for each in own if about_all or each.column is None or named(each.column) == cause.subject)
        first = next(fitting, None)
        if first is not None:
            yield f"{str(first.reason).rstrip('.')}."
