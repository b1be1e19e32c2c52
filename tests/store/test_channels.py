from datetime import UTC, datetime, timedelta

import pytest

from aimon.store import Store, channels

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.mark.parametrize("per_minute", [1, 2, 5, 30])
def test_no_minute_holds_more_turns_than_allowed(store: Store, per_minute: int) -> None:
    taken = []
    with store.transaction() as connection:
        for second in range(150):
            now = NOW + timedelta(seconds=second)
            while channels.take_turn(connection, "team", now=now, per_minute=per_minute):
                taken.append(now)
    busiest = max(sum(begin <= turn < begin + timedelta(minutes=1) for turn in taken) for begin in taken)
    assert max(1, per_minute - 1) <= busiest <= per_minute
    assert len(taken) >= 1.5 * per_minute


def test_failures_are_counted_until_one_succeeds(store: Store) -> None:
    with store.transaction() as connection:
        assert [channels.failed(connection, "team", at=NOW, error="busy") for _ in range(3)] == [1, 2, 3]
        channels.rest(connection, "team", until=NOW + timedelta(minutes=1))
        channels.succeeded(connection, "mail", at=NOW)
    with store.session() as connection:
        mail, team = channels.query(connection)
        assert (team.failures, team.last_error, team.rests_until_at) == (3, "busy", NOW + timedelta(minutes=1))
        assert (mail.failures, mail.delivered_at) == (0, NOW)
    with store.transaction() as connection:
        channels.succeeded(connection, "team", at=NOW)
        state = channels.get(connection, "team")
    assert (state.failures, state.last_error, state.rests_until_at) == (0, None, None)


def test_a_channel_that_was_never_used_has_nothing_to_tell(store: Store) -> None:
    with store.session() as connection:
        assert channels.get(connection, "team") == channels.ChannelState(channel="team")
