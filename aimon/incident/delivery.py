"""Emptying the outbox: notices are routed, lent out, sent, and confirmed or put off; delivered at least once.

A process that dies between sending and confirming sends again after the lease; receivers deduplicate by id. A channel
that fails again and again rests for a while, so that it takes no time from the others.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from aimon import clock
from aimon.incident.channel import Channel, DeliveryError
from aimon.incident.digest import LARGEST, combine
from aimon.incident.escalation import escalate_unanswered
from aimon.incident.routes import Routing
from aimon.incident.routing import route_pending
from aimon.store import Store, incidents, notices
from aimon.store import channels as states
from aimon.store.notices import HELD_UNTIL, Notice, Status

LEASE = timedelta(minutes=2)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
TICK_SECONDS = 20.0
FAILURES_BEFORE_REST = 5
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=30)
ACTOR = "aimon"


def deliver_pending(
    store: Store, channels: Mapping[str, Channel], routing: Routing | None = None, *, seconds: float = TICK_SECONDS
) -> int:
    """Escalate what nobody answered, route what is new and send what is due; says how many notices were delivered.

    It takes about `seconds` at most.
    """
    deadline = time.monotonic() + seconds
    routing = routing or Routing()
    escalate_unanswered(store, routing)
    route_pending(store, routing)
    delivered = 0
    full: set[str] = set()
    while time.monotonic() < deadline:
        claimed = _claim(store, routing, full)
        if not claimed:
            break
        delivered += _send(store, channels, claimed)
    return delivered


def delay(notice_id: str, attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, at most an hour, spread by the notice's id.

    >>> [round(delay("20261120T060000-1f3a9c2b", attempts).total_seconds()) for attempts in (1, 2, 3, 20)]
    [23, 49, 71, 2040]
    """
    return _spread(notice_id, attempts, FIRST_DELAY, LONGEST_DELAY)


def _claim(store: Store, routing: Routing, full: set[str]) -> list[Notice]:
    """One notice, or one digest, that may go now. Channels that took their number for this minute become full."""
    while True:
        now = clock.now()
        with store.transaction() as connection:
            claimed = notices.claim(connection, now=now, lease=LEASE, limit=1, without=full)
            claimed = claimed or notices.claim_digest(connection, now=now, lease=LEASE, limit=LARGEST, without=full)
            if not claimed:
                return []
            channel = claimed[0].channel
            per_minute: int | None = getattr(routing.channels.get(channel), "per_minute", None)
            if per_minute is None or states.take_turn(connection, channel, now=now, per_minute=per_minute):
                if states.get(connection, channel).failures >= FAILURES_BEFORE_REST:
                    states.rest(connection, channel, until=now + LEASE)  # one notice tries it, the others wait
                return claimed
            full.add(channel)
            for notice in claimed:
                notices.give_back(connection, notice, due=now)


def _send(store: Store, channels: Mapping[str, Channel], claimed: Sequence[Notice]) -> int:
    """Send one notice or digest and write down how it went. No fault of one channel may stop the others."""
    channel = claimed[0].channel
    message = combine(claimed) if claimed[0].status is Status.DIGEST else claimed[0]
    try:
        _channel(channels, channel).send(message)
    except Exception as error:
        _failed(store, claimed, error)
        return 0
    with store.transaction() as connection:
        for notice in claimed:
            notices.confirm(connection, notice.id, at=clock.now())
        states.succeeded(connection, channel, at=clock.now())
    return len(claimed)


def _failed(store: Store, claimed: Sequence[Notice], error: Exception) -> None:
    channel, now, reason = claimed[0].channel, clock.now(), _reason(error)
    with store.transaction() as connection:
        for notice in claimed:
            until = _again(notice, error)
            if notices.postpone(connection, notice.id, error=reason, until=until) and until is None:
                detail = {"channel": channel, "notice": notice.id, "reason": reason}
                incidents.add_event(
                    connection,
                    notice.incident_id,
                    "undelivered",
                    at=now,
                    actor=ACTOR,
                    evaluation_key=None,
                    detail=detail,
                )
        asked = error.retry_after if isinstance(error, DeliveryError) else None
        if asked is not None:
            states.rest(connection, channel, until=now + min(asked, LONGEST_DELAY))
        elif not (isinstance(error, DeliveryError) and error.permanent):
            failures = states.failed(connection, channel, at=now, error=reason)
            if failures >= FAILURES_BEFORE_REST:
                trips = failures - FAILURES_BEFORE_REST + 1
                states.rest(connection, channel, until=now + _spread(channel, trips, FIRST_REST, LONGEST_REST))


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
    held = notice.payload.get(HELD_UNTIL)
    since = notice.created_at if held is None else max(notice.created_at, clock.instant(held))
    return None if now + wait > since + GIVE_UP_AFTER else now + wait


def _spread(name: str, times: int, first: timedelta, longest: timedelta) -> timedelta:
    doubled = min(first * int(2 ** min(times - 1, 20)), longest)
    spread = sha256(f"{name}/{times}".encode()).digest()[0] / 255
    return doubled * (0.5 + spread / 2)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, DeliveryError) else f"{type(error).__name__}: {error}"
