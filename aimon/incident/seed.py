"""Incidents from the check evaluations that the orchestrator tells of. Each is taken exactly once.

Each evaluation is one transaction that begins with its unique key, so a reader may stop anywhere, start again, or run
twice at the same time: what was taken is skipped, what was not is taken whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import found, inhibit
from aimon.incident.attach import (
    Attached,
    Difference,
    Origin,
    attach_news,
    clear,
    compare,
    explain,
    settle,
)
from aimon.incident.cause import CHECK_FAMILIES
from aimon.incident.evaluation import DATA_VERSION, Evaluation
from aimon.incident.grouping import by_cause
from aimon.incident.lifecycle_clean import resolve_clean
from aimon.store import Store, evaluations, findings, records, registry
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
    origin = Origin(
        at=clock.now(),
        evaluation_key=evaluation.key,
        run_id=evaluation.run_id,
        label_horizon=registry.label_horizon(connection, model),
        data_version=evaluation.metadata.get(DATA_VERSION),
    )
    if evaluation.passed:
        clear(connection, [old for old in earlier if old.cleared_at is None], origin)
        done = []
    else:
        alarming = records.alarming(connection, model=model, day=day, families=families)
        alarms = [found.of_record(each) for each in alarming] or [found.of_check(evaluation)]
        done = _attach_causes(connection, evaluation, compare(alarms, earlier), origin)
    resolve_clean(connection, model=model, check=evaluation.check, day=day, origin=origin)
    return result_of(done)


def _attach_causes(
    connection: Connection, evaluation: Evaluation, difference: Difference, origin: Origin
) -> list[Attached]:
    """Attach what was found to the incident of each cause. What faults of the data may explain is held against them."""
    settle(connection, difference, origin)
    model, done = evaluation.model, list[Attached]()
    if inhibit.EXPLAINED & set(CHECK_FAMILIES.get(evaluation.check, ())):
        done += inhibit.take_faults(connection, model, difference, origin)
        of_labels, difference = inhibit.take_labels(connection, model, difference, origin)
        told, difference = inhibit.explained(connection, model, difference, origin)
        done += [*of_labels, *(explain(connection, incident, part, origin) for incident, part in told)]
    for cause, part in by_cause(connection, model, difference, origin):
        done.append(attach_news(connection, cause, part, origin))
    return done


def result_of(done: Sequence[Attached]) -> SeedResult:
    """One evaluation that was taken, and what came of it."""
    opened = tuple(each.opened for each in done if each.opened is not None)
    return SeedResult(read=1, new=1, opened=opened, notices=sum(each.notices for each in done))
