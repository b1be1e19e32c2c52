"""Several programs as one: started in order, each once the one before is ready; restarted when they crash; stopped.

In: programs with a question that tells whether they are ready. Out: an exit code, when told to stop or when a program
crashes too often to go on. Knows nothing of what the programs do.
"""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

READY_SECONDS = 120.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.1
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
CRASHES, CRASHES_WITHIN = 5, 300.0
"""More crashes of one program than this, within so many seconds, and everything is stopped."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its command, and whether it does its work by now."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]


@dataclass(slots=True)
class _Child:
    """A program that runs, or waits to be started again."""

    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    starts_at: float = 0.0
    crashed: deque[float] = field(default_factory=lambda: deque(maxlen=CRASHES))

    @property
    def pause(self) -> float:
        """How long to wait before the next start: longer with each crash of late."""
        return min(FIRST_PAUSE * 2 ** (len(self.crashed) - 1), LONGEST_PAUSE)


class Supervisor:
    """Runs programs until `stop` is set."""

    def __init__(self, programs: Sequence[Program], root: Path, environment: Mapping[str, str], say: Say) -> None:
        self._children = [_Child(program) for program in programs]
        self._root = root
        self._environment = dict(environment)
        self._say = say
        self.stop = Event()

    def run(self) -> int:
        """Start everything and keep it running: 0 once it was told to stop, 1 where a program could not be kept."""
        try:
            for child in self._children:
                if not self._begun(child):
                    return 0 if self.stop.is_set() else 1
            self._say("everything runs")
            while not self.stop.wait(LOOK_SECONDS):
                if not all(map(self._kept, self._children)):
                    return 1
            return 0
        finally:
            self._end()

    def _begun(self, child: _Child) -> bool:
        """Start a program and wait until it is ready; False where it does not come up, or all shall stop."""
        self._start(child)
        deadline = time.monotonic() + READY_SECONDS
        while not self.stop.is_set():
            if not self._kept(child):
                return False
            if child.process is not None and child.program.is_ready():
                self._say(f"{child.program.name} is ready")
                return True
            if time.monotonic() > deadline:
                self._say(f"{child.program.name} is not ready after {READY_SECONDS:.0f} s; its log above says why")
                return False
            self.stop.wait(LOOK_SECONDS)
        return False

    def _start(self, child: _Child) -> None:
        child.process = subprocess.Popen(
            list(child.program.command), cwd=self._root, env=self._environment, start_new_session=True
        )

    def _kept(self, child: _Child) -> bool:
        """Look after one program; False where it crashes too often."""
        now = time.monotonic()
        if child.process is None:
            if now >= child.starts_at:
                self._start(child)
            return True
        code = child.process.poll()
        if code is None:
            return True
        _kill_rest(child.process)
        child.process = None
        child.crashed.append(now)
        if len(child.crashed) == CRASHES and now - child.crashed[0] < CRASHES_WITHIN:
            self._say(f"{child.program.name} ended {CRASHES} times in a short while; everything is stopped")
            return False
        child.starts_at = now + child.pause
        self._say(f"{child.program.name} ended with {code}; it is started again in {child.pause:.0f} s")
        return True

    def _end(self) -> None:
        """Stop what runs, the last one first; what does not go is killed, with everything it started."""
        for child in reversed(self._children):
            process = child.process
            if process is None:
                continue
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._say(f"{child.program.name} did not stop within {STOP_SECONDS:.0f} s and is killed")
            _kill_rest(process)
            process.wait()


def _kill_rest(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the program and of the processes it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
