"""Guessing is slowed down until it is of no use: after some failures nobody is let in for a while, longer each time.

Counted are a name at an address (5 failures), an address (20) and a name (100). So whoever guesses from elsewhere does
not lock out the person, and a thousand names from one address do not help either. From where a person came lately,
guesses at their name elsewhere lock nobody out. An attempt counts before it is judged; attempts made at once all count.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

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
KNOWN_FOR = timedelta(days=30)
OWN_NETWORK = 64
"""Bits of an IPv6 address that one customer has all addresses below of: they count as one."""
PURPOSE = "login failures"


def attempt(store: Store, keyring: Keyring, name: str, address: str) -> None:
    """Count an attempt. Raises `LockedOutError` where there were too many; then the attempt itself changes nothing."""
    now = clock.now()
    with store.transaction() as connection:
        subjects = _subjects(keyring, name, address)
        if _came_from_here(connection, keyring, name, address, now):
            subjects = subjects[:-1]
        counted = [(subject, most, _recent(connection, subject, now)) for subject, most in subjects]
        ends = [found.locked_until_at for _, _, found in counted if found is not None and found.locked_until_at]
        if ends and max(ends) > now:
            raise LockedOutError(max(1, round((max(ends) - now).total_seconds())))
        for subject, most, found in counted:
            _count(connection, subject, most, found, now)


def succeeded(store: Store, keyring: Keyring, name: str, address: str) -> None:
    """The attempt was right: it is taken back. Whoever has one account gets no further guesses at others by it."""
    (pair, _), *wider = _subjects(keyring, name, address)
    now = clock.now()
    with store.transaction() as connection:
        login_failures.held(connection, pair)
        login_failures.forget(connection, pair)
        for subject, most in wider:
            found = login_failures.held(connection, subject)
            if found is not None and found.failures > 0:
                fewer = found.failures - 1
                ends = found.locked_until_at if fewer >= most else None
                login_failures.put(connection, replace(found, failures=fewer, locked_until_at=ends), known=True)
        known = login_failures.held(connection, here := _here(keyring, name, address))
        entered = Failures(subject=here, failures=0, failed_at=now, locked_until_at=None)
        login_failures.put(connection, entered, known=known is not None)
        login_failures.purge(connection, before=now - FORGOTTEN_AFTER, without_any=now - KNOWN_FOR)


def _subjects(keyring: Keyring, name: str, address: str) -> list[tuple[str, int]]:
    """What is counted, in one order for everybody. Hashed: people type passwords where the name belongs."""
    network = _network(address)
    said = [(f"pair\0{name}\0{network}", PAIR), (f"address\0{network}", ADDRESS), (f"name\0{name}", NAME)]
    return [(_hashed(keyring, text), most) for text, most in said]


def _here(keyring: Keyring, name: str, address: str) -> str:
    """By what it is remembered that the person came from there."""
    return _hashed(keyring, f"here\0{name}\0{_network(address)}")


def _came_from_here(connection: Connection, keyring: Keyring, name: str, address: str, now: datetime) -> bool:
    found = login_failures.held(connection, _here(keyring, name, address))
    return found is not None and now - found.failed_at <= KNOWN_FOR


def _hashed(keyring: Keyring, text: str) -> str:
    return keyring.current.mac(PURPOSE, text.encode("utf-8", "surrogatepass"))


def _network(address: str) -> str:
    """The address, or the network of one customer.

    >>> _network("192.0.2.7"), _network("::ffff:192.0.2.7"), _network("2001:db8:1:2:3::9"), _network("unknown")
    ('192.0.2.7', '192.0.2.7', '2001:db8:1:2::/64', 'unknown')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), OWN_NETWORK), strict=False))


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
