"""A value changed in a YAML text, and nothing else of the text. In: text, path, value. Out: text with its comments.

Places come from the marks of libyaml's nodes. What is written new is short and in one line where it stood in one line.
Whoever edits reads the result again (`edited` does so itself): a text that would say something else is refused.
"""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from aimon.errors import UserError
from aimon.spec.yamltext import YamlError, parse_yaml, scalar

Span = tuple[int, int]


class _Dumper(yaml.SafeDumper):
    """Writes plain text only where YAML 1.2 reads text."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain = scalar(value) if value.strip() == value else None
    style = None if isinstance(plain, str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def edited(text: str, key: str, value: Any) -> str:
    r"""The text with the top-level key's value; `None` takes the key away. Raises `UserError` where it cannot.

    >>> print(edited("a: 1  # one\nlimits:\n  psi: 0.1  # low\n", "limits", {"psi": 0.2}), end="")
    a: 1  # one
    limits:
      psi: 0.2  # low
    """
    try:
        return _proved(text, key, value)
    except YamlError as error:
        raise UserError(f"{key}: {error.message} (line {error.line}); edit the file's text") from None


def _proved(text: str, key: str, value: Any) -> str:
    tree = parse_yaml(text)
    before = {} if tree is None or tree.data is None else tree.data
    expected = {name: kept for name, kept in before.items() if name != key} | ({} if value is None else {key: value})
    changed = _put(text, key, value)
    after = parse_yaml(changed)
    if ({} if after is None or after.data is None else after.data) != expected:
        raise UserError(f"{key}: the way the file is written (anchors, tags, one line) cannot be kept; edit its text")
    return changed


def entry(text: str, key: str) -> str | None:
    """The text of a top-level key with its value and comments, as it is written; None where it is not."""
    span = _entry_span(text, key)
    return None if span is None else text[span[0] : span[1]]


def swapped(text: str, key: str, written: str | None) -> str:
    """The text with what `entry` once gave in the place of what stands there now; None takes the key away."""
    span = _entry_span(text, key)
    if written is None:
        return text if span is None else _without(text, span)
    return _appended(text, written) if span is None else text[: span[0]] + written + text[span[1] :]


def _put(text: str, key: str, value: Any) -> str:
    root = _compose(text)
    if value is None:
        span = _entry_span(text, key)
        return text if span is None else _without(text, span)
    found = next(((name, node) for name, node in _pairs(root) if name.value == key), None)
    if found is None:
        return _appended(text, _block({key: value}, text))
    name, node = found
    if _is_block(node):
        return _changed(text, node, value)
    whole = name.start_mark.index, _end(text, node)
    return text[: whole[0]] + _block({key: value}, text) + text[whole[1] :]


def _changed(text: str, node: yaml.Node, value: Any) -> str:
    """The text with another value in the node's place, as little of it rewritten as possible."""
    if _plain(node) == value:
        return text
    if _is_block(node) and isinstance(node, yaml.MappingNode) and isinstance(value, Mapping) and value:
        return _changed_mapping(text, node, value)
    if _is_block(node) and isinstance(node, yaml.SequenceNode) and isinstance(value, list) and value:
        return _changed_list(text, node, value)
    return text[: node.start_mark.index] + _flow(value) + text[_end(text, node) :]


def _changed_mapping(text: str, node: yaml.MappingNode, value: Mapping[str, Any]) -> str:
    known = {name.value: (name, own) for name, own in node.value}
    column = node.start_mark.column
    more = [f"{_flow(name)}: {_flow(value[name])}" for name in value if name not in known]
    if more:
        at = _line_end(text, _end(text, node.value[-1][1]))
        text = text[:at] + "".join(f"{_newline(text)}{' ' * column}{line}" for line in more) + text[at:]
    for name, own in reversed(node.value):
        if name.value not in value:
            text = _without(text, (name.start_mark.index, _end(text, own)))
        elif _plain(own) != value[name.value]:
            text = _changed(text, own, value[name.value])
    return text


def _changed_list(text: str, node: yaml.SequenceNode, value: Sequence[Any]) -> str:
    """Items that are equal stay where they are, with their comments."""
    before, after = [repr(_plain(each)) for each in node.value], [repr(each) for each in value]
    indent = " " * node.start_mark.column
    for kind, first, last, begin, end in reversed(SequenceMatcher(None, before, after, autojunk=False).get_opcodes()):
        if kind == "equal":
            continue
        same = min(last - first, end - begin)
        lines = [f"{indent}- {_flow(each)}" for each in value[begin + same : end]]
        if lines:
            place = first + same
            at = _line_end(text, _end(text, node.value[place - 1])) if place else _line_start(text, node, node.value[0])
            joined = _newline(text).join(lines)
            text = text[:at] + (_newline(text) + joined if place else joined + _newline(text)) + text[at:]
        for gone in reversed(node.value[first + same : last]):
            text = _without(text, (_dash(text, gone), _end(text, gone)))
        for place in reversed(range(same)):
            text = _changed(text, node.value[first + place], value[begin + place])
    return text


def _compose(text: str) -> yaml.Node | None:
    loader = yaml.CSafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _pairs(root: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        return []
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise UserError("the file is no mapping of keys on lines of their own; edit its text")
    return list(root.value)


def _entry_span(text: str, key: str) -> Span | None:
    for name, node in _pairs(_compose(text)):
        if name.value == key:
            return name.start_mark.index, _line_end(text, max(_end(text, node), name.end_mark.index))
    return None


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _end(text: str, node: yaml.Node) -> int:
    """Where the node's last character ends: libyaml lets a block reach to the next token, past its comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)
    end: int = node.end_mark.index
    return node.start_mark.index + len(text[node.start_mark.index : end].rstrip())


def _plain(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {name.value: _plain(own) for name, own in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each) for each in node.value]
    return scalar(node.value) if getattr(node, "style", None) is None else node.value


def _without(text: str, span: Span) -> str:
    """The text without the lines of the span, comments behind it included."""
    start = text.rfind("\n", 0, span[0]) + 1
    end = text.find("\n", span[1])
    return text[:start] + ("" if end < 0 else text[end + 1 :])


def _appended(text: str, written: str) -> str:
    kept = text.rstrip()
    return f"{kept}{_newline(text) if kept else ''}{written.rstrip()}{_newline(text)}"


def _dash(text: str, item: yaml.Node) -> int:
    """Where the dash of a list's item stands."""
    return text.rfind("-", 0, item.start_mark.index)


def _line_start(text: str, node: yaml.Node, first: yaml.Node) -> int:
    return text.rfind("\n", 0, max(node.start_mark.index, _dash(text, first))) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _flow(value: Any) -> str:
    dumped = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True)
    return dumped.removesuffix("\n").removesuffix("\n...")


def _block(value: Mapping[str, Any], text: str) -> str:
    """A key on lines of its own: one for each item or key, which is short and in one line."""
    (key, own), *_ = value.items()
    if isinstance(own, list) and own:
        lines = [f"{_flow(key)}:", *(f"  - {_flow(each)}" for each in own)]
    elif isinstance(own, Mapping) and own:
        lines = [f"{_flow(key)}:", *(f"  {_flow(name)}: {_flow(each)}" for name, each in own.items())]
    else:
        lines = [f"{_flow(key)}: {_flow(own)}"]
    return _newline(text).join(lines)
