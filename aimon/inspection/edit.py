"""An edit of one of the project's files: checked as the whole project is, kept with its author and reason, written.

A file is replaced whole, and only if it is still the one that was edited. What people may not do over the network is
refused here: pointing a model at other data, renaming it, reading a password out of a file.
"""

import difflib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aimon import clock
from aimon.errors import ConfigError, ConflictError, MissingError, UserError
from aimon.govern.audit import AuditTrail, Change
from aimon.inspection.project import inspect_edit
from aimon.intake.environment import masked
from aimon.platform import Platform
from aimon.spec.settingsfile import SETTINGS_FILE
from aimon.spec.yamledit import edited, entry, swapped
from aimon.spec.yamltext import YamlError, parse_yaml
from aimon.store import edits
from aimon.store.edits import StoredEdit
from aimon.store.locks import lock

SECTIONS = ("routes", "silences", "notices", "calendars")
"""What may be edited of aimon.yaml: nothing that says where data lies, where secrets come from or whom to reach how."""
THRESHOLDS = "thresholds"
FIXED = ("model", "formerly", "source")
"""What a model's file keeps: its identity, and where its data comes from."""
BOM = b"\xef\xbb\xbf"


class StaleError(ConflictError):
    """The file is not the one that was edited any more."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A file of the project as it is now. `text` is None where there is none yet."""

    path: Path
    name: str
    text: str | None
    sha256: str | None

    @property
    def data(self) -> dict[str, Any]:
        """What the file says; nothing where it cannot be read."""
        return data_of(self.text or "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who wants which edit, and why. `seen` is the digest of the file they edited; None where nobody saw it."""

    by: str
    reason: str
    seen: str | None = None
    undoes: int | None = None


def settings_file(platform: Platform) -> Declared:
    """The project's settings."""
    return _declared(platform.root / SETTINGS_FILE, SETTINGS_FILE)


def model_file(platform: Platform, model: str) -> Declared:
    """The file that declares the model, or that has its name and mistakes."""
    folder = platform.project.settings.models_folder
    path = platform.project.files.get(model)
    if path is None:
        path = next((each for end in ("yaml", "yml") if (each := folder / f"{model}.{end}").is_file()), None)
    if path is None:
        raise MissingError(f"there is no model {model}; GET models lists those there are")
    return _declared(path, _name(path, platform.root))


def new_model_file(platform: Platform, text: str) -> Declared:
    """Where the file of a new model will be: named after it."""
    data = data_of(text)
    model, source = data.get("model"), data.get("source")
    if not isinstance(model, str) or not model.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise UserError("model: name the new model, in letters, digits, '.', '_' and '-'")
    if not isinstance(source, dict) or source.get("kind") != "collector":
        raise UserError("source: a model that is added here takes its predictions from the collector; write its file")
    if isinstance(data.get("baseline"), dict) and "path" in data["baseline"]:
        raise UserError("baseline.path: a model that is added here has no baseline from a file; write its file")
    path = platform.project.settings.models_folder / f"{model}.yaml"
    if path.exists() or model in platform.project.models:
        raise ConflictError(f"there is a model {model} already; edit it")
    return Declared(path, _name(path, platform.root), None, None)


def refuse_password(file: Declared) -> None:
    """Refuse to show or keep a text that holds a password."""
    source = file.data.get("source")
    url = source.get("url") if isinstance(source, dict) else None
    if isinstance(url, str) and "$" not in url and masked(url) != url:
        raise ConflictError(f"{file.name} holds a password; write $NAME in its place and set the variable first")


def check_model(platform: Platform, file: Declared, text: str, environment: Mapping[str, str]) -> None:
    """Raise what is wrong with a model's new text, `aimon check`'s sentences included."""
    if file.text is not None:
        before, after = file.data, data_of(text)
        for key in FIXED:
            if before.get(key) != after.get(key):
                raise UserError(f"{key}: this is not changed over the network; edit {file.name} itself")
        if _path_of(after) not in (None, _path_of(before)):
            raise UserError(f"baseline.path: this is not changed over the network; edit {file.name} itself")
    _check(platform, file, text, environment, reach=True)


def put_model(
    platform: Platform, trail: AuditTrail, file: Declared, text: str, wanted: Wanted, environment: Mapping[str, str]
) -> StoredEdit:
    """Give a model's file another text, or make the file of a new model."""
    refuse_password(file)
    check_model(platform, file, text, environment)
    return _keep(platform, trail, file, None, text, wanted)


def put_section(
    platform: Platform,
    trail: AuditTrail,
    file: Declared,
    section: str,
    value: Any,
    wanted: Wanted,
    environment: Mapping[str, str],
) -> StoredEdit:
    """Give a top-level key another value; comments and all else of the file stay. An empty value takes the key away."""
    try:
        text = edited(file.text or "", section, value or None)
        text.encode()
    except (RecursionError, UnicodeEncodeError):
        raise UserError(f"{section}: this is nested too deeply, or no text") from None
    _check(platform, file, text, environment, reach=False)
    return _keep(platform, trail, file, section, text, wanted)


def undo(
    platform: Platform, trail: AuditTrail, number: int, wanted: Wanted, environment: Mapping[str, str]
) -> StoredEdit:
    """Put back what stood there before an edit, where the edit still stands."""
    with platform.store.session() as connection:
        done = edits.get(connection, number)
    if done is None:
        raise MissingError(f"there is no edit {number}; GET declarations/changes lists them")
    if done.undone_by is not None:
        raise ConflictError(f"edit {number} was undone by edit {done.undone_by}")
    file = _declared(platform.root / done.file, done.file)
    stands = file.sha256 == done.after_sha256 if done.section is None else _entry(file, done.section) == done.after
    if not stands:
        raise ConflictError(f"{done.file} was changed since edit {number}; edit it anew")
    if done.section is None and done.before is None:
        raise ConflictError("a model that was added is not deleted; retire it with `retired: true`")
    text = done.before or "" if done.section is None else swapped(file.text or "", done.section, done.before)
    _check(platform, file, text, environment, reach=False)
    return _keep(platform, trail, file, done.section, text, wanted)


def diff(done: StoredEdit) -> str:
    """What an edit changed, line by line."""
    before, after = (done.before or "").splitlines(), (done.after or "").splitlines()
    lines = difflib.unified_diff(before, after, f"{done.file} before", f"{done.file} after", lineterm="")
    return "\n".join(lines)


def data_of(text: str) -> dict[str, Any]:
    """What a text says; nothing where it says nothing that can be understood."""
    try:
        tree = parse_yaml(text)
    except YamlError:
        return {}
    return tree.data if tree is not None and isinstance(tree.data, dict) else {}


def _entry(file: Declared, section: str) -> str | None:
    return entry(file.text or "", section)


def _check(platform: Platform, file: Declared, text: str, environment: Mapping[str, str], *, reach: bool) -> None:
    if mistakes := inspect_edit(platform.root, environment, {file.path: text}, reach=reach):
        raise ConfigError(mistakes)


def _keep(
    platform: Platform, trail: AuditTrail, file: Declared, section: str | None, text: str, wanted: Wanted
) -> StoredEdit:
    """Record the edit and replace the file, both or neither."""
    after = _digest(text)
    written = False
    try:
        with trail.change(wanted.by) as change:
            lock(change.connection, "edits")
            _refuse_stale(file, wanted)
            number = _record(change, file, section, text, after, wanted)
            _write(file.path, text)
            written = True
    except BaseException:
        if written and file.text is not None:
            _write(file.path, file.text)
        elif written:
            file.path.unlink(missing_ok=True)
        raise
    with platform.store.session() as connection:
        kept = edits.get(connection, number)
    assert kept is not None  # noqa: S101 - it was committed
    return kept


def _refuse_stale(file: Declared, wanted: Wanted) -> None:
    present = _declared(file.path, file.name)
    if present.sha256 != file.sha256 or (wanted.seen is not None and wanted.seen != present.sha256):
        raise StaleError(f"{file.name} was changed meanwhile; look at it again")


def _record(change: Change, file: Declared, section: str | None, text: str, after: str, wanted: Wanted) -> int:
    number = edits.add(
        change.connection,
        file=file.name,
        section=section,
        at=clock.now(),
        author=change.actor,
        reason=wanted.reason,
        before=file.text if section is None else _entry(file, section),
        after=text if section is None else entry(text, section),
        before_sha256=file.sha256,
        after_sha256=after,
        undoes=wanted.undoes,
    )
    action = "declarations.edit" if wanted.undoes is None else "declarations.undo"
    told = {"edit": number, "section": section, "before": file.sha256, "after": after, "reason": wanted.reason}
    change.note(action, f"file:{file.name}", **told)
    return number


def _declared(path: Path, name: str) -> Declared:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Declared(path, name, None, None)
    except OSError as error:
        raise UserError(f"{name} cannot be read: {(error.strerror or str(error)).lower()}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{name} is not UTF-8; save it as UTF-8") from None
    return Declared(path, name, text, _digest(text))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, text: str) -> None:
    """Replace the file at once: whoever reads it sees the old text or the new one. A link stays a link."""
    path = path.resolve()
    try:
        marked = path.exists() and path.read_bytes().startswith(BOM)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write((BOM if marked else b"") + text.encode())
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, temporary)
            else:
                Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise UserError(f"{path.name} cannot be written: {(error.strerror or str(error)).lower()}") from None


def _path_of(data: Mapping[str, Any]) -> Any:
    baseline = data.get("baseline")
    return baseline.get("path") if isinstance(baseline, dict) else None


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
