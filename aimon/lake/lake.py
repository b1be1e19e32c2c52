"""The lake: one Parquet file of rows a model and day, and the artifacts beside them (profiles, grids, reports).

A day changes in one step, when its manifest is replaced. A writer killed before leaves the old day, one killed after
leaves the new one; what else it left is removed by the next writer of the day and by `sweep`.
"""

import hashlib
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from aimon.encryption.datakeys import DataKey, DataKeys
from aimon.encryption.envelope import opened, sealed
from aimon.encryption.parquet import to_read
from aimon.errors import LakeError
from aimon.intake.align import chained, fitted, united
from aimon.lake.days import ROWS, Days, day_folder
from aimon.lake.draft import PREFIX, Draft
from aimon.lake.duplicates import repeated_rows, without_rows
from aimon.lake.manifest import DayManifest, Tombstone
from aimon.lake.object_files import open_files
from aimon.lake.rows import RowsFile, Written, read_rows, write_rows
from aimon.spec.duration import format_duration

HOLD_ROWS = ("samples/", "quarantine/")
"""The folders of artifacts that hold rows, and are encrypted where the days are."""


class Lake:
    """A lake in a folder or an object store (s3://, gs://, az://)."""

    def __init__(
        self, url: str, keys: DataKeys | None = None, protected: Callable[[str], Collection[str]] = lambda _: ()
    ) -> None:
        """`protected` says which columns of a model's days are encrypted by a key of their own."""
        self.url = url
        self._keys = keys
        self._protected = protected
        self._files = open_files(url)
        self._days = Days(self._files)

    def write_day(
        self,
        model: str,
        day: date,
        batches: Iterable[pa.RecordBatch],
        schema: pa.Schema | None = None,
        *,
        id_column: str | None = None,
        left_out: int = 0,
    ) -> DayManifest:
        """Make these rows the day's rows, in place of what was there.

        Of rows with the same `id_column` the first is kept; a row without an id is kept always. The schema may be left
        out for a RecordBatchReader, which has its own. `left_out` repetitions were left out of the rows before.
        """
        kept = united([schema or cast("pa.RecordBatchReader", batches).schema])
        with self._written(model, day, batches, kept, id_column) as (found, rows):
            manifest = replace(found, duplicates=found.duplicates + left_out)
            self._days.replace(manifest, rows)
        return manifest

    def extend_day(self, model: str, day: date, rows: pa.RecordBatchReader, *, id_column: str) -> DayManifest:
        """Add rows to those the day already has. A row whose id the day has, or an earlier row, is left out.

        Raises LakeError where somebody else wrote the day meanwhile: what they wrote would be lost.
        """
        before = self.manifest(model, day)
        readers = [rows] if before is None else [self.read_day(model, day), rows]
        union = chained(readers)
        with self._written(model, day, union, union.schema, id_column) as (manifest, draft):
            self._days.replace(manifest, draft, instead_of=before)
        return manifest

    def manifest(self, model: str, day: date) -> DayManifest | None:
        """What the day holds; None for a day that was never written, or that expired."""
        state = self._days.state(day_folder(model, day))
        return state if isinstance(state, DayManifest) else None

    def tombstone(self, model: str, day: date) -> Tombstone | None:
        """When and why the day's rows expired; None for any other day."""
        state = self._days.state(day_folder(model, day))
        return state if isinstance(state, Tombstone) else None

    def day_path(self, model: str, day: date) -> str:
        """The path or URL of the day's rows, whose name and size are those of the manifest.

        Raises ExpiredDayError for a day that expired, LakeError for one that is missing or damaged.
        """
        return self.day_file(model, day).path

    def day_file(self, model: str, day: date) -> RowsFile:
        """The file of the day's rows, with what opens it. Raises as `day_path` does."""
        manifest = self._days.verified(model, day)
        return RowsFile(self._files.location(manifest.path), None if manifest.key is None else self._unlock)

    def read_day(self, model: str, day: date, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """The day's rows. Once this has returned, a new version of the day does not disturb the reading."""
        return read_rows(self._days.opened(model, day), columns, self._unlock)

    def verify(self, model: str, day: date) -> None:
        """Read every byte of the day and compare its checksum; LakeError where it differs."""
        manifest = self._days.verified(model, day)
        with self._days.opened(model, day) as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
        if found != manifest.sha256:
            raise LakeError(
                f"{model} {day}: {manifest.path} was changed since it was written; materialise the day again"
            )

    def days(self, model: str) -> list[date]:
        """The days that have rows to read, in order."""
        return self._days.days(model)

    def models(self) -> list[str]:
        """The models that have, or had, days in the lake."""
        return self._days.models()

    def expire_day(self, model: str, day: date, *, retention: timedelta | None = None) -> Tombstone:
        """Delete the day's rows for good. From then on the day is neither read nor written."""
        return self._days.expire(model, day, None if retention is None else format_duration(retention))

    def sweep(self) -> int:
        """Remove what killed writers left anywhere in the lake; how many files that were."""
        return self._files.sweep() + self._days.clean_all()

    def write_bytes(self, key: str, content: bytes) -> None:
        """Put an artifact under a key such as `reports/model=loans/2026-11-20.html`; readers see the old or the new."""
        written = sealed(self._key_for(key), content, key)
        with self._files.draft(_artifact(key).rpartition("/")[0]) as draft:
            draft.stream.write(written)
            self._files.publish(draft, key)

    def write_table(self, key: str, table: pa.Table) -> None:
        """Put an artifact as Parquet; the same table gives the same bytes."""
        kept = united([table.schema])
        with self._files.draft(_artifact(key).rpartition("/")[0]) as draft:
            batches = (fitted(batch, kept) for batch in table.to_batches())
            write_rows(draft.stream, batches, kept, self._key_for(key))
            self._files.publish(draft, key)

    def read_bytes(self, key: str) -> bytes:
        """The artifact; LakeError where there is none."""
        return opened(self._find, self.stored_bytes(key), key)

    def stored_bytes(self, key: str) -> bytes:
        """The artifact as it lies there, encrypted or not; LakeError where there is none."""
        content = self._files.read(_artifact(key))
        if content is None:
            raise LakeError(f"the lake {self.url} holds no {key}")
        return content

    def read_table(self, key: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The artifact that `write_table` put there; LakeError where there is none."""
        stream = self._files.open(_artifact(key))
        if stream is None:
            raise LakeError(f"the lake {self.url} holds no {key}")
        return read_rows(stream, columns, self._unlock).read_all()

    def exists(self, key: str) -> bool:
        """Whether there is such an artifact."""
        return self._files.size(_artifact(key)) is not None

    def keys(self, folder: str) -> list[str]:
        """The keys of the artifacts below a folder, sorted."""
        return self._files.below(_artifact(folder))

    @property
    def filesystem(self) -> Any | None:
        """What DuckDB must register to read the lake's URLs; None for a folder, which it reads by itself."""
        return self._files.filesystem

    def path(self, key: str) -> str:
        """The path or URL of an artifact, for other programs."""
        return self._files.location(_artifact(key))

    def delete(self, key: str) -> bool:
        """Remove an artifact; whether there was one."""
        return self._files.delete(_artifact(key))

    def _unlock(self) -> Any:
        """What opens one Parquet file of the lake."""
        return to_read(cache(self._find))

    def _find(self, key_id: str) -> DataKey:
        if self._keys is None:
            raise LakeError(f"the lake {self.url} is encrypted and cannot be read without the project's keys")
        return self._keys.opening(key_id)

    def _key_for(self, key: str) -> DataKey | None:
        """The key that seals an artifact; None for one that holds no rows."""
        if self._keys is None or not key.startswith(HOLD_ROWS):
            return None
        return self._keys.sealing(_model_of(key))

    @contextmanager
    def _written(
        self, model: str, day: date, batches: Iterable[pa.RecordBatch], schema: pa.Schema, id_column: str | None
    ) -> Iterator[tuple[DayManifest, Draft]]:
        """The rows in a draft, and the manifest they will have."""
        folder = day_folder(model, day)
        self._days.refuse_expired(folder)
        if id_column is not None and id_column not in schema.names:
            raise LakeError(f"{model} {day}: there is no column {id_column!r} to tell duplicates by")
        key = None if self._keys is None else self._keys.sealing(model)
        write = partial(write_rows, schema=schema, key=key, protected=self._protected(model))
        with self._files.draft(folder) as draft:
            written = write(draft.stream, (fitted(batch, schema) for batch in batches))
            draft.stream.flush()
            with self._without_duplicates(folder, draft, id_column, write, key) as (final, duplicates, mac):
                checksum, size = _checksum(final)
                path = f"{folder}/rows-{checksum[:12]}.parquet"
                yield (
                    DayManifest(
                        model,
                        day,
                        written.rows - duplicates,
                        duplicates,
                        size,
                        checksum,
                        path,
                        None if key is None else key.id,
                        mac or written.mac,
                    ),
                    final,
                )

    @contextmanager
    def _without_duplicates(
        self, folder: str, draft: Draft, id_column: str | None, write: Callable[..., Written], key: DataKey | None
    ) -> Iterator[tuple[Draft, int, str | None]]:
        """The draft itself where no id repeats; else another one without the repetitions, and its keyed hash."""
        file = RowsFile(str(draft.path), None if key is None else partial(to_read, lambda _: key))
        with tempfile.TemporaryDirectory(prefix="aimon-") as scratch:
            repeated = None if id_column is None else repeated_rows(file, id_column, Path(scratch))
        if repeated is None or not len(repeated):
            yield draft, 0, None
            return
        with self._files.draft(folder) as second:
            written = write(second.stream, without_rows(file, repeated))
            yield second, len(repeated), written.mac


def _model_of(key: str) -> str:
    """The model whose artifact it is.

    >>> _model_of("samples/model=loans/date=2026-11-20.parquet")
    'loans'
    """
    return key.split("/")[1].removeprefix("model=")


def _checksum(draft: Draft) -> tuple[str, int]:
    draft.stream.flush()
    draft.stream.seek(0)
    checksum = hashlib.file_digest(draft.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    return checksum, draft.stream.tell()


def _artifact(key: str) -> str:
    parts = key.split("/")
    if parts[0] == ROWS or any(part in ("", ".", "..") or part.startswith(PREFIX) for part in parts):
        raise ValueError(f"{key!r} is not a key of an artifact")
    return key
