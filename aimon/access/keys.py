"""Keys of programs: `aimon_PREFIX_SECRET`, 256 random bits. Kept is the keyed hash; shown once is the key.

A leaked database without the platform's secret holds nothing that could be tried offline.
"""

import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection

from aimon import clock
from aimon.access.denied import DeniedError
from aimon.access.rights import OF_ROLE, OF_SCOPE, Principal, Right, Role, Scope
from aimon.errors import ConflictError, MissingError, UserError
from aimon.govern.audit import Change
from aimon.keyring import Keyring
from aimon.store import Store, api_keys, users
from aimon.store.api_keys import ApiKey
from aimon.store.locks import lock

PURPOSE = "api keys"
OVERLAP = timedelta(hours=24)
LONGEST_NAME = 100
USED_EVERY = timedelta(minutes=5)
"""How exactly it is known when a key was used last."""
_KEY = re.compile(r"aimon_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


def create(
    change: Change,
    keyring: Keyring,
    name: str,
    scopes: Collection[Scope],
    *,
    user_id: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; its text is given back here and never again."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise UserError(f"a key's name says what it is for, in 1 to {LONGEST_NAME} characters")
    if not scopes:
        raise UserError(f"a key needs a scope: {', '.join(Scope)}")
    if expires_at is not None and expires_at <= clock.now():
        raise UserError("a key that is over already is of no use; name a later instant")
    prefix = secrets.token_hex(6)
    text = f"aimon_{prefix}_{secrets.token_urlsafe(32)}"
    api_keys.add(
        change.connection,
        prefix=prefix,
        mac=keyring.current.mac(PURPOSE, text.encode()),
        name=name.strip(),
        scopes=[scope.value for scope in scopes],
        user_id=user_id,
        at=clock.now(),
        expires_at=expires_at,
    )
    change.note("keys.create", f"key:{prefix}", name=name.strip(), scopes=sorted(scopes))
    return _existing(change.connection, prefix), text


def rotate(change: Change, keyring: Keyring, prefix: str, *, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str]:
    """Make a key that takes the place of another, which still works for a while."""
    lock(change.connection, "key", prefix)
    old = _existing(change.connection, prefix)
    if not _is_valid(old, clock.now()) or old.replaced_by is not None:
        raise ConflictError(f"key {prefix} is over or was replaced already; make a new one")
    scopes = [Scope(scope) for scope in old.scopes]
    new, text = create(change, keyring, old.name, scopes, user_id=old.user_id, expires_at=old.expires_at)
    ends = clock.now() + overlap
    last = ends if old.expires_at is None else min(ends, old.expires_at)
    api_keys.change(change.connection, prefix, expires_at=last, replaced_by=new.prefix)
    change.note("keys.rotate", f"key:{prefix}", replaced_by=new.prefix, valid_until=clock.iso(last))
    return new, text


def revoke(change: Change, prefix: str) -> bool:
    """Let nobody in with this key any more; False where it was revoked already."""
    if _existing(change.connection, prefix).revoked_at is not None:
        return False
    api_keys.change(change.connection, prefix, revoked_at=clock.now())
    change.note("keys.revoke", f"key:{prefix}")
    return True


def recognised(store: Store, keyring: Keyring, text: str) -> Principal:
    """Whose key this is. Raises `DeniedError` where it is nobody's, over, revoked, or of somebody who is disabled."""
    matched = _KEY.fullmatch(text)
    if matched is None:
        raise DeniedError("no key of ours")
    now = clock.now()
    with store.session() as connection:
        key = api_keys.get(connection, matched[1])
        owner = None if key is None or key.user_id is None else users.get(connection, key.user_id)
    sealer = None if key is None else keyring.sealer(PURPOSE, text.encode(), key.mac)
    if key is None or sealer is None:
        raise DeniedError("unknown key", about=f"key:{matched[1]}")
    if not _is_valid(key, now):
        raise DeniedError("the key is over", about=f"key:{key.prefix}")
    if owner is not None and owner.disabled_at is not None:
        raise DeniedError("the key's owner is disabled", about=f"key:{key.prefix}")
    outdated = sealer != keyring.current
    if outdated or key.used_at is None or now - key.used_at > USED_EVERY:
        _note_use(store, keyring, key, text, now)
    return Principal(f"key:{key.prefix}", _rights(key, None if owner is None else Role(owner.role)))


def state(key: ApiKey) -> str:
    """What the key is now: valid, replaced (and still valid), expired or revoked."""
    if key.revoked_at is not None:
        return "revoked"
    if not _is_valid(key, clock.now()):
        return "expired"
    return "valid" if key.replaced_by is None else "replaced"


def _rights(key: ApiKey, role: Role | None) -> frozenset[Right]:
    """What its scopes allow, and its owner's role does not forbid."""
    rights = frozenset[Right]().union(*(OF_SCOPE[Scope(scope)] for scope in key.scopes))
    return rights if role is None else rights & (OF_ROLE[role] | {Right.INGEST, Right.AGENT})


def _is_valid(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def _note_use(store: Store, keyring: Keyring, key: ApiKey, text: str, now: datetime) -> None:
    """When it was used; and its hash by the current secret, so that the previous one can be forgotten some day."""
    with store.transaction() as connection:
        api_keys.change(connection, key.prefix, used_at=now, mac=keyring.current.mac(PURPOSE, text.encode()))


def _existing(connection: Connection, prefix: str) -> ApiKey:
    key = api_keys.get(connection, prefix)
    if key is None:
        raise MissingError(f"there is no key {prefix}; list them to see which there are")
    return key
