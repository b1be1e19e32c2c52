"""Keys of programs: made once, rotated with an overlap, revoked at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from aimon.access import keys, users
from aimon.access.denied import DeniedError
from aimon.access.rights import Right, Role, Scope
from aimon.errors import UserError
from aimon.keyring import Key, Keyring
from aimon.store.tables import api_keys

RING = Keyring(Key.of("k" * 32))


@pytest.fixture
def create(accounts, trail):
    """Make a key: `create("loader", Scope.INGEST)`."""

    def make(name="loader", *scopes, **named):
        with trail.change("user:ann") as change:
            return keys.create(change, RING, name, scopes or {Scope.INGEST}, **named)

    return make


def refused(store, text, ring=RING) -> str:
    with pytest.raises(DeniedError) as caught:
        keys.recognised(store, ring, text)
    return caught.value.reason


@pytest.mark.parametrize(
    ("scope", "rights"),
    [
        (Scope.INGEST, {Right.INGEST}),
        (Scope.READ, {Right.READ}),
        (Scope.AGENT, {Right.AGENT}),
        (Scope.ADMIN, set(Right) - {Right.SELF}),
    ],
)
def test_a_key_may_what_its_scope_says(create, store, scope, rights):
    key, text = create("loader", scope)

    principal = keys.recognised(store, RING, text)

    assert principal.name == f"key:{key.prefix}"
    assert {right for right in Right if principal.may(right)} == rights


def test_a_key_has_256_random_bits_and_is_kept_as_a_keyed_hash(create, store):
    texts = {create()[1] for _ in range(5)}

    with store.session() as connection:
        kept = repr(connection.execute(select(api_keys)).all())
    assert len(texts) == 5
    assert all(len(text.split("_", 2)[2]) == 43 for text in texts)
    assert not any(text.split("_", 2)[2] in kept for text in texts)


@pytest.mark.parametrize("shown", ["", "aimon_", "aimon_0123456789ab_", "Bearer x", "aimon_' OR 1=1 --", "é" * 40])
def test_what_is_no_key_is_refused(create, store, shown):
    create()

    assert refused(store, shown) == "no key of ours"


def test_another_secret_behind_a_known_prefix_is_refused(create, store):
    key, _ = create()

    assert refused(store, f"aimon_{key.prefix}_{'A' * 43}") == "unknown key"
    assert refused(store, f"aimon_{'0' * 12}_{'A' * 43}") == "unknown key"


def test_a_rotated_key_works_beside_the_new_one_for_a_while(create, store, trail, clock_at):
    key, old = create("loader", Scope.INGEST, Scope.READ)
    with trail.change("user:ann") as change:
        newer, new = keys.rotate(change, RING, key.prefix, overlap=timedelta(hours=2))

    assert (newer.name, newer.scopes) == ("loader", ("ingest", "read"))
    assert keys.recognised(store, RING, old).may(Right.READ)
    assert keys.recognised(store, RING, new).may(Right.READ)
    clock_at(timedelta(hours=3))
    assert refused(store, old) == "the key is over"
    assert keys.recognised(store, RING, new)
    with pytest.raises(UserError, match="is over or was replaced already"), trail.change("user:ann") as change:
        keys.rotate(change, RING, key.prefix)


def test_a_revoked_key_is_refused_at_once(create, store, trail):
    key, text = create()
    with trail.change("user:ann") as change:
        assert keys.revoke(change, key.prefix)
        assert not keys.revoke(change, key.prefix)

    assert refused(store, text) == "the key is over"


def test_an_expired_key_is_refused(create, store, clock_at):
    from aimon import clock

    _, text = create(expires_at=clock.now() + timedelta(days=1))
    clock_at(timedelta(days=2))

    assert refused(store, text) == "the key is over"


def test_the_key_of_somebody_who_is_disabled_is_refused_and_none_may_more_than_its_owner(create, store, trail):
    with store.session() as connection:
        vic = users.users.named(connection, "vic")
    _, text = create("vic's", Scope.ADMIN, user_id=vic.id)

    principal = keys.recognised(store, RING, text)
    assert principal.may(Right.READ)
    assert not principal.may(Right.ADMIN)
    with trail.change("user:ann") as change:
        users.disable(change, "vic")
    assert refused(store, text) == "the key's owner is disabled"


def test_keys_outlive_the_secret_that_hashed_them_once_they_were_used(create, store):
    _, used = create()
    _, unused = create()
    newer = Key.of("n" * 32)
    keys.recognised(store, Keyring(newer, RING.keys), used)

    assert keys.recognised(store, Keyring(newer), used)
    assert refused(store, unused, Keyring(newer)) == "unknown key"


def test_keys_that_make_no_sense_are_refused(create):
    from aimon import clock

    for arguments, said in (
        ({"name": ""}, "a key's name says what it is for"),
        ({"name": "x\n"}, "a key's name says what it is for"),
        ({"name": "x", "expires_at": clock.now()}, "over already"),
    ):
        with pytest.raises(UserError, match=said):
            create(**arguments)


def test_every_change_of_keys_is_recorded_without_the_key(create, trail):
    key, text = create()
    with trail.change("user:ann") as change:
        keys.rotate(change, RING, key.prefix)
        keys.revoke(change, key.prefix)

    rows = trail.rows(subject=f"key:{key.prefix}")
    assert [row.action for row in rows] == ["keys.revoke", "keys.rotate", "keys.create"]
    assert not any(text.split("_", 2)[2] in row.detail for row in trail.rows())


def test_roles_say_who_may_what():
    from aimon.access.rights import OF_ROLE

    assert OF_ROLE[Role.VIEWER] < OF_ROLE[Role.AUDITOR] < OF_ROLE[Role.ADMIN] == frozenset(Right)
    assert Right.AUDIT not in OF_ROLE[Role.VIEWER]
    assert Right.ADMIN not in OF_ROLE[Role.AUDITOR]
