"""Where daily counts lead, from sealed envelopes over HTTP to the records of a server that read none."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from aimon import clock
from aimon.platform import open_platform
from aimon.sealed.keys import read_secret
from aimon.sealed.ledger import Ledger
from aimon.store import records
from tests.owner.test_agent import scene
from tests.sealed_project import NAME
from tests.tiny_project import FIRST

ROOT = Path(__file__).parents[2]
LAST = FIRST + timedelta(3)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.stopped_at(clock.day_start(FIRST + timedelta(10))):
        yield


def test_a_trend_over_sealed_days_is_opened_told_and_made_again_by_an_auditor(tmp_path: Path) -> None:
    with scene(tmp_path, "verdicts", ", trend: 7") as stage:
        for place in range(4):
            stage.send(FIRST + timedelta(place), income_shift=0.2 * place)
        stage.send(LAST, first=1000)
        assert stage.run(FIRST, LAST) == {}
        assert [each.said.startswith("verdicts") and "not told" not in each.said for each in stage.agent()] == [
            True
        ] * 4
        assert stage.run(FIRST, LAST) == {}
        with stage.platform.store.session() as connection:
            found = records.query(connection, model=NAME, since=FIRST, until=LAST)
        told = {
            (each.day, each.metric, each.column): each.value
            for each in found
            if each.metric in ("volume_slope", "volume_forecast", "psi_forecast", "psi") and each.window == "1d"
        }
        slope, at_zero = np.polyfit(range(4), [400, 400, 400, 800], 1)
        assert told[LAST, "volume_slope", None] == pytest.approx(slope, abs=1e-9)
        assert told[LAST, "volume_forecast", None] == round(at_zero + slope * 10)
        assert told[LAST, "psi_forecast", "income"] > told[FIRST, "psi", "income"]
        assert (FIRST, "volume_slope", None) not in told

        with open_platform(stage.project.owner) as own, own.store.session() as connection:
            mine = records.query(connection, model=NAME, since=LAST, until=LAST)
        assert {each.metric for each in mine} > {"volume_slope", "psi_forecast", "psi", "volume"}

        secret, _ = read_secret(stage.project.secret)
        ledger = Ledger(stage.project.owner / "sealed" / f"{NAME}.ledger", secret.ledger_key)
        assert len(ledger.releases) == 6, "four days, and two trends of days that were released before"

        lake = stage.project.server / "storage" / "lake" / "sealed" / f"model={NAME}"
        words = ["verify", lake / f"date={LAST}" / "trend.slope", *lake.rglob("*.sealed")]
        program = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", stage.project.server, "sealed"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "client")])}
        command = [*map(str, program), *map(str, words)]
        checked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert "the trend follows from its 10 envelopes\nrecord" in checked.stdout, checked.stderr
