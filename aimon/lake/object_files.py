"""Files in an object store, whose put is atomic by itself; a draft is a local file, unseen before the put ends."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import fsspec

from aimon.errors import LakeError
from aimon.lake.draft import Draft, new_draft
from aimon.lake.files import Files, FolderFiles

OBJECT_STORES = {"s3": "aws", "s3a": "aws", "gs": "gcp", "gcs": "gcp", "az": "azure", "abfs": "azure", "abfss": "azure"}
GRACE = timedelta(days=1)
"""An object nobody refers to is garbage once it is this old; before, its writer may still be about to refer to it."""


def open_files(url: str) -> Files:
    """The place a lake's URL names."""
    if "://" not in url:
        return FolderFiles(Path(url))
    protocol, rest = url.split("://", 1)
    if protocol == "file":
        return FolderFiles(Path(rest))
    if protocol not in OBJECT_STORES and protocol != "memory":
        raise LakeError(f"lake_url: {protocol}:// cannot hold a lake; write a folder, or s3://, gs:// or az://")
    try:
        filesystem, base = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        remedy = f"pip install aimon[{OBJECT_STORES[protocol]}]"
        raise LakeError(f"lake_url: {protocol}:// needs a package that is not installed; {remedy}") from error
    return ObjectFiles(filesystem, base.rstrip("/"), protocol)


class ObjectFiles:
    """A lake in an object store."""

    def __init__(self, filesystem: Any, base: str, protocol: str) -> None:
        self.filesystem = filesystem
        self._base = base
        self._protocol = protocol

    @contextmanager
    def draft(self, folder: str) -> Iterator[Draft]:  # noqa: ARG002
        with tempfile.TemporaryDirectory(prefix="aimon-") as local, new_draft(Path(local)) as draft:
            yield draft

    def publish(self, draft: Draft, key: str) -> None:
        draft.stream.flush()
        with self._explained(key):
            self.filesystem.put_file(str(draft.path), self._at(key))

    def read(self, key: str) -> bytes | None:
        with self._explained(key):
            try:
                content: bytes = self.filesystem.cat_file(self._at(key))
            except FileNotFoundError:
                return None
            return content

    def open(self, key: str) -> BinaryIO | None:
        with self._explained(key):
            try:
                stream: BinaryIO = self.filesystem.open(self._at(key), "rb")
            except FileNotFoundError:
                return None
            return stream

    def size(self, key: str) -> int | None:
        with self._explained(key):
            try:
                return int(self.filesystem.size(self._at(key)))
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> bool:
        with self._explained(key):
            try:
                self.filesystem.rm_file(self._at(key))
            except FileNotFoundError:
                return False
            return True

    def below(self, folder: str) -> list[str]:
        with self._explained(folder):
            try:
                names = self.filesystem.find(self._at(folder))
            except FileNotFoundError:
                return []
        return sorted(name.removeprefix(self._base).lstrip("/") for name in names)

    @contextmanager
    def alone(self, folder: str) -> Iterator[None]:  # noqa: ARG002
        yield

    def sweep(self, folder: str = "") -> int:  # noqa: ARG002
        return 0  # the system clears its folder of temporary files

    def is_garbage(self, key: str) -> bool:
        """Old by the store's own clock, which a fresh object tells."""
        probe = ".clock"
        with self._explained(key):
            self.filesystem.pipe_file(self._at(probe), b"")
            age = self.filesystem.modified(self._at(probe)) - self.filesystem.modified(self._at(key))
            self.filesystem.rm_file(self._at(probe))
        return bool(age > GRACE)

    def location(self, key: str) -> str:
        return f"{self._protocol}://{self._at(key).lstrip('/')}"

    @contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except Exception as error:  # each store's package has errors of its own
            said = " ".join(str(error).split()) or type(error).__name__
            raise LakeError(f"the lake cannot reach {self.location(key)}: {said}; check lake_url and access") from error

    def _at(self, key: str) -> str:
        return f"{self._base}/{key}"
