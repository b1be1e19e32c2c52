"""The front door: a password, a key, a token or a cookie in; a principal or a session out, or why not."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from aimon import clock
from aimon.access import keys, lockout, passwords, tokens
from aimon.access.denied import DeniedError
from aimon.access.rights import OF_ROLE, Principal, Role
from aimon.access.users import normal
from aimon.errors import UserError
from aimon.govern.audit import AuditTrail, Change
from aimon.keyring import Keyring
from aimon.store import Store, sessions, users
from aimon.store.sessions import Kind, Session
from aimon.store.users import User

LASTS = {Kind.BROWSER: timedelta(hours=12), Kind.TOKEN: timedelta(days=30)}
IDLE = {Kind.BROWSER: timedelta(hours=2), Kind.TOKEN: timedelta(days=7)}
USED_EVERY = timedelta(minutes=5)
REMEMBERED = timedelta(days=30)
"""How long an ended session is kept, so that a stolen token of it is still recognised."""
_SESSION_BYTES = 16


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program gets for a login or a refresh."""

    access: str
    refresh: str
    expires_in: int


class Accounts:
    """Everybody who may come in. One per process; threads share it."""

    def __init__(self, store: Store, trail: AuditTrail, keyring: Keyring) -> None:
        self.store = store
        self.trail = trail
        self.keyring = keyring

    def log_in(self, name: str, password: str, *, address: str, kind: Kind) -> tuple[User, str]:
        """The person and the number of their new session. Raises `DeniedError`; the same for every reason."""
        claimed = _claimed(name)
        lockout.attempt(self.store, self.keyring, claimed, address)
        with self.store.session() as connection:
            user = users.named(connection, claimed)
        right = passwords.matches(None if user is None else user.password_hash, password)
        if user is None or not right or user.disabled_at is not None:
            reason = "unknown user" if user is None else "disabled" if right else "wrong password"
            raise DeniedError(reason, about="" if user is None else f"user:{user.name}")
        lockout.succeeded(self.store, self.keyring, claimed, address)
        return user, self.begin(user, kind, rehash=password)

    def begin(self, user: User, kind: Kind, *, rehash: str | None = None) -> str:
        """Begin a session of somebody who was recognised; its number."""
        now, number = clock.now(), secrets.token_urlsafe(_SESSION_BYTES)
        with self.trail.change(f"user:{user.name}") as change:
            sessions.purge(change.connection, before=now - REMEMBERED)
            sessions.add(change.connection, id=number, user_id=user.id, kind=kind, at=now, expires_at=now + LASTS[kind])
            if rehash is not None and user.password_hash is not None and passwords.is_outdated(user.password_hash):
                users.change(change.connection, user.id, at=now, password_hash=passwords.hashed(rehash))
            change.note("sessions.begin", f"session:{_short(number)}", kind=kind.value)
        return number

    def tokens(self, user_id: int, session_id: str, generation: int = 1) -> Tokens:
        """The pair of tokens of a session."""
        return Tokens(
            access=tokens.access_token(self.keyring, user_id, session_id),
            refresh=tokens.refresh_token(self.keyring, session_id, generation),
            expires_in=int(tokens.ACCESS_FOR.total_seconds()),
        )

    def refresh(self, token: str) -> Tokens:
        """The next pair of tokens. A token that was used before ends the whole session: one of two has stolen it."""
        session_id, generation = tokens.refresh_claims(self.keyring, token)
        with self.trail.change("system") as change:
            session = sessions.get(change.connection, session_id, hold=True)
            refusal = self._refused(change, session, generation)
            if session is not None and refusal is None:
                now = clock.now()
                sessions.touch(change.connection, session_id, at=now, generation=generation + 1)
        if session is None or refusal is not None:
            raise DeniedError(refusal or "unknown session", about=f"session:{_short(session_id)}")
        return self.tokens(session.user_id, session_id, generation + 1)

    def end(self, principal: Principal, session_id: str, *, because: str = "logged out") -> bool:
        """End a session; False where it was over."""
        with self.trail.change(principal.name) as change:
            ended = sessions.end(change.connection, session_id, at=clock.now(), because=because)
            if ended:
                change.note("sessions.end", f"session:{_short(session_id)}", because=because)
        return ended

    def of_bearer(self, shown: str) -> Principal:
        """Whose key or access token this is."""
        if not tokens.is_access_token(shown):
            return keys.recognised(self.store, self.keyring, shown)
        claims = tokens.access_claims(self.keyring, shown)
        session, user = self._standing(claims.session_id, Kind.TOKEN)
        if user.id != claims.user_id:
            raise DeniedError("the token names another user", about=f"session:{_short(session.id)}")
        return _principal(user, session)

    def of_cookie(self, value: str) -> Principal:
        """Whose browser this is."""
        session, user = self._standing(tokens.cookie_session(self.keyring, value), Kind.BROWSER)
        if clock.now() - session.used_at > USED_EVERY:
            with self.store.transaction() as connection:
                sessions.touch(connection, session.id, at=clock.now())
        return _principal(user, session)

    def _standing(self, session_id: str, kind: Kind) -> tuple[Session, User]:
        """The session, if it stands, and the person, if they may still come in."""
        with self.store.session() as connection:
            session = sessions.get(connection, session_id)
            user = None if session is None else users.get(connection, session.user_id)
        about = f"session:{_short(session_id)}"
        if session is None or user is None or session.kind is not kind:
            raise DeniedError("unknown session", about=about)
        if (over := _over(session)) is not None:
            raise DeniedError(over, about=about)
        if user.disabled_at is not None:
            raise DeniedError("disabled", about=f"user:{user.name}")
        return session, user

    def _refused(self, change: Change, session: Session | None, generation: int) -> str | None:
        """Why there is no next token, or None. A token of an earlier generation ends the session."""
        if session is None or session.kind is not Kind.TOKEN:
            return "unknown session"
        if (over := _over(session)) is not None:
            return over
        user = users.get(change.connection, session.user_id)
        if user is None or user.disabled_at is not None:
            return "disabled"
        if generation == session.generation:
            return None
        sessions.end(change.connection, session.id, at=clock.now(), because="a refresh token was used twice")
        change.note("sessions.stolen", f"session:{_short(session.id)}", user=user.name, generation=generation)
        return "a refresh token was used twice"


def _principal(user: User, session: Session) -> Principal:
    return Principal(f"user:{user.name}", OF_ROLE[Role(user.role)], user.id, session.id, user.must_change)


def _over(session: Session) -> str | None:
    now = clock.now()
    if session.ended_at is not None:
        return "the session has ended"
    idle = now - session.used_at > IDLE[session.kind]
    return "the session has expired" if idle or now >= session.expires_at else None


def _claimed(name: str) -> str:
    """The name as it is kept; one that nobody can have is looked for as it is."""
    try:
        return normal(name)
    except UserError:
        return ascii(name[:200])


def _short(session_id: str) -> str:
    """As much of a session's number as may be logged."""
    return session_id[:8].encode("ascii", "replace").decode()
