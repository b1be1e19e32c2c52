"""What `aimon check` asks of the operations database and of the lake. Looking changes neither: nothing is made."""

import os
import tempfile
from pathlib import Path

from sqlalchemy import URL

from aimon.errors import LakeError, StoreError
from aimon.lake.lake import Lake
from aimon.spec.settings import Settings
from aimon.store.engine import make_engine, masked, parse_url
from aimon.store.migrate import HEAD, known_revisions, revision
from aimon.store.store import Store

_PROBE = "checks/writable"


def inspect_database(settings: Settings) -> str:
    """How the database is, in words. Raises `StoreError`."""
    url = parse_url(settings.database_url, settings.root)
    shown = masked(url)
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if file is not None and not file.exists():
        refusal = _refusal(file.parent)
        if refusal:
            raise StoreError(f"{shown} cannot be made: {refusal}")
        return f"{shown}, made on first use"
    if file is not None and not os.access(file, os.R_OK | os.W_OK):
        raise StoreError(f"{file} may not be read and written by this user; change its permissions")
    return _connect(url, shown)


def inspect_lake(settings: Settings) -> str:
    """How the lake is, in words. Raises `LakeError`."""
    location = settings.lake_location
    if "://" in location:
        lake = Lake(location)
        lake.write_bytes(_PROBE, b"")
        lake.delete(_PROBE)
        return location
    folder = Path(location)
    refusal = _refusal(folder)
    if refusal:
        raise LakeError(f"{folder} cannot be written: {refusal}")
    return location if folder.exists() else f"{location}, made on first use"


def _connect(url: URL, shown: str) -> str:
    engine = make_engine(url)
    try:
        with Store(engine).session() as connection:
            present = revision(connection)
            known = present is None or present in known_revisions()
    finally:
        engine.dispose()
    if not known:
        raise StoreError(f"{shown} was written by a newer version of aimon (revision {present}); install that version")
    return shown if present == HEAD else f"{shown}, brought up to date on first use"


def _refusal(folder: Path) -> str | None:
    """Why a file could not be put into the folder, which may be yet to be made; None where it could."""
    try:
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if not existing.is_dir():
            return f"{existing} is a file, not a folder"
        with tempfile.TemporaryFile(dir=existing):
            return None
    except OSError as error:
        return (error.strerror or str(error)).lower()
