from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from aimon import clock
from aimon.clock import DAY
from aimon.platform import open_platform
from aimon.store import records
from examples.run_demo import scoreboard
from examples.sealed.projects import OWNER, prepare
from examples.sealed.run import materialise, planted
from examples.sealed.triage import DAYS, NAME

LAST = date(2026, 11, 20)


def test_the_sealed_model_shows_what_was_planted_and_the_server_has_no_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMON_NOW", clock.iso(clock.day_start(LAST + DAY)))
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("models: models\n")
    prepare(tmp_path, LAST)
    prepare(tmp_path, LAST)
    with open_platform(tmp_path) as platform, dg.DagsterInstance.ephemeral() as instance:
        (line,) = materialise(platform, instance, LAST)
        assert line.startswith(f"{NAME}: {DAYS} days in ")
        assert list(materialise(platform, instance, LAST)) == [f"{NAME}: all {DAYS} days are there already"]
        board = scoreboard(platform, (planted(LAST),))
        assert (board.perfect, board.rows[0].days_late) == (True, 0)
        assert platform.profiles.days(NAME) == []
        with platform.store.session() as connection:
            assert records.query(connection, model=NAME, since=LAST, until=LAST)
    with open_platform(tmp_path / OWNER) as owner:
        assert len(owner.profiles.days(NAME)) == DAYS
