"""The likely root of an incident, as far as the other incidents of its model tell: in a sentence, or none."""

from sqlalchemy import Connection

from aimon.incident.cause import Cause, Kind
from aimon.store import incidents
from aimon.store.incidents import Incident

ROOTS: dict[Kind, tuple[Kind, ...]] = {
    Kind.DRIFT: (Kind.DATA, Kind.FINDINGS),
    Kind.UNFAIR: (Kind.DATA, Kind.DRIFT),
    Kind.PERFORMANCE: (Kind.LABELS, Kind.DATA, Kind.DRIFT),
    Kind.LABELS: (Kind.FAILURE,),
    Kind.OPERATIONS: (Kind.FAILURE,),
    Kind.SILENCE: (Kind.FAILURE, Kind.FINDINGS),
}
"""Which kinds of trouble another kind may come from, the likeliest first."""


def likely(connection: Connection, cause: Cause, incident_id: int) -> str | None:
    """What it probably comes from: the fault itself where that is one, else trouble of the model that stands too."""
    match cause.kind:
        case Kind.DATA:
            return f"the source of {cause.subject}: its values are not what they were in the baseline."
        case Kind.LABELS:
            return "the feed of the labels: their time is over and they are not there."
    wanted = ROOTS.get(cause.kind, ())
    standing = incidents.query(connection, model=cause.model, historic=False, standing=True) if wanted else []
    others = [each for each in standing if each.id != incident_id and each.kind in wanted]
    first: Incident | None = min(others, key=lambda each: (wanted.index(Kind(each.kind)), each.id), default=None)
    return None if first is None else f"incident {first.id}, {first.title}."
