"""A YAML text with the line of every key. In: text. Out: plain values, lines, and faults of the writing itself.

Scalars follow YAML 1.2 (`no`, `on` and 1e-5 are what they look like); keys are always text. The tree is built from
libyaml's events, not by its composer, which overflows the stack on deep nesting.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from aimon.spec.fault import Fault, Path
from aimon.spec.wording import quoted

_DEEPEST = 32
_MOST_VALUES = 100_000
_TAG = "tag:yaml.org,2002:"
_CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_CONSTANTS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,99})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class YamlError(Exception):
    """The text is not one YAML document; the sentence says why, the line where."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass(frozen=True, slots=True)
class Tree:
    """What a YAML text holds: the values, the line of every path, and what is written twice or strangely."""

    data: Any
    lines: dict[Path, int]
    faults: tuple[Fault, ...]

    def line(self, path: Path) -> int | None:
        """The line of the longest part of the path that is written down."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None


def parse_yaml(text: str) -> Tree | None:
    """Read one document; None if there is nothing in it."""
    loader = None
    try:
        loader = yaml.CSafeLoader(text)
        return _Reader(loader).document()
    except yaml.reader.ReaderError as error:
        raise _stray(error, text) from None
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from None
    finally:
        if loader is not None:
            loader.dispose()


def scalar(text: str) -> Any:
    """The value of an unquoted scalar.

    >>> [scalar(text) for text in ("no", "1e-5", "010", "0.5", "true", "12", "")]
    ['no', 1e-05, '010', 0.5, True, 12, None]
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text):
        return float(text.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".nan", "nan"))
    return text


@dataclass
class _Reader:
    loader: Any
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    values: int = 0

    def document(self) -> Tree | None:
        self.loader.get_event()
        event = self.loader.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        data = self.node(self.loader.get_event(), ())
        self.loader.get_event()
        event = self.loader.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            raise YamlError("a second document begins here; keep one a file", event.start_mark.line + 1)
        return Tree(data, self.lines, tuple(self.faults))

    def node(self, event: Any, path: Path) -> Any:
        line = event.start_mark.line + 1
        if not path:
            self.lines[path] = line
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event.anchor, line)
        before = self.values
        self.count(1, line)
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, path, line)
        elif len(path) >= _DEEPEST:
            raise YamlError(f"lists and mappings are nested more than {_DEEPEST} deep", line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self.check_tag(event.tag, "seq", path, line)
            value = self.sequence(path)
        else:
            self.check_tag(event.tag, "map", path, line)
            value = self.mapping(path)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.values - before)
        return value

    def alias(self, name: str | None, line: int) -> Any:
        if name is None or name not in self.anchors:
            raise YamlError(f"the alias *{name} has no anchor &{name} before it", line)
        value, size = self.anchors[name]
        self.count(size, line)
        return value

    def count(self, values: int, line: int) -> None:
        self.values += values
        if self.values > _MOST_VALUES:
            raise YamlError(f"aliases make this file larger than {_MOST_VALUES:,} values", line)

    def scalar(self, event: Any, path: Path, line: int) -> Any:
        self.check_tag(event.tag, "str", path, line)
        if "\0" in event.value:
            self.faults.append(Fault(path, "the text holds the character U+0000; remove it", line))
        return scalar(event.value) if event.tag is None and event.implicit[0] else event.value

    def check_tag(self, tag: str | None, native: str, path: Path, line: int) -> None:
        if tag not in (None, "!", _TAG + native):
            self.faults.append(Fault(path, f"the tag {quoted(tag.replace(_TAG, '!!'))} is not supported", line))

    def sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self.loader.get_event(), yaml.SequenceEndEvent):
            inside = (*path, len(items))
            self.lines[inside] = event.start_mark.line + 1
            items.append(self.node(event, inside))
        return items

    def mapping(self, path: Path) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := self.loader.get_event(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlError("a key must be a text, not a list, a mapping or an alias", line)
            inside = (*path, event.value)
            if event.value == "<<" and event.implicit[0]:
                merged = self.merge(self.node(self.loader.get_event(), inside), line) | merged
                continue
            if event.value in pairs:
                first = self.lines[inside]
                self.faults.append(Fault(inside, f"this key is written twice; it stands on line {first} already", line))
            else:
                self.lines[inside] = line
            pairs[event.value] = self.node(self.loader.get_event(), inside)
        return merged | pairs

    def merge(self, value: Any, line: int) -> dict[str, Any]:
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise YamlError("<< merges mappings, and this is none", line)
        merged: dict[str, Any] = {}
        for source in reversed(sources):
            merged |= source
        return merged


def _stray(error: yaml.reader.ReaderError, text: str) -> YamlError:
    line = text.count("\n", 0, text.find(chr(error.character))) + 1
    return YamlError(f"the control character U+{error.character:04X} stands here; remove it", line)


def _explained(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    """Turn libyaml's complaint into a sentence with the line to look at."""
    mark = error.problem_mark or yaml.Mark("", 0, 0, 0, None, 0)
    lines = text.splitlines() or [""]
    line = min(mark.line, len(lines) - 1)
    problem = error.problem or ""
    if "cannot start any token" in problem:
        character = lines[line][mark.column : mark.column + 1]
        if character != "\t":
            return YamlError(f"not valid YAML: no text begins with {character!r}; put it in quotes", line + 1)
        problem = "tab character"
    for fragment, message, at_opening in _SYNTAX:
        if fragment in problem:
            opening = error.context_mark if at_opening else None
            return YamlError(f"not valid YAML: {message}", (opening.line if opening else line) + 1)
    return YamlError(f"not valid YAML: {problem}", line + 1)


_SYNTAX = (
    ("tab character", "a tab stands where only spaces may", False),
    ("expected ',' or ']'", "this list is not closed with ]", True),
    ("expected ',' or '}'", "this mapping is not closed with }", True),
    ("unexpected end of stream", "this quotation mark is never closed", True),
    ("unknown escape character", "a backslash in double quotes starts an escape; use single quotes", False),
    ("mapping values are not allowed", "a ':' stands where none may; check the indentation, or quote the text", False),
    ("could not find expected ':'", "this key has no ':' after it", True),
    ("expected node content", "a value was expected here", False),
    ("unknown directive", "a line may not begin with %; put it in quotes", False),
    ("block sequence entries", "an item of a list begins on its own line", False),
    ("expected key", "this does not continue what stands above; check the indentation and the quotes", False),
    ("expected '-' indicator", "this does not continue the list above; check the indentation", False),
)
