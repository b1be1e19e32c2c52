"""The state of days: which rows are current, which expired, and which files belong to no state and go.

A day's folder holds `rows-<checksum>.parquet` and `manifest.json`, or `expired.json`, which outweighs any manifest.
"""

import re
from datetime import date
from enum import Enum, auto
from typing import BinaryIO

from aimon.clock import iso, now
from aimon.errors import ExpiredDayError, LakeError
from aimon.lake.draft import Draft
from aimon.lake.files import Files
from aimon.lake.manifest import MANIFEST, TOMBSTONE, DayManifest, Tombstone, manifest_of, to_json, tombstone_of
from aimon.spec.model import NAME_PATTERN

ROWS = "predictions"
ATTEMPTS = 5


class Anything(Enum):
    """The state of a day that is replaced whatever it is."""

    ANYTHING = auto()


ANYTHING = Anything.ANYTHING


def day_folder(model: str, day: date) -> str:
    """The key of the folder of one model and day."""
    return f"{_model_folder(model)}/date={day.isoformat()}"


def _model_folder(model: str) -> str:
    if re.fullmatch(NAME_PATTERN, model) is None:
        raise LakeError(f"{model!r} is not a model's name; use letters, digits, dot, underscore and hyphen")
    return f"{ROWS}/model={model}"


class Days:
    """The days of every model in one place."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def state(self, folder: str) -> DayManifest | Tombstone | None:
        """What the folder says of itself; None where nothing was ever written."""
        buried = self._files.read(f"{folder}/{TOMBSTONE}")
        if buried is not None:
            return tombstone_of(buried)
        written = self._files.read(f"{folder}/{MANIFEST}")
        if written is None:
            return None
        try:
            return manifest_of(written)
        except (KeyError, TypeError, ValueError) as error:
            raise LakeError(
                f"{self._files.location(folder)}/{MANIFEST} is damaged; materialise the day again"
            ) from error

    def verified(self, model: str, day: date) -> DayManifest:
        """The manifest of a day whose rows are there, as long as the manifest says."""
        folder = day_folder(model, day)
        for _ in range(ATTEMPTS):
            state = self._readable(folder, model, day)
            size = self._files.size(state.path)
            if size == state.bytes:
                return state
            if size is not None:
                break  # otherwise a writer may have replaced the day in between: look again
        raise _damaged(model, day, state)

    def opened(self, model: str, day: date) -> BinaryIO:
        """The bytes of the day's rows; the caller closes them."""
        for _ in range(ATTEMPTS):
            state = self.verified(model, day)
            stream = self._files.open(state.path)
            if stream is not None:
                return stream
        raise _damaged(model, day, state)

    def refuse_expired(self, folder: str) -> None:
        """Raise ExpiredDayError where the day's rows expired: written again, they would be kept against the rules."""
        buried = self._files.read(f"{folder}/{TOMBSTONE}")
        if buried is not None:
            raise _expired(tombstone_of(buried), "are not written again")

    def replace(
        self, manifest: DayManifest, rows: Draft, *, instead_of: DayManifest | Anything | None = ANYTHING
    ) -> None:
        """Make the draft the day's rows, and remove what was there before: a given state, or whatever it is."""
        folder = day_folder(manifest.model, manifest.day)
        with self._files.alone(folder):
            self.refuse_expired(folder)
            if instead_of is not ANYTHING and self._state_or_none(folder) != instead_of:
                raise LakeError(f"{manifest.model} {manifest.day}: somebody else wrote the day meanwhile; run it again")
            self._files.publish(rows, manifest.path)
            self._write(f"{folder}/{MANIFEST}", to_json(manifest))
            self._files.sweep(folder)
            self._clean(folder)
            self.refuse_expired(folder)  # an object store has no locks: the day may have expired in between

    def expire(self, model: str, day: date, retention: str | None) -> Tombstone:
        """Bury the day. A second time changes nothing, but deletes what a killed first time left."""
        folder = day_folder(model, day)
        with self._files.alone(folder):
            state = self._state_or_none(folder)
            if not isinstance(state, Tombstone):
                rows, checksum = (state.rows, state.sha256) if state else (0, None)
                state = Tombstone(model, day, now(), retention, rows, checksum)
                self._write(f"{folder}/{TOMBSTONE}", to_json(state))
            self._clean(folder)
        return state

    def models(self) -> list[str]:
        """The models that have, or had, days."""
        return sorted({model for model, _ in self._folders(ROWS)})

    def days(self, model: str) -> list[date]:
        """The days of the model that have rows, in order."""
        held = sorted(day for _, day in self._folders(_model_folder(model)))
        return [day for day in held if isinstance(self.state(day_folder(model, day)), DayManifest)]

    def clean_all(self) -> int:
        """Remove what no day refers to; how many files that were."""
        removed = 0
        for model, day in self._folders(ROWS):
            with self._files.alone(day_folder(model, day)):
                removed += self._clean(day_folder(model, day))
        return removed

    def _clean(self, folder: str) -> int:
        """Remove the folder's files that are not of its state. Whoever asks is alone in the folder."""
        try:
            state = self.state(folder)
        except LakeError:
            return 0  # the rows may be all that is left of a damaged manifest
        if isinstance(state, Tombstone):
            gone = [key for key in self._files.below(folder) if not key.endswith(f"/{TOMBSTONE}")]
            return sum(self._files.delete(key) for key in gone)
        kept = {f"{folder}/{MANIFEST}", state.path if state else ""}
        loose = [key for key in self._files.below(folder) if key not in kept]
        return sum(self._files.delete(key) for key in loose if self._files.is_garbage(key))

    def _readable(self, folder: str, model: str, day: date) -> DayManifest:
        state = self.state(folder)
        if state is None:
            raise LakeError(f"{model} {day}: the lake has no rows of this day; materialise it first")
        if isinstance(state, Tombstone):
            raise _expired(state, "cannot be read")
        return state

    def _state_or_none(self, folder: str) -> DayManifest | Tombstone | None:
        try:
            return self.state(folder)
        except LakeError:
            return None

    def _write(self, key: str, content: bytes) -> None:
        with self._files.draft(key.rpartition("/")[0]) as draft:
            draft.stream.write(content)
            self._files.publish(draft, key)

    def _folders(self, below: str) -> list[tuple[str, date]]:
        found = set()
        for key in self._files.below(below):
            parts = key.split("/")
            if len(parts) == 4 and parts[1].startswith("model=") and parts[2].startswith("date="):
                found.add((parts[1].removeprefix("model="), date.fromisoformat(parts[2].removeprefix("date="))))
        return sorted(found)


def _expired(state: Tombstone, consequence: str) -> ExpiredDayError:
    rule = f" (retention.predictions is {state.retention})" if state.retention else ""
    return ExpiredDayError(
        f"{state.model} {state.day}: the rows expired on {iso(state.expired_at)[:10]}{rule} and {consequence}; "
        "results computed before remain"
    )


def _damaged(model: str, day: date, manifest: DayManifest) -> LakeError:
    return LakeError(
        f"{model} {day}: {manifest.path} is not the file of {manifest.bytes} bytes that its manifest says; "
        "materialise the day again"
    )
