"""Retention: what is older than its setting allows is deleted, and there is evidence of each deletion.

The evidence is written before and confirmed after, so that a killed run is finished by the next and told once.
Baselines and grids stay: a baseline of days that are gone keeps its counts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from aimon.clock import DAY, day_start
from aimon.errors import UserError
from aimon.govern.kinds import ARTIFACTS, LOGS, Kind, Rule, rules
from aimon.govern.lake import LakeDay, delete, files_over, is_begun, lake_day, remains, weigh
from aimon.govern.logs import delete_log, log_path, logs_over
from aimon.lake.lake import Lake
from aimon.spec.settings import Retention
from aimon.store import aged, expirations
from aimon.store.expirations import Deletion, Expiration
from aimon.store.store import Store

ROWS = (Kind.INBOX, Kind.RECORDS, Kind.USAGE, Kind.FOUND_PII)
WORDS = (Kind.LABELS, Kind.FEEDBACK)


@dataclass(slots=True)
class Evidence:
    """What a run deleted, or would delete, and a sentence for each thing that could not be."""

    dry_run: bool
    expired: list[Deletion] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @contextmanager
    def spared(self) -> Iterator[None]:
        """Note what fails inside, so that the rest is deleted all the same."""
        try:
            yield
        except UserError as error:
            self.problems.append(str(error))


def expire(
    lake: Lake, store: Store, policy: Retention, now: datetime, *, logs: Path | None = None, dry_run: bool = False
) -> Evidence:
    """Delete everything whose time is over at the instant; with `dry_run` only tell what that is.

    `logs` is the folder of the service's logs, where there is one.
    """
    evidence, each = Evidence(dry_run), rules(policy, now)
    if not dry_run:
        _settle(lake, store, logs, each, evidence)
    for model in lake.models():
        with evidence.spared():
            for day in filter(each[Kind.PREDICTIONS].is_over, lake.days(model)):
                _lake_day(lake, store, LakeDay(Kind.PREDICTIONS, model, day), each[Kind.PREDICTIONS], evidence)
    for kind in ARTIFACTS:
        with evidence.spared():
            for found in files_over(lake, kind, each[kind]):
                _lake_day(lake, store, found, each[kind], evidence)
    for kind in ROWS:
        _rows(store, kind, each[kind], evidence)
    for kind in WORDS:
        _words(store, kind, each[kind], evidence)
    if logs is not None:
        for kind in LOGS:
            _logs(logs, store, kind, each[kind], evidence)
    return evidence


def _settle(lake: Lake, store: Store, logs: Path | None, each: dict[Kind, Rule], evidence: Evidence) -> None:
    """Finish what a killed run had begun to delete, and take back what it only announced and may stay now."""
    with store.session() as connection:
        announced = expirations.pending(connection)
    for one in announced:
        kind = Kind(one.kind)
        if kind in LOGS:
            if logs is not None and not log_path(logs, kind, one.day).exists():
                with store.transaction() as connection:
                    evidence.expired.append(expirations.confirm(connection, one))
            continue
        with evidence.spared():
            found = lake_day(lake, kind, one.model, one.day)
            if is_begun(lake, found, one.files):
                _delete(lake, store, found, each[kind], one, evidence)
            elif not each[kind].is_over(one.day):
                with store.transaction() as connection:
                    expirations.withdraw(connection, one)


def _lake_day(lake: Lake, store: Store, found: LakeDay, rule: Rule, evidence: Evidence) -> None:
    """Delete what the lake has of one kind, model and day. What cannot be deleted is noted."""
    with evidence.spared():
        weight = weigh(lake, found)
        if weight is None:
            return
        deletion = Deletion(
            kind=found.kind.value,
            model=found.model,
            day=found.day,
            policy=str(rule),
            files=weight.files,
            rows=weight.rows,
            bytes=weight.bytes,
            sha256=weight.sha256,
        )
        if evidence.dry_run:
            evidence.expired.append(deletion)
            return
        with store.transaction() as connection:
            expirations.hold(connection, deletion)
            if not remains(lake, found):  # another run was faster
                return
            announced = expirations.announce(connection, deletion)
        _delete(lake, store, found, rule, announced, evidence)


def _delete(lake: Lake, store: Store, found: LakeDay, rule: Rule, announced: Expiration, evidence: Evidence) -> None:
    delete(lake, found, rule)
    with store.transaction() as connection:
        evidence.expired.append(expirations.confirm(connection, announced))


def _logs(folder: Path, store: Store, kind: Kind, rule: Rule, evidence: Evidence) -> None:
    """Delete log files of one category."""
    for path, deletion in logs_over(folder, kind, rule):
        if evidence.dry_run:
            evidence.expired.append(deletion)
            continue
        with evidence.spared():
            with store.transaction() as connection:
                announced = expirations.announce(connection, deletion)
            delete_log(path)
            with store.transaction() as connection:
                evidence.expired.append(expirations.confirm(connection, announced))


def _rows(store: Store, kind: Kind, rule: Rule, evidence: Evidence) -> None:
    """Delete rows of the operations database by model and day."""
    with store.session() as connection:
        over = list(aged.dated(connection, kind.value, rule.before))
    for found in over:
        deletion = Deletion(kind=kind.value, model=found.model, day=found.day, policy=str(rule), rows=found.rows)
        delete_rows = partial(aged.delete_dated, kind=kind.value, model=found.model, day=found.day)
        _delete_rows(store, deletion, delete_rows, evidence)


def _words(store: Store, kind: Kind, rule: Rule, evidence: Evidence) -> None:
    """Delete what was said before the first day that is kept: the predictions it is about are older still."""
    before = day_start(rule.before)
    with store.session() as connection:
        over = aged.received(connection, kind.value, before)
    for model, rows in over.items():
        deletion = Deletion(kind=kind.value, model=model, day=rule.before - DAY, policy=str(rule), rows=rows)
        delete_words = partial(aged.delete_received, kind=kind.value, model=model, before=before)
        _delete_rows(store, deletion, delete_words, evidence)


def _delete_rows(
    store: Store, deletion: Deletion, delete_rows: Callable[[Connection], int], evidence: Evidence
) -> None:
    """Delete rows and write the evidence in one transaction."""
    if evidence.dry_run:
        evidence.expired.append(deletion)
        return
    with store.transaction() as connection:
        gone = delete_rows(connection)
        if gone:
            announced = expirations.announce(connection, replace(deletion, rows=gone))
            evidence.expired.append(expirations.confirm(connection, announced))
