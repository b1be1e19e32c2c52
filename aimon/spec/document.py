"""One YAML file of the project: read with care, it knows the line of each key and turns faults into mistakes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aimon.errors import ConfigError, Mistake
from aimon.spec.fault import Fault, dotted
from aimon.spec.wording import found
from aimon.spec.yamltext import Tree, YamlError, parse_yaml

LARGEST = 1_000_000
TOO_LARGE = "the file is larger than 1 MB; a declaration is a page, not data"


@dataclass(frozen=True, slots=True)
class Document:
    """A file whose top level is a mapping. `name` is how sentences call it: the path seen from the project."""

    name: str
    tree: Tree

    @property
    def data(self) -> dict[str, Any]:
        """The values, as plain dicts, lists and scalars."""
        data: dict[str, Any] = self.tree.data
        return data

    def mistake(self, fault: Fault) -> Mistake:
        """The fault with file, key and line."""
        line = self.tree.line(fault.path) if fault.line is None else fault.line
        return Mistake(self.name, dotted(fault.path), line, fault.message)


def read_document(path: Path, name: str, *, empty: str | None = None, written: str | None = None) -> Document:
    """Read a file, or what shall be `written` to it.

    One without content is refused with the sentence `empty`, or read as an empty mapping.
    """
    text = _read_text(path, name) if written is None else _measured(written, name)
    try:
        tree = parse_yaml(text)
    except YamlError as error:
        raise _refused(name, error.message, error.line) from None
    if tree is None or tree.data is None:
        if empty is not None:
            raise _refused(name, empty)
        tree = Tree({}, {}, ())
    if not isinstance(tree.data, dict):
        raise _refused(name, f"found {found(tree.data)}, expected a mapping of keys to values", tree.line(()))
    return Document(name, tree)


def _measured(text: str, name: str) -> str:
    if len(text.encode()) > LARGEST:
        raise _refused(name, TOO_LARGE)
    return text


def _read_text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise _refused(name, TOO_LARGE)
        content = path.read_bytes()
    except OSError as error:
        raise _refused(name, f"the file cannot be read: {(error.strerror or str(error)).lower()}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(name, f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8", line) from None


def _refused(name: str, message: str, line: int | None = None) -> ConfigError:
    return ConfigError([Mistake(name, "", line, message)])
