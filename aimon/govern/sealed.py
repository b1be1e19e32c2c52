"""Sealed sums in the audit log. In: a manifest. Out: a record that pins it, and a refusal where none does.

A manifest names its inputs and its result by their digests, and its id is the digest of all that. So a record with the
id, in a chain that is whole, shows any later change to envelope, sum, manifest or record.
"""

from dataclasses import dataclass

from aimon.errors import SealedError
from aimon.govern.audit import AuditTrail, Change, told
from aimon.sealed.evaluator import Manifest
from aimon.sealed.join.evaluator import JoinManifest

ADDED, JOINED = "sealed.add", "sealed.join"


@dataclass(frozen=True, slots=True)
class Noted:
    """Where the log has a sum."""

    sequence: int
    at: str


def note_sum(change: Change, manifest: Manifest | JoinManifest) -> None:
    """Record that this sum was made, in the transaction that keeps it."""
    change.note(action_of(manifest), subject_of(manifest), **_detail(manifest))


def check_noted(trail: AuditTrail, manifest: Manifest | JoinManifest) -> Noted:
    """Where the log has the sum. SealedError where it has not, or where the log itself was changed."""
    found = trail.verify()
    if not found.ok:
        raise SealedError(f"the audit log does not prove anything: {found.fault}")
    for row in trail.rows(action=action_of(manifest), subject=subject_of(manifest)):
        if told(row)["detail"] == _detail(manifest):
            return Noted(row.sequence, row.instant)
    raise SealedError(
        f"the audit log has no record of the manifest {manifest.id[:16]}: it was changed since, or made elsewhere"
    )


def action_of(manifest: Manifest | JoinManifest) -> str:
    """What was done to make it."""
    return JOINED if isinstance(manifest, JoinManifest) else ADDED


def subject_of(manifest: Manifest | JoinManifest) -> str:
    """The name of a sum in the log."""
    return f"sealed-sum:{manifest.id}"


def _detail(manifest: Manifest | JoinManifest) -> dict[str, object]:
    """What the record says besides the id; the inputs themselves may be too many for a record."""
    if isinstance(manifest, JoinManifest):
        made: dict[str, object] = {"parts": {part: list(each) for part, each in manifest.parts.items()}}
        made["seed"] = manifest.seed_digest
    else:
        made = {"digests": list(manifest.digests)}
    return {
        "model": manifest.model,
        "key": manifest.key_id,
        "layout": manifest.layout_id,
        "envelopes": len(manifest.inputs),
        "rows": manifest.rows,
        **made,
    }
