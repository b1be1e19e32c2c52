"""Files that are there whole or not at all, by key; here in a folder, where drafts are settled on disk and renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from aimon.errors import LakeError
from aimon.lake.draft import PREFIX, Draft, locked_folder, new_draft, remove_abandoned


class Files(Protocol):
    """What the lake needs of the place it is in. Keys are relative paths with `/`."""

    filesystem: Any
    """The fsspec file system of the place; None for a folder of this machine."""

    def draft(self, folder: str) -> Any:
        """A context that gives a Draft whose bytes may be published under a key of the folder."""

    def publish(self, draft: Draft, key: str) -> None:
        """Give the draft its name: from now on everybody sees all of it. Replaces what had the name."""

    def read(self, key: str) -> bytes | None:
        """The whole file, or None where there is none."""

    def open(self, key: str) -> BinaryIO | None:
        """The file, to be read in pieces, or None where there is none."""

    def size(self, key: str) -> int | None:
        """How many bytes the file has, or None where there is none."""

    def delete(self, key: str) -> bool:
        """Remove the file; whether there was one."""

    def below(self, folder: str) -> list[str]:
        """The keys of all published files below the folder, sorted."""

    def alone(self, folder: str) -> Any:
        """A context in which nobody else publishes into the folder or deletes from it, where the place has locks."""

    def sweep(self, folder: str = "") -> int:
        """Remove the drafts of killed writers below the folder; how many there were."""

    def is_garbage(self, key: str) -> bool:
        """Whether a file that nothing refers to may be removed now. Asked inside `alone`."""

    def location(self, key: str) -> str:
        """The path or URL by which other programs find the file."""


class FolderFiles:
    """A lake in a folder of this machine, or of a network disk that knows locks."""

    def __init__(self, root: Path) -> None:
        self.filesystem = None
        self._root = root.absolute()

    @contextmanager
    def draft(self, folder: str) -> Iterator[Draft]:
        with _explained(self._root / folder):
            self._make(self._root / folder)
            with new_draft(self._root / folder) as draft:
                yield draft

    def publish(self, draft: Draft, key: str) -> None:
        path = self._root / key
        with _explained(path):
            draft.settle()
            draft.path.replace(path)
            _settle_folder(path.parent)

    def read(self, key: str) -> bytes | None:
        with _explained(self._root / key):
            try:
                return (self._root / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def open(self, key: str) -> BinaryIO | None:
        with _explained(self._root / key):
            try:
                return (self._root / key).open("rb")
            except (FileNotFoundError, NotADirectoryError):
                return None

    def size(self, key: str) -> int | None:
        with _explained(self._root / key):
            try:
                return (self._root / key).stat().st_size
            except (FileNotFoundError, NotADirectoryError):
                return None

    def delete(self, key: str) -> bool:
        path = self._root / key
        with _explained(path):
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            _settle_folder(path.parent)
            return True

    def below(self, folder: str) -> list[str]:
        found = (self._root / folder).rglob("*")
        return sorted(str(path.relative_to(self._root)) for path in found if _is_published(path))

    @contextmanager
    def alone(self, folder: str) -> Iterator[None]:
        with _explained(self._root / folder):
            self._make(self._root / folder)
            with locked_folder(self._root / folder):
                yield

    def sweep(self, folder: str = "") -> int:
        with _explained(self._root / folder):
            return sum(remove_abandoned(path) for path in sorted((self._root / folder).rglob(f"{PREFIX}*")))

    def is_garbage(self, key: str) -> bool:  # noqa: ARG002
        return True  # publishing needs the lock that the asker holds

    def location(self, key: str) -> str:
        return str(self._root / key)

    def _make(self, folder: Path) -> None:
        """Make the folder, each level on the disk before the next: a file is only safe if the way to it is."""
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        _settle_folder(folder.parent)


def _is_published(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _settle_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LakeError(
            f"the lake cannot use {path}: {error.strerror or error}; check lake_url, free space and permissions"
        ) from error
