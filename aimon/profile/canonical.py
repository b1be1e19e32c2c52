"""One text per category, whatever type it arrived as. In: a value or a category. Out: text, or what means it.

The rules: a whole number is its digits (1, 1.0, Decimal("1.00"), "1.0" -> "1"); any other number is its shortest
decimal form; a boolean is `true` or `false` (so are "True", "TRUE", ...); dates are ISO; text is itself; null and NaN
are no category.
Where an axis holds only one spelling of yes and no (true/false or 1/0), the other spelling is understood as the same.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

EXACT_INTEGER = 2**53
_SPELLINGS = {"true": ("true", "True", "TRUE"), "false": ("false", "False", "FALSE")}
_SYNONYMS = {"true": "1", "false": "0", "1": "true", "0": "false"}


def canonical_text(value: Any) -> str | None:
    """The category that a value belongs to; None for null and NaN.

    >>> [canonical_text(value) for value in (1, 1.0, "1", "1.0", Decimal("1.00"), 0.5, -0.0, "1.50", "01")]
    ['1', '1', '1', '1', '1', '0.5', '0', '1.50', '01']
    >>> [canonical_text(value) for value in (True, "True", "yes", None, float("nan"))]
    ['true', 'true', 'yes', None, None]
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return _of_number(value)
    return None if value is None else _of_other(value)


def _of_other(value: Any) -> str | None:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return _of_text(value.decode("utf-8", "replace"))
    if hasattr(value, "item"):  # a numpy scalar
        return canonical_text(value.item())
    return str(value)


def _of_text(text: str) -> str:
    if text.endswith(".0") and _is_integer(text[:-2]):
        return text[:-2]
    if text in ("True", "TRUE", "False", "FALSE"):
        return text.lower()
    return text


def _of_number(value: float | Decimal) -> str | None:
    number = float(value)
    if math.isnan(number):
        return None
    if number.is_integer() and abs(number) < EXACT_INTEGER:
        return str(int(number))
    return _of_text(repr(number))


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and (digits[0] != "0" or text == "0")


def raw_texts(category: str) -> tuple[str, ...]:
    """Every text that means the category.

    >>> raw_texts("1"), raw_texts("true"), raw_texts("web")
    (('1', '1.0'), ('true', 'True', 'TRUE'), ('web',))
    """
    if _is_integer(category):
        return (category, f"{category}.0")
    return _SPELLINGS.get(category, (category,))


def raw_number(category: str) -> float | int | None:
    """The number that means the category, if one does.

    >>> raw_number("1"), raw_number("0.5"), raw_number("01"), raw_number("web")
    (1, 0.5, None, None)
    """
    if _is_integer(category):
        return int(category)
    try:
        number = float(category)
    except ValueError:
        return None
    return number if canonical_text(number) == category else None


def with_synonyms(cells: Mapping[str, int]) -> dict[str, int]:
    """The cell of each category, and of the other spelling of yes and no where the axis has one spelling only.

    >>> with_synonyms({"1": 0, "0": 1})
    {'1': 0, '0': 1, 'true': 0, 'false': 1}
    """
    known = dict(cells)
    for category, cell in cells.items():
        synonym = _SYNONYMS.get(category)
        if synonym is not None and synonym not in cells and _SYNONYMS[_other(category)] not in cells:
            known[synonym] = cell
    return known


def _other(category: str) -> str:
    return {"true": "false", "false": "true", "1": "0", "0": "1"}[category]


def canonical_set(values: Any) -> tuple[str, ...]:
    """The categories of one declared value or a list of them.

    >>> canonical_set(1), canonical_set(["yes", True]), canonical_set(None)
    (('1',), ('yes', 'true'), ())
    """
    if values is None:
        return ()
    several: Iterable[Any] = values if isinstance(values, Sequence) and not isinstance(values, str) else (values,)
    return tuple(dict.fromkeys(text for text in map(canonical_text, several) if text is not None))
