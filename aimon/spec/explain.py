"""Turn what pydantic found wrong into faults: the path in the user's own file, and a sentence that says what to do."""

import re
import types
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from aimon.spec.fault import Fault, Path
from aimon.spec.model import Columns, ModelSpec
from aimon.spec.wording import did_you_mean, found, listed, nearest, quoted

_EXAMPLES = {
    "Columns": "{prediction: decision, label: defaulted}",
    "Threshold": "{warning: 0.1, critical: 0.25}",
    "Limit": "{warning: 0.1, critical: 0.25}",
    "Retention": "{predictions: 90d}",
    "RouteSpec": "{when: {severity: critical}, to: [pager]}",
    "RouteMatchers": "{severity: critical, model: loan-*}",
    "Matchers": "{severity: warning, model: loan-*}",
    "SilenceSpec": "{when: {model: loans}, until: 2026-12-01, reason: migration, author: ann}",
    "RuleSpec": "{name: slow, metric: latency_p95, above: 0.8}",
    "Calendar": "{days: [mon, tue], from: 09:00, to: 17:00}",
    "NoticeRules": "{repeat_after: 6h}",
}
_NEIGHBOURS: dict[type[BaseModel], tuple[type[BaseModel], str]] = {
    ModelSpec: (Columns, "under columns"),
    Columns: (ModelSpec, "at the top level"),
}


def explain(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Every fault of a validation. A key that is missing because it is misspelt is one fault, not two."""
    details = error.errors(include_url=False)
    misspelt: set[Path] = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            parent, declared = follow(detail["loc"][:-1], model)
            key = str(detail["loc"][-1])
            misspelt.add((*parent, nearest(key, keys_of(declared)) or key))
    faults = [(detail["type"], _fault(detail, model)) for detail in details]
    return [fault for kind, fault in faults if kind != "missing" or fault.path not in misspelt]


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys as they are written in YAML."""
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def unknown_key(key: str, parent: type[BaseModel]) -> str:
    """The sentence about a key that the mapping does not know."""
    known = keys_of(parent)
    elsewhere, place = _NEIGHBOURS.get(parent, (None, ""))
    others = keys_of(elsewhere) if elsewhere is not None else []
    if key in others:
        return f"this key belongs {place}; move it there"
    near = nearest(key, [*known, *others])
    if near is not None and near not in known:
        return f"unknown key; did you mean {quoted(near)} {place}?"
    return f"unknown key; {did_you_mean(key, known)}"


def follow(location: Iterable[str | int], model: type[BaseModel]) -> tuple[Path, Any]:
    """From pydantic's location to the path in the file, which has no union tags, and the type declared there."""
    path: list[str | int] = []
    declared: Any = model
    for part in location:
        declared = _bare(declared)
        if _is_union(declared):
            declared = next((member for member in get_args(declared) if part in _tags(member)), declared)
            continue
        if part == "[key]":
            continue
        path.append(part)
        if isinstance(declared, type) and issubclass(declared, BaseModel):
            fields = {field.alias or name: field for name, field in declared.model_fields.items()}
            declared = fields[str(part)].annotation if part in fields else None
        else:
            arguments = [argument for argument in get_args(declared) if argument is not Ellipsis]
            declared = arguments[-1] if arguments else None
    return tuple(path), _bare(declared)


def _fault(detail: ErrorDetails, model: type[BaseModel]) -> Fault:
    location, context = detail["loc"], detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            path, _ = follow(location, model)
            _, parent = follow(location[:-1], model)
            return Fault(path, unknown_key(str(path[-1]), parent))
        case "union_tag_invalid" | "union_tag_not_found":
            path, union = follow(location, model)
            choices = [str(tag) for member in get_args(union) for tag in _tags(member)]
            key = str(context["discriminator"]).strip("'")
            tag = context.get("tag")
            said = f"missing; write {listed(choices)}" if tag is None else _choice(tag, choices)
            return Fault((*path, key), said)
        case "missing":
            path, _ = follow(location, model)
            return Fault(path, _missing(location, model))
    path, _ = follow(location, model)
    if detail["type"] == "model_attributes_type" and path[0] == "channels":
        example = "{kind: slack, url: $SLACK_URL}"
        return Fault(path, f"found {found(detail['input'])}, expected a mapping such as {example}")
    sentence = _SENTENCES.get(detail["type"], _unforeseen)
    return Fault(path, sentence(detail["input"], context))


def _missing(location: tuple[str | int, ...], model: type[BaseModel]) -> str:
    _, parent = follow(location[:-1], model)
    field = next(field for name, field in parent.model_fields.items() if (field.alias or name) == location[-1])
    return f"missing; it says {field.description}"


def _choice(value: Any, choices: list[str]) -> str:
    near = nearest(value, choices) if isinstance(value, str) else None
    hint = f"; did you mean {quoted(near)}?" if near else ""
    return f"found {found(value)}, expected {listed(choices)}{hint}"


def _enum(value: Any, context: dict[str, Any]) -> str:
    return _choice(value, re.findall(r"'([^']*)'", context["expected"]))


def _text(value: Any, _: dict[str, Any]) -> str:
    hint = "; put it in quotes" if isinstance(value, (bool, int, float)) else ""
    return f"found {found(value)}, expected a text{hint}"


def _several(value: Any, _: dict[str, Any]) -> str:
    hint = f", such as [{value}]" if isinstance(value, (str, int, float)) and len(str(value)) < 40 else ""
    return f"found {found(value)}, expected a list{hint}"


def _mapping(value: Any, context: dict[str, Any]) -> str:
    example = _EXAMPLES.get(context.get("class_name", ""))
    such = f"such as {example}" if example else "of keys to values"
    return f"found {found(value)}, expected a mapping {such}{'; fill it or remove the key' if value is None else ''}"


def _number(value: Any, _: dict[str, Any]) -> str:
    return f"found {found(value)}, expected a number"


def _boolean(value: Any, _: dict[str, Any]) -> str:
    return f"found {found(value)}, expected true or false"


def _source(value: Any, _: dict[str, Any]) -> str:
    return f"found {found(value)}, expected a mapping such as {{kind: parquet, path: data/*.parquet}}"


def _own(_: Any, context: dict[str, Any]) -> str:
    return str(context["error"])


def _unforeseen(value: Any, _: dict[str, Any]) -> str:
    return f"found {found(value)}, which cannot stand here"


_SENTENCES: dict[str, Callable[[Any, dict[str, Any]], str]] = {
    "value_error": _own,
    "enum": _enum,
    "literal_error": _enum,
    "string_type": _text,
    "string_too_short": lambda *_: "found an empty text; write something or remove the key",
    "string_too_long": lambda value, context: f"{quoted(value)} is too long; at most {_characters(context)}",
    "tuple_type": _several,
    "dict_type": _mapping,
    "model_type": _mapping,
    "model_attributes_type": _source,
    "float_type": _number,
    "finite_number": lambda *_: "found a number that is not finite",
    "greater_than_equal": lambda value, context: f"found {found(value)}, expected {context['ge']:g} or more",
    "less_than_equal": lambda value, context: f"found {found(value)}, expected {context['le']:g} or less",
    "int_type": lambda value, _: f"found {found(value)}, expected a whole number",
    "bool_parsing": _boolean,
    "bool_type": _boolean,
    "features": lambda value, _: (
        f"found {found(value)}, expected a list such as [income, age] or a mapping such as {{income: numeric}}"
    ),
    "baseline": lambda value, _: (
        f"found {_keys(value)}, expected a mapping such as "
        "{from: 2026-09-01, to: 2026-09-30} or {path: train.parquet}"
    ),
}


def _keys(value: Any) -> str:
    if not isinstance(value, dict):
        return found(value)
    return f"the key{'s'[: len(value) - 1]} {listed(value, 'and')}" if value else "an empty mapping"


def _characters(context: dict[str, Any]) -> str:
    return "one character" if context["max_length"] == 1 else f"{context['max_length']} characters"


def _is_union(declared: Any) -> bool:
    return get_origin(declared) in (Union, types.UnionType)


def _bare(declared: Any) -> Any:
    while get_origin(declared) is Annotated:
        declared = get_args(declared)[0]
    if _is_union(declared):
        members = [member for member in get_args(declared) if member is not type(None)]
        if len(members) == 1:
            return _bare(members[0])
    return declared


def _tags(member: Any) -> tuple[Any, ...]:
    if get_origin(member) is Annotated:
        return tuple(mark.tag for mark in get_args(member)[1:] if isinstance(mark, Tag))
    kind = getattr(member, "model_fields", {}).get("kind")
    return get_args(kind.annotation) if kind is not None else ()
