"""The client and the collector, as they will meet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from aimon.intake.collector import Inbox
from aimon.platform import Platform, open_platform
from aimon.store import words
from aimon_client import Client, MonitoredModel
from tests.service.conftest import SECRET

MODEL = """\
model: loans
task: binary
source: {kind: collector}
columns: {prediction: decision, score: probability, latency: seconds, features: [income], protected: [sex]}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("")
    (tmp_path / "models" / "loans.yaml").write_text(MODEL)
    return tmp_path


@pytest.fixture
def platform(root: Path) -> Iterator[Platform]:
    with open_platform(root) as opened:
        yield opened


class Rich:
    """A model of few words."""

    def predict(self, rows: list[dict[str, Any]]) -> list[int]:
        return [int(row["income"] > 2) for row in rows]


def test_what_the_client_reports_is_kept(client: httpx.Client, platform: Platform, tmp_path: Path) -> None:
    with Client(str(client.base_url), key=SECRET, spill=tmp_path / "spill") as reporting:
        model = MonitoredModel(Rich(), "loans", client=reporting)
        assert model.predict([{"income": 1.0, "sex": "f"}, {"income": 3.0, "sex": "m"}]) == [0, 1]
        name = reporting.log("loans", 1, features={"income": 5.0}, score=0.9, user="ann", text="call +49 151 23456789")
        reporting.label("loans", name, 0)
        reporting.feedback("loans", name, correct=False, kind="sample")
        assert reporting.flush(30)
        stats = reporting.stats

    rows = Inbox(platform.store.engine, "loans").rows().read_all().to_pylist()
    assert (stats.sent, stats.rejected, stats.dropped) == (stats.logged, 0, 0)
    said = next(row for row in rows if row["id"] == name)
    assert (said["decision"], said["probability"], said["text"]) == (1, 0.9, "call [phone]")
    assert said["user"].partition(":")[2] != "ann"
    assert sorted(row["income"] for row in rows) == [1.0, 3.0, 5.0]
    with platform.store.session() as connection:
        assert [each.correct for each in words.judged(connection, "loans")] == [False]
