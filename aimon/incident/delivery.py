"""Emptying the outbox: each notice is lent out, sent, and confirmed or put off; delivered at least once.

A process that dies between sending and confirming sends again after the lease; receivers deduplicate by id.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from aimon import clock
from aimon.incident.channel import Channel, DeliveryError
from aimon.store import Store, notices
from aimon.store.notices import Notice

LEASE = timedelta(minutes=2)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
TICK_SECONDS = 20.0


def deliver_pending(store: Store, channels: Mapping[str, Channel], *, seconds: float = TICK_SECONDS) -> int:
    """Send what is due, for at most about `seconds`; says how many notices were delivered."""
    deadline = time.monotonic() + seconds
    delivered = 0
    while time.monotonic() < deadline:
        with store.transaction() as connection:
            claimed = notices.claim(connection, now=clock.now(), lease=LEASE, limit=1)
        if not claimed:
            break
        delivered += _send(store, channels, claimed[0])
    return delivered


def delay(notice_id: str, attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, at most an hour, spread by the notice's id.

    >>> [round(delay("20261120T060000-1f3a9c2b", attempts).total_seconds()) for attempts in (1, 2, 3, 20)]
    [23, 49, 71, 2040]
    """
    doubled = min(FIRST_DELAY * int(2 ** min(attempts - 1, 20)), LONGEST_DELAY)
    spread = sha256(f"{notice_id}/{attempts}".encode()).digest()[0] / 255
    return doubled * (0.5 + spread / 2)


def _send(store: Store, channels: Mapping[str, Channel], notice: Notice) -> bool:
    """Send one notice and write down how it went. No fault of one channel may stop the others."""
    try:
        _channel(channels, notice.channel).send(notice)
    except Exception as error:
        with store.transaction() as connection:
            notices.postpone(connection, notice.id, error=_reason(error), until=_again(notice, error))
        return False
    with store.transaction() as connection:
        notices.confirm(connection, notice.id, at=clock.now())
    return True


def _channel(channels: Mapping[str, Channel], name: str) -> Channel:
    if name not in channels:
        raise DeliveryError(f"no channel is called {name}")
    return channels[name]


def _again(notice: Notice, error: Exception) -> datetime | None:
    """When to try next; None to give up."""
    now = clock.now()
    wait = delay(notice.id, notice.attempts)
    if isinstance(error, DeliveryError):
        if error.permanent:
            return None
        wait = max(wait, error.retry_after or wait)
    return None if now + wait > notice.created_at + GIVE_UP_AFTER else now + wait


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, DeliveryError) else f"{type(error).__name__}: {error}"
