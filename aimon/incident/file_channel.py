"""The channel `file`: each notice becomes two files of a local folder, `<id>.txt` to read and `<id>.json` to parse."""

import json
import os
from pathlib import Path

from aimon import clock
from aimon.incident.channel import DeliveryError
from aimon.store.notices import Notice


class FileChannel:
    """Writes notices into a folder. A notice has one name for ever, so that a second delivery replaces the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, notice: Notice) -> None:
        head = f"{notice.subject}\n{clock.iso(notice.created_at)}, incident {notice.incident_id}\n"
        parsed = json.dumps(notice.payload, ensure_ascii=False, indent=2, sort_keys=True)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(f"{notice.id}.txt", f"{head}\n{notice.body}\n")
            self._write(f"{notice.id}.json", f"{parsed}\n")
            self._settle()
        except OSError as error:
            raise DeliveryError(f"{self.folder} cannot be written to: {error.strerror}") from error

    def _write(self, name: str, text: str) -> None:
        """Put the file there whole or not at all. What a killed process left unfinished is written over."""
        unfinished = self.folder / f".{name}.part"
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.folder / name)

    def _settle(self) -> None:
        """Wait until the folder's entries are on disk too: only then was the notice delivered."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
