"""Incidents from what the orchestrator tells: check evaluations and failed runs. Each is taken exactly once.

Each evaluation is one transaction that begins with its unique key, so a reader may stop anywhere, start again, or run
twice at the same time: what was taken is skipped, what was not is taken whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import found, inhibit
from aimon.incident.attach import (
    Attached,
    Difference,
    Origin,
    attach,
    attach_news,
    clear,
    compare,
    explain,
    settle,
)
from aimon.incident.cause import CHECK_FAMILIES, Cause, Kind
from aimon.incident.evaluation import Evaluation
from aimon.incident.grouping import by_cause
from aimon.incident.lifecycle_clean import resolve_clean
from aimon.store import Store, evaluations, findings, records
from aimon.store.evaluations import StoredEvaluation
from aimon.store.locks import lock
from aimon.verdict.record import Family


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What became of the evaluations that were handed over."""

    read: int = 0
    new: int = 0
    opened: tuple[int, ...] = ()
    notices: int = 0

    def __add__(self, other: "SeedResult") -> "SeedResult":
        return SeedResult(
            self.read + other.read, self.new + other.new, self.opened + other.opened, self.notices + other.notices
        )


def open_from_evaluations(store: Store, told: Iterable[Evaluation]) -> SeedResult:
    """Take each evaluation that is not known yet: open, continue or worsen incidents, and put their notices."""
    read = list(told)
    with store.session() as connection:
        known = evaluations.known(connection, [evaluation.key for evaluation in read])
    new = [evaluation for evaluation in read if evaluation.key not in known]
    result = SeedResult(read=len(read) - len(new))
    for evaluation in new:
        with store.transaction() as connection:
            result += _take(connection, evaluation)
    return result


def report_failure(
    store: Store, *, model: str, step: str, run_id: str, message: str, day: date | None = None
) -> SeedResult:
    """Take the failure of a step in a run, once: one incident for each model and step, however many runs fail."""
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
        metadata={"message": message[: found.NOTE_LENGTH]},
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
    return _result([attached])


def _take(connection: Connection, evaluation: Evaluation) -> SeedResult:
    stored = evaluation.stored()
    if not evaluations.add(connection, stored):
        return SeedResult(read=1)
    model, day = evaluation.model, evaluation.day
    lock(connection, "cause", model)
    if evaluations.is_superseded(connection, stored):
        return SeedResult(read=1, new=1)
    families = CHECK_FAMILIES.get(evaluation.check, ())
    earlier = findings.of_day(connection, model=model, day=day, families={evaluation.check, *families})
    origin = Origin(at=clock.now(), evaluation_key=evaluation.key, run_id=evaluation.run_id)
    if evaluation.passed:
        clear(connection, [old for old in earlier if old.cleared_at is None], origin)
        done = []
    else:
        alarming = records.alarming(connection, model=model, day=day, families=families)
        alarms = [found.of_record(each) for each in alarming] or [found.of_check(evaluation)]
        done = _attach_causes(connection, evaluation, compare(alarms, earlier), origin)
    resolve_clean(connection, model=model, check=evaluation.check, day=day, origin=origin)
    return _result(done)


def _attach_causes(
    connection: Connection, evaluation: Evaluation, difference: Difference, origin: Origin
) -> list[Attached]:
    """Attach what was found to the incident of each cause. A drift is first held against the faults of the data."""
    settle(connection, difference, origin)
    model, done = evaluation.model, list[Attached]()
    if Family.DRIFT in CHECK_FAMILIES.get(evaluation.check, ()):
        done += inhibit.take_faults(connection, model, difference, origin)
        told, difference = inhibit.explained(connection, model, difference)
        done += [explain(connection, incident, part, origin) for incident, part in told]
    for cause, part in by_cause(connection, model, difference, origin):
        done.append(attach_news(connection, cause, part, origin))
    return done


def _result(done: Sequence[Attached]) -> SeedResult:
    opened = tuple(each.opened for each in done if each.opened is not None)
    return SeedResult(read=1, new=1, opened=opened, notices=sum(each.notices for each in done))
