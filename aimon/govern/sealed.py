"""Sealed sums in the audit log. In: a manifest. Out: a record that pins it, and a refusal where none does.

A manifest names its inputs and its result by their digests, and its id is the digest of all that. So a record with the
id, in a chain that is whole, shows any later change to envelope, sum, manifest or record.
"""

from dataclasses import dataclass

from aimon.errors import SealedError
from aimon.govern.audit import AuditTrail, Change, told
from aimon.sealed.evaluator import Manifest
from aimon.sealed.join.evaluator import JoinManifest
from aimon.sealed.scores import ScoreManifest
from aimon.sealed.trend import SlopeManifest

ADDED, JOINED, SCORED, WEIGHTED = "sealed.add", "sealed.join", "sealed.score", "sealed.trend"
Noteworthy = Manifest | JoinManifest | ScoreManifest | SlopeManifest


@dataclass(frozen=True, slots=True)
class Noted:
    """Where the log has a sum."""

    sequence: int
    at: str


def note_sum(change: Change, manifest: Noteworthy) -> None:
    """Record that this sum was made, in the transaction that keeps it."""
    change.note(action_of(manifest), subject_of(manifest), **_detail(manifest))


def check_noted(trail: AuditTrail, manifest: Noteworthy) -> Noted:
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


def action_of(manifest: Noteworthy) -> str:
    """What was done to make it."""
    match manifest:
        case JoinManifest():
            return JOINED
        case ScoreManifest():
            return SCORED
        case SlopeManifest():
            return WEIGHTED
    return ADDED


def subject_of(manifest: Noteworthy) -> str:
    """The name of a sum in the log."""
    return f"sealed-sum:{manifest.id}"


def _detail(manifest: Noteworthy) -> dict[str, object]:
    """What the record says besides the id; the inputs themselves may be too many for a record."""
    rows = sum(manifest.rows.values()) if isinstance(manifest, SlopeManifest) else manifest.rows
    return {
        "model": manifest.model,
        "key": manifest.key_id,
        "layout": manifest.plan_id if isinstance(manifest, ScoreManifest) else manifest.layout_id,
        "envelopes": len(manifest.inputs),
        "rows": rows,
        **_results(manifest),
    }


def _results(manifest: Noteworthy) -> dict[str, object]:
    match manifest:
        case JoinManifest():
            parts = {part: list(each) for part, each in manifest.parts.items()}
            return {"parts": parts, "seed": manifest.seed_digest}
        case ScoreManifest():
            return {"day": manifest.day.isoformat(), "windows": {n: w.digest for n, w in manifest.windows.items()}}
    return {"digests": list(manifest.digests)}
