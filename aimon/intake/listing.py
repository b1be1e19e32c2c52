"""Which files a declared path means. In: a file, a folder, a glob, or an fsspec URL of these. Out: the files, in order.

Folders are read to any depth. `name=value` folders below the declared one (hive partitions) become columns.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import fsspec

from aimon.errors import SourceError
from aimon.intake.data_file import DataFile, distant, explained, protocols
from aimon.intake.environment import expand, masked

_EXTRAS = {"s3": "aws", "s3a": "aws", "gs": "gcp", "gcs": "gcp"} | dict.fromkeys(
    ("az", "abfs", "abfss", "adl"), "azure"
)
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
_WILDCARD = re.compile(r"[*?\[]")


def find_files(declared: str, root: Path, suffixes: tuple[str, ...]) -> list[DataFile]:
    """Every file the path means, sorted by path. A folder holds the files whose name ends in one of `suffixes`.

    Raises SourceError where there is none, so that a wrong path is never taken for a source without rows.
    """
    path = expand(declared)
    shown = masked(declared)
    filesystem, path, prefix = _file_system(path, root, shown)
    with explained(shown), distant(shown, "cannot be listed"):
        found = _found(filesystem, path, suffixes, shown)
    is_file = [name for name, _ in found] == [path]
    base = str(PurePosixPath(path).parent) if is_file else _fixed_part(path)
    return [
        DataFile(filesystem, name, _show(prefix, name, root), _partition(name, base), _stamp(info))
        for name, info in sorted(found)
    ]


def _file_system(path: str, root: Path, shown: str) -> tuple[Any, str, str]:
    """The file system, the path inside it, and what to put before a path to show it."""
    if "://" not in path:
        return fsspec.filesystem("file"), str(root.absolute() / path), ""
    protocol = path.split("://", 1)[0].split("::", maxsplit=1)[0]
    try:
        filesystem, inner = fsspec.core.url_to_fs(path)
    except (ImportError, ValueError) as error:
        extra = _EXTRAS.get(protocol)
        if extra is None and isinstance(error, ValueError):
            raise SourceError(
                f"{shown}: {protocol}:// is not a file system that fsspec knows; use a path, s3://, gs:// or az://"
            ) from error
        remedy = f"pip install aimon[{extra}]" if extra else f"install the fsspec package for {protocol}://"
        raise SourceError(f"{shown}: {protocol}:// needs a package that is not installed; {remedy}") from error
    return filesystem, inner, "" if "file" in protocols(filesystem) else f"{protocol}://"


def _found(filesystem: Any, path: str, suffixes: tuple[str, ...], shown: str) -> list[tuple[str, dict[str, Any]]]:
    info = _info(filesystem, path)
    if info is None and _WILDCARD.search(path):
        matched: dict[str, dict[str, Any]] = filesystem.glob(path, detail=True)
        found = {name: info for name, info in matched.items() if info["type"] == "file" and _is_visible(name, path)}
        for name, info in matched.items():
            if info["type"] == "directory":
                found |= {below: told for below, told in _below(filesystem, name, suffixes) if _is_visible(below, path)}
        if not found:
            raise SourceError(f"{shown}: no file matches; check the pattern and the folder it starts in")
        return list(found.items())
    if info is None:
        raise SourceError(f"{shown}: no such file or folder; check the path (relative paths start beside aimon.yaml)")
    if info["type"] == "file":
        return [(path, info)]
    found = dict(_below(filesystem, path, suffixes))
    if not found:
        raise SourceError(f"{shown}: the folder holds no file whose name ends in {' or '.join(suffixes)}")
    return list(found.items())


def _info(filesystem: Any, path: str) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = filesystem.info(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return told


def _below(filesystem: Any, folder: str, suffixes: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    if "file" in protocols(filesystem):
        held = {name: filesystem.info(name) for name in _walk(folder)}
    else:
        held = filesystem.find(folder, detail=True)
    return [
        (name, info) for name, info in held.items() if name.lower().endswith(suffixes) and _is_visible(name, folder)
    ]


def _walk(folder: str) -> Iterator[str]:
    """Every file below the folder. A closed folder is not an empty one, as fsspec would have it."""

    def refuse(error: OSError) -> None:
        raise error

    for place, _, names in os.walk(folder, onerror=refuse, followlinks=True):
        yield from (f"{place}/{name}" for name in names)


def _is_visible(name: str, declared: str) -> bool:
    """Names that start with `_` or `.` are other programs' notes and unfinished files, unless the pattern asks so."""
    base = _fixed_part(declared)
    asked = declared.removeprefix(base).strip("/").split("/")
    if any(part.startswith(("_", ".")) for part in asked):
        return True
    below = name.removeprefix(base).strip("/").split("/")
    return not any(part.startswith(("_", ".")) and "=" not in part for part in below)


def _fixed_part(path: str) -> str:
    """The path up to its first wildcard."""
    parts = PurePosixPath(path).parts
    fixed = next((position for position, part in enumerate(parts) if _WILDCARD.search(part)), len(parts))
    return str(PurePosixPath(*parts[:fixed])) if fixed else ""


def _partition(name: str, base: str) -> tuple[tuple[str, str | None], ...]:
    below = name.removeprefix(base).strip("/").split("/")[:-1]
    pairs = dict(unquote(part).split("=", 1) for part in below if part.find("=") > 0)
    return tuple((key, None if value == _HIVE_NULL else value) for key, value in pairs.items())


def _stamp(info: dict[str, Any]) -> str:
    changed = next((info[key] for key in ("mtime", "ETag", "etag", "LastModified", "last_modified") if key in info), "")
    return f"{info.get('size')}:{info.get('ino', '')}:{changed}"


def _show(prefix: str, name: str, root: Path) -> str:
    if prefix:
        return prefix + name.lstrip("/")
    path = Path(name)
    return str(path.relative_to(root.absolute())) if path.is_relative_to(root.absolute()) else name
