from datetime import UTC, datetime, timedelta

from aimon.store import Store, silences

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def add(store: Store, start: datetime, end: datetime) -> int:
    with store.transaction() as connection:
        return silences.add(
            connection,
            matchers={"model": ["loans"]},
            starts_at=start,
            ends_at=end,
            reason="migration",
            author="ann",
            at=NOW,
        )


def test_a_silence_stands_until_it_ends(store: Store) -> None:
    number = add(store, NOW, NOW + HOUR)
    with store.session() as connection:
        (silence,) = silences.standing(connection, at=NOW)
        assert silences.standing(connection, at=NOW + HOUR) == []
    assert (silence.id, silence.matchers, silence.author, silence.ended_at) == (
        number,
        {"model": ["loans"]},
        "ann",
        None,
    )


def test_a_silence_ended_before_its_time_stays_known(store: Store) -> None:
    number = add(store, NOW, NOW + HOUR)
    with store.transaction() as connection:
        assert silences.end(connection, number, at=NOW + HOUR / 2, by="bob")
        assert not silences.end(connection, number, at=NOW + HOUR / 2, by="bob")
        assert not silences.end(connection, 7, at=NOW, by="bob")
    with store.session() as connection:
        (silence,) = silences.query(connection)
    assert (silence.ends_at, silence.ended_at, silence.ended_by) == (NOW + HOUR / 2, NOW + HOUR / 2, "bob")
