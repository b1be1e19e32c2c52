"""One hospital as a process of its own. In: its name, its folder, the mail. Out: what it sends.

Its rows and keys stay in its folder. What it sends lies in the mail, where everybody may read it.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from aimon.cli.app import run
from aimon.sealed.federation.folder import SESSION
from examples.federation.patients import HOSPITALS, rows

DAYS = {"usual": "2026-11-01", "later": "2026-11-20"}
OPENERS = ("north", "west")
"""Two of the three open; the charter asks for two."""
PATIENCE_S = 120.0


def main(name: str, own: Path, mail: Path) -> None:
    """Everything that this hospital does, from the commit to its parts of the sums."""
    keys, names = own / "keys", tuple(HOSPITALS)
    for day, seed in (("usual", 1), ("later", 2)):
        pq.write_table(rows(name, seed, older=day == "later"), own / f"{day}.parquet")
    aimon("sealed", "federation", "commit", mail / "charter.json", keys, "--site", name, "--alone")
    send(keys / f"{name}.commit", mail)
    commits = several("--commit", [mail / f"{each}.commit" for each in names])
    aimon("sealed", "federation", "reveal", keys, *commits)
    send(keys / f"{name}.reveal", mail)
    reveals = several("--reveal", [mail / f"{each}.reveal" for each in names])
    aimon("sealed", "federation", "combine", keys, *commits, *reveals)
    send(keys / SESSION, mail)
    plan = ("--plan", awaited(mail / "plan.json"))
    for day, date in DAYS.items():
        out = own / f"{name}-{day}.sealed"
        aimon("sealed", "federation", "encrypt", keys, own / f"{day}.parquet", *plan, "--day", date, "--out", out)
        send(out, mail)
    if name in OPENERS:
        openers = [word for each in OPENERS for word in ("--with", each)]
        for total, envelopes in sums(mail).items():
            out = own / f"{name}-{total.stem}.part"
            aimon("sealed", "federation", "partial", keys, awaited(total), *envelopes, *openers, "--out", out)
            send(out, mail)


def sums(mail: Path) -> dict[Path, list[Path]]:
    """What is opened: each day pooled, and the later day of each hospital, as all of them agreed to."""
    pooled = {mail / f"{day}.sum": [mail / f"{name}-{day}.sealed" for name in HOSPITALS] for day in DAYS}
    return pooled | {mail / f"{name}.sum": [mail / f"{name}-later.sealed"] for name in HOSPITALS}


def several(option: str, paths: Iterable[Path]) -> list[object]:
    """The option before each file, once it is there."""
    return [word for path in paths for word in (option, awaited(path))]


def send(path: Path, mail: Path) -> None:
    """Put a copy into the mail, whole or not at all."""
    draft = mail / f".{path.name}"
    draft.write_bytes(path.read_bytes())
    draft.rename(mail / path.name)


def awaited(path: Path) -> Path:
    """The file, once it is there."""
    end = time.monotonic() + PATIENCE_S
    while not path.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"nobody sent {path.name}")
        time.sleep(0.05)
    return path


def aimon(*words: object) -> None:
    """The command, in this process."""
    if run([str(word) for word in words]):
        raise RuntimeError(f"aimon {' '.join(map(str, words))} failed")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
