"""People: added, given roles, disabled, their passwords set. The last admin can be neither disabled nor demoted."""

import re

from aimon import clock
from aimon.access import passwords
from aimon.access.denied import DeniedError
from aimon.access.rights import Role
from aimon.errors import ConflictError, MissingError, UserError
from aimon.govern.audit import Change
from aimon.store import sessions, users
from aimon.store.locks import lock
from aimon.store.users import User

FIRST_ADMIN = "admin"
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


def add(
    change: Change, name: str, role: Role, *, email: str | None = None, password: str | None = None
) -> tuple[User, str | None]:
    """Add somebody. Without a password they get one that is given back here, once, and must be changed at login."""
    plain = normal(name)
    if users.named(change.connection, plain) is not None:
        raise ConflictError(f"there is a user {plain} already; choose another name")
    if password is not None:
        passwords.check_choice(password, plain)
    given = passwords.one_time() if password is None else None
    number = users.add(
        change.connection,
        name=plain,
        email=email,
        role=role,
        password_hash=passwords.hashed(given or password or ""),
        must_change=given is not None,
        identity=None,
        at=clock.now(),
    )
    change.note("users.create", f"user:{plain}", role=role.value)
    return _numbered(change, number), given


def first_admin(change: Change) -> str | None:
    """Where there is nobody yet, add an admin; their password for the first login, or None where there is somebody."""
    lock(change.connection, "users")
    if users.count(change.connection):
        return None
    _, password = add(change, FIRST_ADMIN, Role.ADMIN)
    return password


def set_role(change: Change, name: str, role: Role) -> User:
    """Make somebody something else. They log in again."""
    user = existing(change, name)
    if user.role == role:
        return user
    _keep_an_admin(change, user)
    users.change(change.connection, user.id, at=clock.now(), role=role)
    _log_out(change, user, "role changed")
    change.note("users.role", f"user:{user.name}", role=role.value, before=user.role)
    return _numbered(change, user.id)


def disable(change: Change, name: str) -> User:
    """Let somebody in no more: their sessions end, their keys are refused."""
    user = existing(change, name)
    if user.disabled_at is not None:
        return user
    _keep_an_admin(change, user)
    users.change(change.connection, user.id, at=clock.now(), disabled_at=clock.now())
    _log_out(change, user, "disabled")
    change.note("users.disable", f"user:{user.name}")
    return _numbered(change, user.id)


def enable(change: Change, name: str) -> User:
    """Let somebody in again."""
    user = existing(change, name)
    if user.disabled_at is not None:
        users.change(change.connection, user.id, at=clock.now(), disabled_at=None)
        change.note("users.enable", f"user:{user.name}")
    return _numbered(change, user.id)


def reset_password(change: Change, name: str) -> str:
    """Give somebody a password for the next login; it is shown here, once."""
    user, given = existing(change, name), passwords.one_time()
    values = {"password_hash": passwords.hashed(given), "must_change": True}
    users.change(change.connection, user.id, at=clock.now(), **values)
    _log_out(change, user, "password reset")
    change.note("users.password_reset", f"user:{user.name}")
    return given


def choose_password(change: Change, user_id: int, old: str, new: str, *, session_id: str | None) -> None:
    """Change one's own password. Every other session ends. Raises `DeniedError` where the old one is wrong."""
    user = _numbered(change, user_id)
    if not passwords.matches(user.password_hash, old):
        raise DeniedError("wrong password", about=f"user:{user.name}")
    passwords.check_choice(new, user.name)
    if old == new:
        raise UserError("the new password is the old one; choose another")
    values = {"password_hash": passwords.hashed(new), "must_change": False}
    users.change(change.connection, user.id, at=clock.now(), **values)
    sessions.end_all(change.connection, user.id, at=clock.now(), because="password changed", but=session_id)
    change.note("users.password", f"user:{user.name}")


def existing(change: Change, name: str) -> User:
    """The user of that name; a sentence where there is none."""
    lock(change.connection, "users")
    user = users.named(change.connection, normal(name))
    if user is None:
        raise MissingError(f"there is no user {normal(name)}; list them to see who there is")
    return user


def normal(name: str) -> str:
    """The name as it is kept: small letters.

    >>> normal(" Ann@Example.org ")
    'ann@example.org'
    """
    plain = name.strip().lower()
    if _NAME.fullmatch(plain) is None:
        raise UserError("a user's name begins with a letter or digit and has up to 100 of those and of . _ @ + -")
    return plain


def _keep_an_admin(change: Change, user: User) -> None:
    if user.role == Role.ADMIN and user.disabled_at is None and users.count(change.connection, role=Role.ADMIN) == 1:
        raise ConflictError(f"{user.name} is the last admin; make somebody else admin first")


def _log_out(change: Change, user: User, because: str) -> None:
    sessions.end_all(change.connection, user.id, at=clock.now(), because=because)


def _numbered(change: Change, user_id: int) -> User:
    user = users.get(change.connection, user_id)
    if user is None:
        raise MissingError(f"there is no user {user_id}")
    return user
