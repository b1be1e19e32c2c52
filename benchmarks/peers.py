"""Peers in environments of their own, each made once: the product installs none of them for this."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]


def peers_python(environment: str = ".venv-peers", lock: str = "bench.txt") -> Path:
    """The interpreter that has the peers; installed from the lock file when it is missing or another one."""
    place, locked = ROOT / environment, ROOT / "locks" / lock
    python, stamp = place / "bin" / "python", place / "lock.txt"
    if not stamp.exists() or stamp.read_bytes() != locked.read_bytes():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)], check=True)
        install = ["pip", "install", "--quiet", "--system-certs", "--require-hashes", "-r", str(locked)]
        subprocess.run([*uv, *install, "--python", str(python)], check=True)
        stamp.write_bytes(locked.read_bytes())
    return python


class Peers:
    """A running process that profiles the same rows with one peer or the other, when asked."""

    def __init__(self, asked: IO[str], told: IO[str]) -> None:
        self._asked = asked
        self._told = told

    def seconds(self, peer: str) -> float:
        """How long the peer took this time."""
        self._asked.write(f"{peer}\n")
        self._asked.flush()
        line = self._told.readline()
        if not line:
            raise RuntimeError(f"the process of the peers ended while it ran {peer}")
        return float(line)


@contextmanager
def running_peers(reference: Path, current: Path, categories: list[str]) -> Iterator[Peers]:
    """The peers with both files loaded as pandas frames, which is not timed."""
    script = Path(__file__).with_name("profile_peers.py")
    command = [str(peers_python()), str(script), str(reference), str(current), ",".join(categories)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the process of the peers has no pipes")
        peers = Peers(child.stdin, child.stdout)
        peers.seconds("nothing")
        yield peers
        child.stdin.close()
