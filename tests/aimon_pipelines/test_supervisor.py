"""Programs that are looked after: real ones, that write down when they start and stop."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aimon_pipelines import supervisor
from aimon_pipelines.supervisor import Program, Supervisor

STAYS = """
import pathlib, signal, sys, time
log = pathlib.Path(sys.argv[1])
def say(word):
    with log.open("a") as file: file.write(f"{word} {sys.argv[2]}\\n")
signal.signal(signal.SIGINT, lambda *_: (say("stops"), sys.exit(0)))
say("starts")
while True: time.sleep(0.05)
"""
CRASHES = STAYS.replace("while True: time.sleep(0.05)", "sys.exit(3)")
IGNORES = STAYS.replace('lambda *_: (say("stops"), sys.exit(0))', "signal.SIG_IGN")
CRASHES_ONCE = STAYS.replace(
    "while True", "mark = log.with_name('mark')\nif not mark.exists(): mark.touch(); sys.exit(3)\nwhile True"
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.05)


@pytest.fixture
def program(log: Path) -> Callable[[str, str], Program]:
    def make(name: str, script: str) -> Program:
        command = [sys.executable, "-c", script, str(log), name]
        return Program(name, command, lambda: f"starts {name}\n" in (log.read_text() if log.exists() else ""))

    return make


def supervised(programs: list[Program], root: Path, *, until: Callable[[], bool]) -> tuple[int, list[str]]:
    """The exit code and what was said, of programs that are told to stop once something holds."""
    said: list[str] = []
    running = Supervisor(programs, root, {}, said.append)

    def wait() -> None:
        deadline = time.monotonic() + 30
        while not until() and time.monotonic() < deadline:
            time.sleep(0.02)
        running.stop.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    code = running.run()
    waiting.join()
    return code, said


def test_each_starts_when_the_one_before_is_ready_and_they_stop_in_reverse(tmp_path, log, program) -> None:
    programs = [program(name, STAYS) for name in ("one", "two", "three")]

    code, said = supervised(programs, tmp_path, until=lambda: "starts three\n" in _text(log))

    assert code == 0
    assert _text(log).splitlines()[:3] == ["starts one", "starts two", "starts three"]
    assert [line for line in _text(log).splitlines() if line.startswith("stops")] == [
        "stops three",
        "stops two",
        "stops one",
    ]
    assert said[:2] == ["one is ready", "two is ready"]


def test_what_crashes_is_started_again(tmp_path, log, program) -> None:
    code, said = supervised([program("one", CRASHES_ONCE)], tmp_path, until=lambda: _text(log).count("starts one") == 2)

    assert code == 0
    assert "one ended with 3; it is started again in 0 s" in said


def test_what_crashes_too_often_stops_everything(tmp_path, log, program) -> None:
    code, said = supervised(
        [program("one", STAYS), program("two", CRASHES)], tmp_path, until=lambda: "stops one" in _text(log)
    )

    assert code == 1
    assert said[-1] == "two ended 5 times in a short while; everything is stopped"
    assert _text(log).count("starts two") == 5
    assert _text(log).endswith("stops one\n")


def test_what_does_not_stop_is_killed(tmp_path, log, program, monkeypatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.3)

    code, said = supervised([program("one", IGNORES)], tmp_path, until=lambda: "starts one" in _text(log))

    assert code == 0
    assert said[-1] == "one did not stop within 0 s and is killed"


def test_what_never_becomes_ready_is_given_up(tmp_path, log, program, monkeypatch) -> None:
    monkeypatch.setattr(supervisor, "READY_SECONDS", 0.5)
    deaf = program("one", STAYS)
    code, said = supervised(
        [Program("one", deaf.command, lambda: False), program("two", STAYS)],
        tmp_path,
        until=lambda: "stops one" in _text(log),
    )

    assert code == 1
    assert said == ["one is not ready after 0 s; its log above says why"]
    assert "two" not in _text(log)


def _text(log: Path) -> str:
    return log.read_text() if log.exists() else ""
