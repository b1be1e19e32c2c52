"""Verification of the audit chain: reads every record and names the first that is broken, missing or cut off."""

from collections.abc import Iterable
from dataclasses import dataclass

from aimon.govern.audit_anchor import Anchored
from aimon.govern.audit_seal import FIRST, is_sealed
from aimon.keyring import Keyring
from aimon.store.audit import AuditRow


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome. `fault` says what is wrong with record `broken`; `notes` are worth knowing and break nothing."""

    records: int
    anchored: int
    broken: int | None = None
    fault: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the chain is whole."""
        return self.fault is None


def verify(rows: Iterable[AuditRow], keyring: Keyring, anchored: Anchored) -> Verified:
    """Follow the chain from its first record. The anchor must have been read before the records."""
    notes = tuple(_notes(anchored))
    expected, previous = 1, FIRST
    for row in rows:
        fault = _fault(row, expected, previous, keyring, anchored.macs.get(row.sequence))
        if fault is not None:
            broken = min(expected, row.sequence)
            return Verified(expected - 1, anchored.head, broken, fault, notes)
        expected, previous = row.sequence + 1, row.mac
    if anchored.head >= expected:
        fault = f"records {expected:,} to {anchored.head:,} are missing: the end of the chain was cut off"
        if anchored.head == expected:
            fault = f"record {expected:,} is missing: the end of the chain was cut off"
        return Verified(expected - 1, anchored.head, expected, fault, notes)
    if not anchored.exists and expected > 1:
        fault = "the anchor is missing, so it cannot be told whether the end of the chain was cut off"
        return Verified(expected - 1, 0, None, fault, notes)
    return Verified(expected - 1, anchored.head, notes=notes)


def _fault(row: AuditRow, expected: int, previous: str, keyring: Keyring, anchored: str | None) -> str | None:
    """What is wrong with the record, or None."""
    if row.sequence != expected:
        return _gap(row.sequence, expected)
    key = keyring.get(row.key_id)
    if key is None:
        return (
            f"record {expected:,} was sealed with the key {row.key_id!r}, which is not known; if it was replaced, "
            "name its secret in AIMON_SECRET_PREVIOUS"
        )
    doubts = {
        "was changed after it was sealed": not is_sealed(row, key),
        "does not follow the record before it": row.previous_mac != previous,
        "is not the one that was anchored: the chain was replaced from here on": anchored not in (None, row.mac),
    }
    said = next((doubt for doubt, holds in doubts.items() if holds), None)
    return None if said is None else f"record {expected:,} {said}"


def _gap(found: int, expected: int) -> str:
    if found < expected:
        return f"record {found:,} stands where record {expected:,} must be"
    last = found - 1
    return f"record {last:,} is missing" if last == expected else f"records {expected:,} to {last:,} are missing"


def _notes(anchored: Anchored) -> Iterable[str]:
    if anchored.first > 1:
        yield f"the anchor begins with record {anchored.first:,}"
    if anchored.unreadable:
        yield f"{anchored.unreadable:,} lines of the anchor cannot be read"
