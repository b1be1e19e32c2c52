"""From a prediction that is posted to the message that a listener gets."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from aimon.clock import now
from aimon.platform import Platform, open_platform
from aimon.service.app import create_app
from aimon.service.server import open_door
from aimon.store import inbox
from tests.service.conftest import KEY, running

CHAT = """\
model: chat
task: generative
source: {kind: collector}
columns: {prediction: answer, tokens: tokens, cost: cost, score: score}
budget: {daily: 0.01}
prices:
  - {since: 2026-01-01, input: 3, output: 15, cached: 0.3}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("")
    (tmp_path / "models" / "chat.yaml").write_text(CHAT)
    (tmp_path / "models" / "other.yaml").write_text(CHAT.replace("chat", "other"))
    return tmp_path


@pytest.fixture
def platform(root: Path) -> Iterator[Platform]:
    with open_platform(root) as opened:
        yield opened


def calls(model: str = "chat", start: int = 0, number: int = 30) -> list[dict[str, object]]:
    used = {"input": 1000, "output": 200, "cached": 400, "reasoning": 150}
    return [
        {"model": model, "id": f"{start + place}", "prediction": "yes", "score": 0.9, "tokens": used}
        for place in range(number)
    ]


def address(client: httpx.Client) -> str:
    return f"ws://{client.base_url.netloc.decode()}/api/v1/live"


def test_a_listener_is_told_in_a_moment(client: httpx.Client) -> None:
    with connect(f"{address(client)}?model=chat", additional_headers=KEY) as socket:
        began = time.monotonic()
        client.post("/api/v1/predictions", json=calls() + calls("other"))
        told = json.loads(socket.recv(timeout=10))
        took = time.monotonic() - began
        client.post("/api/v1/predictions", json=calls(start=30))
        more = json.loads(socket.recv(timeout=10))

    assert (told["type"], told["model"], told["total"], told["health"]) == ("model", "chat", 30, "healthy")
    assert told["tokens"] == 30 * 1200
    assert told["today"]["cost_usd"] == "0.147600"  # 30 times 600 fresh, 400 cached and 200 output tokens
    assert told["today"]["budget"] == "spent"
    assert more["total"] == 60
    assert took < 5


def test_a_clock_that_jumps_forward_and_back_loses_no_prediction_and_no_message(
    client: httpx.Client, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = now()
    seen = []
    with connect(f"{address(client)}?model=chat", additional_headers=KEY) as socket:
        for number, jump in enumerate((0, 3 * 3600, -3600, 86_400, 0)):
            monkeypatch.setenv("AIMON_NOW", (begun + timedelta(seconds=jump)).isoformat())
            for _ in range(2):  # the second time is harmless, whatever the clock says
                sent = [{**call, "timestamp": begun.isoformat()} for call in calls(start=30 * number)]
                answer = client.post("/api/v1/predictions", json=sent)
                assert answer.json()["rejected"] == []
            while not seen or seen[-1]["total"] != 30 * (number + 1):
                seen.append(json.loads(socket.recv(timeout=10)))

    assert seen[-1]["calls"] >= 30
    assert seen[-1]["health"] == "healthy"
    with platform.store.session() as connection:
        assert inbox.count(connection, "chat") == 150


def test_workers_tell_what_others_accepted(platform: Platform, client: httpx.Client) -> None:
    second = create_app(platform, open_door(platform))
    with (
        running(second) as other,
        connect(f"{other.replace('http', 'ws')}/api/v1/live", additional_headers=KEY) as socket,
    ):
        client.post("/api/v1/predictions", json=calls())
        first = json.loads(socket.recv(timeout=10))
        httpx.post(f"{other}/api/v1/predictions", json=calls(start=30), headers=KEY)
        both = json.loads(socket.recv(timeout=10))

    assert (first["total"], both["total"]) == (30, 60)


def test_the_same_can_be_asked_for_once(client: httpx.Client) -> None:
    client.post("/api/v1/predictions", json=calls() + calls("other"))
    for _ in range(100):
        found = client.get("/api/v1/live", params={"model": "chat"}).json()
        if found:
            break
        time.sleep(0.05)

    assert [(each["model"], each["total"]) for each in found] == [("chat", 30)]


def test_nobody_listens_without_the_key(client: httpx.Client) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(address(client)):
        pass
    assert refused.value.response.status_code == 401
    assert client.get("/api/v1/live", headers={"Authorization": ""}).status_code == 401


def test_duplicates_are_not_counted_again(client: httpx.Client) -> None:
    for _ in range(3):
        client.post("/api/v1/predictions", json=calls())
    time.sleep(0.3)

    assert client.get("/api/v1/live").json()[0]["today"]["calls"] == 30


def test_what_changed_is_told_once_and_to_everybody_who_listened_before(client: httpx.Client) -> None:
    with connect(address(client), additional_headers=KEY) as first:
        client.post("/api/v1/predictions", json=calls())
        first.recv(timeout=10)
        client.post("/api/v1/predictions", json=calls(start=30))
        with connect(address(client), additional_headers=KEY) as second:
            heard = [json.loads(each.recv(timeout=10))["total"] for each in (first, second)]
            while heard[1] < 60:  # the second came before the post was counted
                heard[1] = json.loads(second.recv(timeout=10))["total"]
            with pytest.raises(TimeoutError):
                first.recv(timeout=1)

    assert heard == [60, 60]
