from datetime import date

import pytest

from aimon import clock
from aimon.store import Store, heartbeats
from aimon.store.heartbeats import Heartbeat, Kind


def test_each_step_has_one_last_sign_of_life(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.transaction() as connection:
        for hour, day, run in (("06", 19, "r1"), ("07", 20, "r2"), ("08", 1, "r3")):
            monkeypatch.setenv("AIMON_NOW", f"2026-11-21T{hour}:00:00")
            heartbeats.beat(connection, Kind.MODEL, "loans", "profile", day=date(2026, 11, day), run_id=run)
        heartbeats.beat(connection, Kind.SENSOR, "check_failures", "tick")
        heartbeats.beat(connection, Kind.SENSOR, "check_failures", "tick")
        heartbeats.beat(connection, Kind.MODEL, "fraud", "drift", day=date(2026, 11, 20))
    now = clock.instant("2026-11-21T08:00:00")
    loans = Heartbeat(
        kind=Kind.MODEL, subject="loans", step="profile", beat_at=now, day=date(2026, 11, 20), run_id="r3"
    )
    sensor = Heartbeat(kind=Kind.SENSOR, subject="check_failures", step="tick", beat_at=now, day=None, run_id=None)
    with store.session() as connection:
        assert heartbeats.last(connection, Kind.MODEL, "loans") == [loans]
        assert heartbeats.last(connection, Kind.SENSOR) == [sensor]
        assert [beat.subject for beat in heartbeats.last(connection, Kind.MODEL)] == ["fraud", "loans"]
