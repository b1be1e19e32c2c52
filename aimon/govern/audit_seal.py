"""The seal of one audit record: a keyed hash over its texts and over the seal of the record before."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from aimon import clock
from aimon.keyring import Key
from aimon.store.audit import AuditRow
from aimon.store.columns import dump_json

PURPOSE = "audit"
FIRST = "0" * 64
"""What stands in the first record where the others name the seal before them."""
LONGEST_NAME = 500
LONGEST_DETAIL = 20_000


@dataclass(frozen=True, slots=True)
class Note:
    """What is going to be recorded: who did what to which thing."""

    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def sealed(note: Note, after: AuditRow | None, key: Key) -> AuditRow:
    """The record that follows `after`; the first one follows nothing."""
    detail = dump_json(dict(note.detail))
    if len(detail) > LONGEST_DETAIL:
        detail = dump_json({"cut": detail[:LONGEST_DETAIL], "characters": len(detail)})
    row = AuditRow(
        sequence=1 if after is None else after.sequence + 1,
        instant=clock.now().astimezone(UTC).isoformat(timespec="microseconds"),
        actor=_storable(note.actor[:LONGEST_NAME]),
        action=_storable(note.action[:LONGEST_NAME]),
        subject=_storable(note.subject[:LONGEST_NAME]),
        detail=_storable(detail),
        key_id=key.id,
        previous_mac=FIRST if after is None else after.mac,
        mac="",
    )
    return replace(row, mac=seal_of(row, key))


def seal_of(row: AuditRow, key: Key) -> str:
    """The seal that the record must have."""
    return key.mac(PURPOSE, message(row))


def is_sealed(row: AuditRow, key: Key) -> bool:
    """Whether nothing of the record was changed since it was sealed."""
    expected, found = seal_of(row, key).encode(), row.mac.encode("utf-8", "surrogateescape")
    return hmac.compare_digest(expected, found)


def message(row: AuditRow) -> bytes:
    """Everything of the record that is sealed. Lengths stand before the texts, so that none runs into the next."""
    said = [row.instant, row.actor, row.action, row.subject, row.detail]
    texts = [str(row.sequence), *said, row.key_id, row.previous_mac]
    parts = [text.encode("utf-8", "surrogateescape") for text in texts]
    return b"".join(len(part).to_bytes(8) + part for part in parts)


def _storable(text: str) -> str:
    """The text as both databases take it: no NUL, no half characters."""
    return text.replace("\0", "").encode("utf-8", "backslashreplace").decode()
