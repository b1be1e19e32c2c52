"""How each channel is doing, shared by all processes: failures in a row, until when it rests, when its turn comes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from aimon.store.locks import lock
from aimon.store.tables import channels as table

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """One channel. It rests after too many failures, or because its receiver asked for patience."""

    channel: str
    failures: int = 0
    rests_until_at: datetime | None = None
    next_turn_at: datetime | None = None
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    last_error: str | None = None


def get(connection: Connection, channel: str) -> ChannelState:
    """The channel's state; one that was never used has nothing to tell."""
    row = connection.execute(select(table).where(table.c.channel == channel)).one_or_none()
    return ChannelState(channel=channel) if row is None else ChannelState(**row._mapping)  # noqa: SLF001


def query(connection: Connection) -> list[ChannelState]:
    """Every channel that was ever used, by name."""
    rows = connection.execute(select(table).order_by(table.c.channel))
    return [ChannelState(**row._mapping) for row in rows]  # noqa: SLF001 - the documented name


def take_turn(connection: Connection, channel: str, *, now: datetime, per_minute: int) -> bool:
    """Whether the channel takes one more now. Half of the minute's number may come at once, the rest evenly."""
    at_once = max(1, per_minute // 2)
    gap = MINUTE / max(1, per_minute - at_once)
    lock(connection, "channel", channel)
    turn = max(get(connection, channel).next_turn_at or now, now)
    if turn - now > gap * (at_once - 1):
        return False
    _set(connection, channel, next_turn_at=turn + gap)
    return True


def rest(connection: Connection, channel: str, *, until: datetime) -> None:
    """Let nothing go to the channel until then."""
    _set(connection, channel, rests_until_at=until)


def succeeded(connection: Connection, channel: str, *, at: datetime) -> None:
    """Note that the channel took a notice."""
    _set(connection, channel, failures=0, rests_until_at=None, delivered_at=at, last_error=None)


def failed(connection: Connection, channel: str, *, at: datetime, error: str) -> int:
    """Note that the channel did not take a notice; says how many times in a row."""
    lock(connection, "channel", channel)
    failures = get(connection, channel).failures + 1
    _set(connection, channel, failures=failures, failed_at=at, last_error=error)
    return failures


def _set(connection: Connection, channel: str, **values: Any) -> None:
    lock(connection, "channel", channel)
    if connection.execute(update(table).where(table.c.channel == channel).values(values)).rowcount == 0:
        connection.execute(insert(table).values({"channel": channel, "failures": 0, **values}))
