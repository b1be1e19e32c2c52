"""People with passwords, on both databases. The hash is made cheap: its cost is no part of what is tested here."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from aimon.access import passwords, users
from aimon.access.accounts import Accounts
from aimon.access.rights import Role
from aimon.govern.audit import AuditTrail
from aimon.govern.audit_anchor import Anchor
from aimon.keyring import Key, Keyring

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
PASSWORD = "correct horse battery"
RING = Keyring(Key.of("k" * 32))


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()


@pytest.fixture
def clock_at(monkeypatch):
    """Put the clock that long after the beginning."""

    def put(after: timedelta = timedelta(0)) -> None:
        monkeypatch.setenv("AIMON_NOW", (NOW + after).isoformat())

    put()
    return put


@pytest.fixture
def trail(store, tmp_path) -> AuditTrail:
    return AuditTrail(store, RING, Anchor(tmp_path / "audit.anchor"))


@pytest.fixture
def accounts(store, trail, clock_at) -> Accounts:
    """Ann is admin, Vic is viewer; both have the same password."""
    with trail.change("system") as change:
        users.add(change, "ann", Role.ADMIN, password=PASSWORD)
        users.add(change, "vic", Role.VIEWER, password=PASSWORD)
    return Accounts(store, trail, RING)
