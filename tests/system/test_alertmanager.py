"""A real Prometheus Alertmanager takes our alerts, one for one incident, and lets go of it when it is resolved."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aimon import clock
from aimon.incident.channels.alertmanager import AlertmanagerChannel
from tests.incident.channels.conftest import make
from tests.incident.channels.receivers import HttpReceiver, http_receiver

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager") or "prometheus-alertmanager"
CONFIGURATION = """\
route: {{receiver: hook, group_by: [model, incident], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: hook
    webhook_configs: [{{url: "{url}/fired", send_resolved: true}}]
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture
def hook() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def alertmanager(tmp_path: Path, hook: HttpReceiver) -> Iterator[str]:
    """A running Alertmanager's address; the process is stopped by its own id."""
    (tmp_path / "alertmanager.yml").write_text(CONFIGURATION.format(url=hook.url))
    port = free_port()
    arguments = [
        f"--config.file={tmp_path}/alertmanager.yml",
        f"--storage.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([PROGRAM, *arguments], stdout=log, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: reachable(f"{url}/-/ready"))
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def until(happened: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def firing(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{url}/api/v2/alerts?active=true", timeout=5) as answer:  # noqa: S310
        found: list[dict[str, Any]] = json.load(answer)
        return found


def fired(hook: HttpReceiver) -> list[tuple[str, str]]:
    """What Alertmanager notified of: status and severity of every alert, in order."""
    told = [alert for request in hook.taken for alert in request.json["alerts"]]
    return [(alert["status"], alert["labels"]["severity"]) for alert in told]


def test_an_incident_fires_once_worsens_and_is_let_go_of(alertmanager: str, hook: HttpReceiver) -> None:
    channel = AlertmanagerChannel(
        alertmanager, fires_for=timedelta(hours=1), allow_private=True, dashboard="https://aimon.example.org"
    )
    begun = clock.now()
    warning = make(severity="warning", created_at=begun)
    channel.send(warning)
    channel.send(warning)  # a second delivery
    until(lambda: fired(hook) == [("firing", "warning")])
    (alert,) = firing(alertmanager)
    assert alert["labels"]["model"] == "loans"
    assert alert["generatorURL"] == "https://aimon.example.org/incidents/42"
    assert alert["annotations"]["summary"].startswith("[critical] loans: income drifted")

    channel.send(make(kind="worsened", severities=["critical", "warning"], created_at=clock.now()))
    until(lambda: ("firing", "critical") in fired(hook))
    until(lambda: [each["labels"]["severity"] for each in firing(alertmanager)] == ["critical"])

    channel.send(make(kind="resolved", severities=["critical", "warning"], created_at=clock.now()))
    until(lambda: firing(alertmanager) == [])
    until(lambda: ("resolved", "critical") in fired(hook))
