"""Keys and people whom the tests of the service know."""

from aimon.access import keys, users
from aimon.access.rights import Role, Scope
from aimon.clock import now
from aimon.service.access import Door
from aimon.store import api_keys

PASSWORD = "correct horse battery"


def known_key(scope: Scope) -> str:
    """The key of a scope: the same in every test."""
    return f"aimon_{list(Scope).index(scope):012x}_{'k' * 43}"


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def invite(door: Door, *roles: Role) -> None:
    """Let a person of each role in, named after it, and a key of each scope."""
    accounts = door.accounts
    with accounts.trail.change("tests") as change:
        for role in roles:
            users.add(change, role.value, role, password=PASSWORD)
        for scope in Scope:
            text = known_key(scope)
            api_keys.add(
                change.connection,
                prefix=text.split("_")[1],
                mac=accounts.keyring.current.mac(keys.PURPOSE, text.encode()),
                name=scope.value,
                scopes=[scope.value],
                user_id=None,
                at=now(),
                expires_at=None,
            )
