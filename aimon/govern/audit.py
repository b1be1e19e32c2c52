"""The audit trail: every change and every denied request, recorded in the transaction of the change itself.

In: who did what to which thing. Out: sealed records, their verification, their export. Nothing here deletes.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from aimon.govern.audit_anchor import Anchor
from aimon.govern.audit_seal import Note, sealed
from aimon.govern.audit_verify import Verified, verify
from aimon.keyring import Keyring, open_keyring
from aimon.spec.settings import Settings
from aimon.store import Store, audit
from aimon.store.audit import AuditRow


@dataclass(slots=True)
class Change:
    """A transaction that is recorded. What is noted is sealed when the block ends, and with it kept or undone."""

    connection: Connection
    actor: str
    notes: list[Note] = field(default_factory=list)

    def note(self, action: str, subject: str, **detail: Any) -> None:
        """Record that the actor does this to that."""
        self.notes.append(Note(self.actor, action, subject, detail))


class AuditTrail:
    """The chain of one project. Processes and threads share it."""

    def __init__(self, store: Store, keyring: Keyring, anchor: Anchor) -> None:
        self.store = store
        self._keyring = keyring
        self._anchor = anchor

    @contextmanager
    def change(self, actor: str) -> Iterator[Change]:
        """A transaction to write with, in which what is done is noted."""
        with self._anchor.opened() as anchor:
            with self.store.transaction() as connection:
                change = Change(connection, actor)
                yield change
                added = self._seal(connection, change.notes)
            anchor.write(added)

    def note(self, actor: str, action: str, subject: str, **detail: Any) -> None:
        """Record something that changes nothing, such as a denied request."""
        with self.change(actor) as change:
            change.note(action, subject, **detail)

    def audited(self, actor: str, action: str, subject: str, **detail: Any) -> Store:
        """The store, each of whose transactions is recorded as this action."""
        return _AuditedStore(self, Note(actor, action, subject, detail))

    def rows(self, **narrowed: Any) -> list[AuditRow]:
        """Records, the newest first, narrowed and paged as `aimon.store.audit.query` does."""
        with self.store.session() as connection:
            return audit.query(connection, **narrowed)

    def scan(self) -> Iterator[AuditRow]:
        """Every record from the first."""
        with self.store.session() as connection:
            yield from audit.scan(connection)

    def verify(self) -> Verified:
        """Follow the whole chain and compare it with the anchor."""
        anchored = self._anchor.read()
        return verify(self.scan(), self._keyring, anchored)

    def _seal(self, connection: Connection, notes: list[Note]) -> list[AuditRow]:
        added: list[AuditRow] = []
        last = audit.hold_end(connection) if notes else None
        for note in notes:
            last = sealed(note, last, self._keyring.current)
            audit.add(connection, last)
            added.append(last)
        return added


class _AuditedStore(Store):
    """A store whose transactions leave a record. It shares the engine of the trail's own."""

    def __init__(self, trail: AuditTrail, note: Note) -> None:
        super().__init__(trail.store.engine)
        self._trail = trail
        self._note = note

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self._trail.change(self._note.actor) as change:
            yield change.connection
            change.notes.append(self._note)


def open_trail(settings: Settings, store: Store, keyring: Keyring | None = None) -> AuditTrail:
    """The project's audit trail."""
    keys = open_keyring(settings.root) if keyring is None else keyring
    return AuditTrail(store, keys, Anchor(anchor_path(settings)))


def anchor_path(settings: Settings) -> Path:
    """Where the project's anchor is."""
    return settings.root / settings.audit.anchor


def told(row: AuditRow) -> dict[str, Any]:
    """The record as the API and `--json` print it, with its detail opened."""
    plain = asdict(row)
    plain = {"sequence": plain.pop("sequence"), "at": plain.pop("instant"), **plain}
    try:
        plain["detail"] = json.loads(row.detail)
    except ValueError:
        plain["detail"] = {"unreadable": row.detail}
    return plain


def exported(row: AuditRow) -> str:
    """The record as a line of JSON with the very texts that were sealed, so that it can be verified elsewhere."""
    return json.dumps(asdict(row), ensure_ascii=True, sort_keys=True)


def imported(line: str) -> AuditRow:
    """The record that a line of an export holds; raises `ValueError` where it holds none."""
    told: Mapping[str, Any] = json.loads(line)
    try:
        row = AuditRow(**told)
    except TypeError as error:
        raise ValueError(str(error)) from error
    if not all(isinstance(value, int if name == "sequence" else str) for name, value in asdict(row).items()):
        raise ValueError("a field has another type")
    return row
