"""Rights, and who has which: by a person's role, or by the scopes of a program's key."""

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What can be allowed. Every route needs one of them."""

    SELF = "self"
    """Look at and change what is one's own: who am I, log out, change the password."""
    INGEST = "ingest"
    """Report predictions, labels and feedback."""
    READ = "read"
    """Read what was found."""
    AUDIT = "audit"
    """Read who did what: the audit log, users, keys."""
    AGENT = "agent"
    """Report from the outside what was computed there."""
    ADMIN = "admin"
    """Change anything."""


class Role(StrEnum):
    """What a person is. There is nothing between them."""

    VIEWER = "viewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a program's key is for."""

    INGEST = "ingest"
    READ = "read"
    AGENT = "agent"
    ADMIN = "admin"


EVERYTHING = frozenset(Right)
OF_ROLE = {
    Role.VIEWER: frozenset({Right.SELF, Right.READ}),
    Role.AUDITOR: frozenset({Right.SELF, Right.READ, Right.AUDIT}),
    Role.ADMIN: EVERYTHING,
}
OF_SCOPE = {
    Scope.INGEST: frozenset({Right.INGEST}),
    Scope.READ: frozenset({Right.READ}),
    Scope.AGENT: frozenset({Right.AGENT}),
    Scope.ADMIN: EVERYTHING - {Right.SELF},
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who was recognised: a name that may be logged, and rights."""

    name: str
    rights: frozenset[Right]
    user_id: int | None = None
    session_id: str | None = None
    must_change: bool = False
    """Whether the password was given out once and must be changed before anything else."""

    def may(self, right: Right) -> bool:
        """Whether the right is among theirs now."""
        return right in self.rights and (right is Right.SELF or not self.must_change)
