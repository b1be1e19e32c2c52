"""The evidence of retention in the audit log: one record a run, with a digest of what was deleted since the last.

Deletions are many, so each is a row of its own table; the digest makes that table's rows as unchangeable as the log.
"""

import hashlib
import json
from collections import Counter
from datetime import datetime

from aimon.govern.audit import AuditTrail
from aimon.store import audit, expirations
from aimon.store.locks import lock

ACTION = "retention.delete"
SUBJECT = "retention"


def seal_deletions(trail: AuditTrail, by: str) -> int:
    """Record what was deleted and is not recorded yet, also what a killed run deleted; how many deletions that is."""
    with trail.change(by) as change:
        lock(change.connection, ACTION)
        last = audit.query(change.connection, action=ACTION, limit=1)
        since = datetime.fromisoformat(json.loads(last[0].detail)["until"]) if last else None
        found = expirations.carried_out(change.connection, after=since)
        until = max((each.deleted_at for each in found if each.deleted_at is not None), default=None)
        if until is not None:
            change.note(
                ACTION,
                SUBJECT,
                deletions=len(found),
                kinds=dict(sorted(Counter(each.kind for each in found).items())),
                since=None if since is None else since.isoformat(),
                until=until.isoformat(),
                sha256=digest(found),
            )
    return len(found)


def digest(found: list[expirations.Expiration]) -> str:
    """The SHA-256 of the deletions as `aimon retention evidence --json` prints them, a line each, the first first."""
    lines = (json.dumps(each.as_json(), sort_keys=True, ensure_ascii=False) for each in found)
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
