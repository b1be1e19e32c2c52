"""One file of a source: its bytes, its version, its name. What goes wrong with it is a SourceError that says so."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

from aimon.errors import SourceError
from aimon.intake.environment import masked


@dataclass(frozen=True, slots=True)
class DataFile:
    """Where a file is, how to show it, and what its folders say about its rows."""

    filesystem: Any = field(repr=False, compare=False)
    path: str
    shown: str
    partition: tuple[tuple[str, str | None], ...] = ()
    stamp: str = ""
    """Changes when the content changes."""

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for the same version of the same file, and for nothing else."""
        return (*protocols(self.filesystem), self.path, self.stamp)

    @property
    def is_local(self) -> bool:
        return "file" in protocols(self.filesystem)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes of the file."""
        with explained(self.shown):
            if self.is_local:
                with Path(self.path).open("rb") as stream:
                    yield stream
                return
            with distant(self.shown, "cannot be read"):
                far = self.filesystem.open(self.path, "rb")
            with far:
                yield cast("BinaryIO", _FarStream(far, self.shown))


def stamp_of(files: Iterable[DataFile]) -> str:
    """A short text for these versions of these files; empty for none."""
    listed = "\n".join(sorted(repr(file.identity) for file in files))
    return sha256(listed.encode()).hexdigest()[:16] if listed else ""


class _FarStream:
    """A file elsewhere. Its failures come up inside Arrow, where nobody knows its name."""

    def __init__(self, stream: Any, shown: str) -> None:
        self._stream = stream
        self._shown = shown

    def read(self, size: int = -1) -> bytes:
        with distant(self._shown, "cannot be read"):
            content: bytes = self._stream.read(size)
            return content

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def explained(shown: str) -> Iterator[None]:
    """Say in a user's words that a file is gone or closed."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceError(f"{shown}: no such file; it was there a moment ago or its name is wrong") from error
    except PermissionError as error:
        raise SourceError(f"{shown}: permission denied; allow the user that runs aimon to read it") from error


@contextmanager
def distant(shown: str, what: str) -> Iterator[None]:
    """Say which file it was when a network or a cloud failed: each cloud's package has errors of its own."""
    try:
        yield
    except (SourceError, FileNotFoundError, PermissionError):
        raise
    except Exception as error:
        said = masked(" ".join(str(error).split()))
        raise SourceError(f"{shown}: {what}: {said or type(error).__name__}") from error


def protocols(filesystem: Any) -> tuple[str, ...]:
    """The names by which URLs call an fsspec file system."""
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
