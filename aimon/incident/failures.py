"""Incidents from runs that failed: opened once for each model and step, and ended when the step succeeds.

Whoever knows the runs says so here: what failed, and, of what stands as failed, what has been made since.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from aimon import clock
from aimon.incident import found
from aimon.incident.attach import Origin, attach, clear, compare
from aimon.incident.cause import Cause, Kind
from aimon.incident.lifecycle_clean import end
from aimon.incident.seed import SeedResult, result_of
from aimon.store import Store, evaluations, findings, incidents
from aimon.store.evaluations import StoredEvaluation
from aimon.store.locks import lock


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that stands: the step, when it failed last, and which partitions were left undone, if that is known."""

    model: str
    step: str
    day: date
    failed_at: datetime
    partitions: tuple[str, ...]


def report_failure(
    store: Store,
    *,
    model: str,
    step: str,
    run_id: str,
    message: str,
    day: date | None = None,
    partitions: Iterable[str] = (),
) -> SeedResult:
    """Take the failure of a step in a run, once: one incident for each model and step, however many runs fail.

    `day` is the one on which it failed, today by default: a run of the past that fails is news.
    """
    now = clock.now()
    day = now.date() if day is None else day
    evaluation = StoredEvaluation(
        key=f"{run_id}|{step}|failure|{model}",
        run_id=run_id,
        asset=step,
        check="failure",
        model=model,
        day=day,
        severity="ERROR",
        passed=False,
        timestamp=now,
        metadata={"message": message[: found.NOTE_LENGTH], "partitions": sorted(partitions)},
    )
    with store.transaction() as connection:
        if not evaluations.add(connection, evaluation):
            return SeedResult(read=1)
        cause = Cause(Kind.FAILURE, model, step)
        lock(connection, "cause", cause.model)
        failure = found.of_failure(model, step, day, message)
        earlier = findings.of_day(connection, model=model, day=day, families=[found.RUN])
        same_step = [old for old in earlier if old.fingerprint == failure.fingerprint]
        origin = Origin(at=now, evaluation_key=evaluation.key, run_id=run_id)
        attached = attach(connection, cause, compare([failure], same_step), origin)
    return result_of([attached])


def standing_failures(store: Store) -> list[Failure]:
    """The failures that nothing has mended yet, the oldest first."""
    with store.session() as connection:
        standing = findings.standing(connection, family=found.RUN)
        known = evaluations.get(connection, [each.evaluation_key for each in standing if each.evaluation_key])
    return [
        Failure(
            each.model,
            each.metric,
            each.day,
            known[each.evaluation_key].timestamp,
            tuple(known[each.evaluation_key].metadata.get("partitions", ())),
        )
        for each in standing
        if each.evaluation_key in known
    ]


def mended(store: Store, failure: Failure) -> bool:
    """Note that what failed was done since. False where that was noted before.

    The incident of the step ends with the last of its failures; who heard of it hears of its end.
    """
    now = clock.now()
    with store.transaction() as connection:
        lock(connection, "cause", failure.model)
        of_day = findings.of_day(connection, model=failure.model, day=failure.day, families=[found.RUN])
        gone = [each for each in of_day if each.metric == failure.step and each.cleared_at is None]
        clear(connection, gone, Origin(at=now))
        for number in sorted({each.incident_id for each in gone}):
            of_incident = findings.of_incident(connection, number)
            left = [each for each in of_incident if each.cleared_at is None and each.family == found.RUN]
            incident = incidents.get(connection, number)
            if incident is not None and incident.resolved_at is None and not left:
                end(connection, incident, "the step succeeded since", Origin(at=now))
    return bool(gone)
