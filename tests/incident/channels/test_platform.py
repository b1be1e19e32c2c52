"""From aimon.yaml to the receiver: what is declared is what is reached, and no secret is left in the database."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from aimon.incident.delivery import deliver_pending
from aimon.incident.evaluation import Evaluation
from aimon.incident.seed import open_from_evaluations
from aimon.platform import open_platform
from aimon.store import notices
from tests.incident.channels.receivers import http_receiver
from tests.tiny_project import tiny_project

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
SECRET = "wordThatNobodyMaySee"
SETTINGS = """
channels:
  team: {{kind: slack, url: $TEAM_URL, allow_private: true}}
  pager: {{kind: pagerduty, routing_key: $PAGER_KEY, url: "{url}", allow_private: true}}
  other: {{kind: slack, url: $OTHER_URL}}
routes:
  - {{when: {{owner: tests}}, to: [team, pager]}}
  - {{to: other}}
"""


def test_a_failed_check_reaches_the_people_of_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    root = tiny_project(tmp_path / "project", days=1)
    with http_receiver(400, 200, text=f"invalid_payload {SECRET}") as receiver:
        monkeypatch.setenv("TEAM_URL", f"{receiver.url}/services/{SECRET}")
        monkeypatch.setenv("PAGER_KEY", SECRET)
        (root / "aimon.yaml").write_text(SETTINGS.format(url=receiver.url))
        with open_platform(root) as platform:
            failed = Evaluation(
                run_id="r", asset="quality", check="quality", model="alpha", day=date(2026, 11, 19), passed=False,
                timestamp=NOW,
            )  # fmt: skip
            assert open_from_evaluations(platform.store, [failed]).notices == 1
            assert deliver_pending(platform.store, platform.channels, platform.routing) == 1
            monkeypatch.setenv("AIMON_NOW", (NOW + timedelta(hours=1)).isoformat())
            with platform.store.session() as connection:
                (dead,) = notices.dead(connection)
                rows = [
                    json.dumps([str(value) for value in row])
                    for table in ("notices", "channels", "incident_events")
                    for row in connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - our own tables
                ]
    assert {request.path for request in receiver.taken} == {f"/services/{SECRET}", "/v2/enqueue"}
    assert dead.last_error == "127.0.0.1 answered 400: invalid_payload ***"
    assert SECRET not in "".join(rows)
