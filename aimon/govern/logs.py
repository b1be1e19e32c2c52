"""Log files whose time is over. In: the folder of the logs. Out: what is to be deleted, a file at a time."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from aimon.errors import StoreError
from aimon.govern.kinds import LOGS, Kind, Rule
from aimon.store.expirations import Deletion


def logs_over(folder: Path, kind: Kind, rule: Rule) -> Iterator[tuple[Path, Deletion]]:
    """The files of one category that are older than they may be, the oldest first."""
    for path in sorted((folder / LOGS[kind]).glob("*.jsonl")):
        day = _day_of(path)
        if day is not None and rule.is_over(day):
            content = path.read_bytes()
            yield (
                path,
                Deletion(
                    kind=kind.value,
                    model="",
                    day=day,
                    policy=str(rule),
                    files=1,
                    rows=content.count(b"\n"),
                    bytes=len(content),
                    sha256=hashlib.sha256(content).hexdigest(),
                ),
            )


def log_path(folder: Path, kind: Kind, day: date) -> Path:
    """Where the lines of a day lie."""
    return folder / LOGS[kind] / f"{day}.jsonl"


def delete_log(path: Path) -> None:
    """Delete a file; another run may have been faster."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be deleted: {error.strerror}") from error


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.stem)
    except ValueError:
        return None
