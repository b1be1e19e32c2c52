"""Data faults by name: what is wrong with a column's values, in one sentence. Shapes only; others recognise them."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What happened to a column between its origin and the model."""

    GONE = "gone"
    TYPE = "type"
    NULLS = "nulls"
    STAND_IN = "stand_in"
    STALE = "stale"
    UNIT = "unit"
    OFFSET = "offset"
    SIGN = "sign"
    CAPPED = "capped"
    ROUNDED = "rounded"
    SWAPPED = "swapped"
    SPELLING = "spelling"
    ENCODING = "encoding"
    SHORTENED = "shortened"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class DataFault:
    """A recognised fault of a column: the part of its current rows that has it, and what it looks like."""

    kind: FaultKind
    column: str
    share: float
    sentence: str


def percent(share: float) -> str:
    """A share for people.

    >>> percent(0.1234), percent(0.004), percent(0.998)
    ('12 %', '0.4 %', '99.8 %')
    """
    return f"{100 * share:.1f} %" if share < 0.01 or 0.99 < share < 1 else f"{100 * share:.0f} %"


def number(value: float) -> str:
    """A value as it would be written.

    >>> number(-999.0), number(0.25), number(1234567.0)
    ('-999', '0.25', '1,234,567')
    """
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.6g}"
