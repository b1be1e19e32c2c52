"""A small project behind a real `aimon serve`, with a fault in its last days, a model that reports live, and people."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx

from aimon.access import keys, users
from aimon.access.rights import Role, Scope
from aimon.clock import today
from aimon.platform import open_platform
from aimon.service.server import open_door
from aimon.service.website import BUILT
from tests.tiny_project import add_model, tiny_project, write_day

PASSWORD = "correct horse battery"
DAYS = 5
SETTINGS = """\
models: models
channels:
  desk: {kind: file, folder: desk}
  duty: {kind: file, folder: duty}
calendars:
  office: {timezone: Europe/Berlin, days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}
"""
LIVE = """\
model: live-one
task: binary
source: {kind: collector}
columns: {id: id, timestamp: at, prediction: decision, score: score}
"""


@dataclass
class Site:
    """The project, the service and what is needed to come in."""

    root: Path
    port: int
    key: str
    first_passwords: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, and wait until it answers."""
        command = [sys.executable, "-c", "from aimon.cli import main; main()", "serve", "--port", str(self.port)]
        environment = {**os.environ, "AIMON_ROOT": str(self.root)}
        with (self.root / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError((self.root / "serve.log").read_text())
            try:
                if httpx.get(f"{self.url}/api/v1/monitoring/health", timeout=5).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError("the service did not answer in a minute")

    def stop(self) -> None:
        """End the service."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def report(self) -> None:
        """A prediction of the live model, as a program reports it."""
        row = {"model": "live-one", "version": "1", "id": str(uuid4()), "prediction": 1, "score": 0.9}
        bearer = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.post(f"{self.url}/api/v1/predictions", json=row, headers=bearer, timeout=30)
        assert answer.is_success, answer.text


def make_site(root: Path) -> Site:
    """The project, analysed day by day, and people of each role."""
    if not (BUILT / "index.html").exists():
        raise RuntimeError("the dashboard is not built; `make web` builds it")
    tiny_project(root, models=())
    (root / "aimon.yaml").write_text(SETTINGS, encoding="utf-8")
    last = today() - timedelta(days=1)
    days = [last - timedelta(days=number) for number in reversed(range(DAYS))]
    add_model(root, "alpha", days)
    for day in days[-2:]:
        write_day(root, "alpha", day, income_shift=1.5)
    (root / "models" / "live-one.yaml").write_text(LIVE, encoding="utf-8")
    environment = {**os.environ, "AIMON_ROOT": str(root)}
    command = [sys.executable, "-c", "from aimon.cli import main; main()", "run", "--model", "alpha"]
    subprocess.run([*command, "--from", str(days[0]), "--to", str(last)], env=environment, check=True)
    with open_platform(root) as platform:
        door = open_door(platform)
        with door.accounts.trail.change("tests") as change:
            for role in Role:
                users.add(change, role.value, role, password=PASSWORD)
            first = {name: users.add(change, name, Role.VIEWER)[1] for name in ("newcomer", "clumsy")}
            _, key = keys.create(
                change, door.accounts.keyring, "reports", {Scope.INGEST}, user_id=None, expires_at=None
            )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Site(root=root, port=port, key=key, first_passwords={name: str(word) for name, word in first.items()})
