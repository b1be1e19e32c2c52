"""Guessing is slowed down until it is of no use: after some failures nobody is let in for a while, longer each time.

Counted are a name at an address (5 failures), an address (20) and a name (100). So whoever guesses from elsewhere does
not lock out the person, and a thousand names from one address do not help either. An attempt counts before it is
judged; attempts made at once all count.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from aimon import clock
from aimon.access.denied import LockedOutError
from aimon.keyring import Keyring
from aimon.store import Store, login_failures
from aimon.store.login_failures import Failures

PAIR, ADDRESS, NAME = 5, 20, 100
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=24)
PURPOSE = "login failures"


def attempt(store: Store, keyring: Keyring, name: str, address: str) -> None:
    """Count an attempt. Raises `LockedOutError` where there were too many; then the attempt itself changes nothing."""
    now = clock.now()
    with store.transaction() as connection:
        subjects = _subjects(keyring, name, address)
        counted = [(subject, most, _recent(connection, subject, now)) for subject, most in subjects]
        ends = [found.locked_until_at for _, _, found in counted if found is not None and found.locked_until_at]
        if ends and max(ends) > now:
            raise LockedOutError(max(1, round((max(ends) - now).total_seconds())))
        for subject, most, found in counted:
            _count(connection, subject, most, found, now)


def succeeded(store: Store, keyring: Keyring, name: str, address: str) -> None:
    """The attempt was right: it is taken back. Whoever has one account gets no further guesses at others by it."""
    (pair, _), *wider = _subjects(keyring, name, address)
    with store.transaction() as connection:
        login_failures.held(connection, pair)
        login_failures.forget(connection, pair)
        for subject, most in wider:
            found = login_failures.held(connection, subject)
            if found is not None and found.failures > 0:
                fewer = found.failures - 1
                ends = found.locked_until_at if fewer >= most else None
                login_failures.put(connection, replace(found, failures=fewer, locked_until_at=ends), known=True)
        login_failures.purge(connection, before=clock.now() - FORGOTTEN_AFTER)


def _subjects(keyring: Keyring, name: str, address: str) -> list[tuple[str, int]]:
    """What is counted, in one order for everybody. Hashed: people type passwords where the name belongs."""
    said = [(f"pair\0{name}\0{address}", PAIR), (f"address\0{address}", ADDRESS), (f"name\0{name}", NAME)]
    return [(keyring.current.mac(PURPOSE, text.encode("utf-8", "surrogatepass")), most) for text, most in said]


def _recent(connection: Connection, subject: str, now: datetime) -> Failures | None:
    """The failures of the subject; old ones count for nothing."""
    found = login_failures.held(connection, subject)
    if found is None or now - found.failed_at <= FORGOTTEN_AFTER:
        return found
    return replace(found, failures=0, locked_until_at=None)


def _count(connection: Connection, subject: str, most: int, found: Failures | None, now: datetime) -> None:
    failures = 1 if found is None else found.failures + 1
    ends = None
    if failures >= most:
        ends = now + min(FIRST_LOCK * 2 ** min(failures - most, 10), LONGEST_LOCK)
    counted = Failures(subject=subject, failures=failures, failed_at=now, locked_until_at=ends)
    login_failures.put(connection, counted, known=found is not None)
