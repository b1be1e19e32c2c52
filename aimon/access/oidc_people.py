"""Who somebody is here whom the provider knows: the person with that identity, made at their first login.

Their role is what the provider's groups say, at each login. A name that is taken is never taken over.
"""

from collections.abc import Mapping
from typing import Any

from aimon import clock
from aimon.access import users as people
from aimon.access.accounts import Accounts
from aimon.access.denied import DeniedError
from aimon.access.rights import Role
from aimon.access.users import normal
from aimon.errors import UserError
from aimon.govern.audit import Change
from aimon.spec.oidc import OidcSpec
from aimon.store import users
from aimon.store.locks import lock
from aimon.store.users import User

STRONGEST_FIRST = (Role.ADMIN, Role.AUDITOR, Role.VIEWER)


def recognised(accounts: Accounts, spec: OidcSpec, claims: Mapping[str, Any]) -> User:
    """The person of these claims. Raises `DeniedError` where they may not come in."""
    identity = f"{spec.issuer} {claims['sub']}"
    role = role_of(spec, claims)
    with accounts.trail.change("oidc") as change:
        lock(change.connection, "users")
        user = users.identified(change.connection, identity)
        if user is None and role is not None:
            return _added(change, spec, claims, identity, role)
    if user is None or role is None:
        raise DeniedError("oidc: no group that has a role", about="" if user is None else f"user:{user.name}")
    if user.disabled_at is not None:
        raise DeniedError("disabled", about=f"user:{user.name}")
    try:
        with accounts.trail.change("oidc") as change:
            return people.set_role(change, user.name, role)
    except UserError as error:
        raise DeniedError(f"oidc: {error}", about=f"user:{user.name}") from None


def role_of(spec: OidcSpec, claims: Mapping[str, Any]) -> Role | None:
    """The strongest role of the person's groups; None where no group has one."""
    groups = _groups(claims, spec.role_claim)
    return next((role for role in STRONGEST_FIRST if groups & set(spec.roles.get(role.value, ()))), None)


def _groups(claims: Mapping[str, Any], path: str) -> set[str]:
    """A list of names, or a single one; a dot goes deeper where no claim has it in its name."""
    found: Any = claims
    for part in (path,) if path in claims else path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return {each for each in listed if isinstance(each, str)}


def _added(change: Change, spec: OidcSpec, claims: Mapping[str, Any], identity: str, role: Role) -> User:
    said = claims.get(spec.name_claim)
    try:
        name = normal(said if isinstance(said, str) else "")
    except UserError:
        raise DeniedError(f"oidc: the claim {spec.name_claim} is no name of a user") from None
    if users.named(change.connection, name) is not None:
        raise DeniedError(f"oidc: the name {name} belongs to somebody else here")
    email = claims.get("email")
    number = users.add(
        change.connection,
        name=name,
        email=email if isinstance(email, str) else None,
        role=role,
        password_hash=None,
        must_change=False,
        identity=identity,
        at=clock.now(),
    )
    change.note("users.create", f"user:{name}", role=role.value, by="oidc")
    user = users.get(change.connection, number)
    assert user is not None  # noqa: S101 - it was added a line ago
    return user
