"""Incidents from what the orchestrator tells: check evaluations and failed runs. Each is taken exactly once.

Each evaluation is one transaction that begins with its unique key, so a reader may stop anywhere, start again, or run
twice at the same time: what was taken is skipped, what was not is taken whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import found
from aimon.incident.attach import Attached, Origin, attach, clear, compare
from aimon.incident.cause import CHECK_FAMILIES, Cause, Kind
from aimon.incident.evaluation import Evaluation
from aimon.incident.lifecycle_clean import resolve_clean
from aimon.store import Store, evaluations, findings, records
from aimon.store.evaluations import StoredEvaluation
from aimon.store.locks import lock


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
    return _result(attached)


def _take(connection: Connection, evaluation: Evaluation) -> SeedResult:
    stored = evaluation.stored()
    if not evaluations.add(connection, stored):
        return SeedResult(read=1)
    cause = Cause(Kind.FINDINGS, evaluation.model, evaluation.check)
    lock(connection, "cause", cause.model)
    if evaluations.is_superseded(connection, stored):
        return SeedResult(read=1, new=1)
    families = CHECK_FAMILIES.get(evaluation.check, ())
    model, day = evaluation.model, evaluation.day
    earlier = findings.of_day(connection, model=model, day=day, families={evaluation.check, *families})
    origin = Origin(at=clock.now(), evaluation_key=evaluation.key, run_id=evaluation.run_id)
    if evaluation.passed:
        clear(connection, [old for old in earlier if old.cleared_at is None], origin)
        result = SeedResult(read=1, new=1)
    else:
        alarming = records.alarming(connection, model=model, day=day, families=families)
        alarms = [found.of_record(each) for each in alarming] or [found.of_check(evaluation)]
        result = _result(attach(connection, cause, compare(alarms, earlier), origin))
    resolve_clean(connection, model=model, check=evaluation.check, day=day, origin=origin)
    return result


def _result(attached: Attached) -> SeedResult:
    opened = () if attached.opened is None else (attached.opened,)
    return SeedResult(read=1, new=1, opened=opened, notices=attached.notices)
