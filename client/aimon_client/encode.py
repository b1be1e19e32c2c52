"""From what a caller hands over to one line of JSON. In: any mapping. Out: UTF-8 bytes without a line break.

Numbers of numpy and Decimal become numbers, NaN and the infinities become null, dates become ISO 8601 text, and what
nobody knows becomes its text: a prediction is never lost because one of its values is strange.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

MOST_DEPTH = 8
"""Values nested deeper than this are kept as text."""


def line(record: Mapping[str, Any]) -> bytes:
    """The record as one line of JSON.

    >>> line({"id": "a", "score": float("nan"), "features": {"income": Decimal("1.50")}})
    b'{"id":"a","score":null,"features":{"income":1.5}}'
    """
    try:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError):
        plain = json.dumps(plainly(record), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return plain.encode("utf-8", "replace")


def plainly(value: Any, depth: int = 0) -> Any:
    """The value in the types that JSON has."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, date):
        return moment(value)
    return text(value) if depth >= MOST_DEPTH else nested(value, depth)


def nested(value: Any, depth: int) -> Any:
    """A mapping or a sequence with all that is in it."""
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else text(key): plainly(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plainly(item, depth + 1) for item in value]
    return foreign(value, depth)


def number(value: float | Decimal) -> int | float | None:
    """A finite number, or nothing."""
    if isinstance(value, int):
        return int(value)
    return float(value) if math.isfinite(value) else None


def moment(value: date) -> str:
    """ISO 8601; an instant in UTC, where its zone is known."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    return value.isoformat()


def foreign(value: Any, depth: int) -> Any:
    """A scalar or array of another library by its own `item` or `tolist`; anything else by its text."""
    for method in ("tolist", "item"):
        convert = getattr(value, method, None)
        if callable(convert):
            try:
                return plainly(convert(), depth + 1)
            except Exception:  # noqa: S112 - a value's own fault; the next way is tried
                continue
    return text(value)


def text(value: Any) -> str:
    """What the value prints as, or the name of its type where it cannot even do that."""
    try:
        return str(value)
    except Exception:
        return type(value).__name__
