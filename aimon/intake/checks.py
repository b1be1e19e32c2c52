"""Whether a value is what its field says. In: a value as JSON gives it. Out: what to keep, or a reason against it."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

LONGEST_ID = 200
LONGEST_TEXT = 100_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Check = Callable[[Any], Any]


class RefusedError(Exception):
    """A row that cannot be kept: which field, and why. The value itself is never repeated."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class UnfitError(Exception):
    """A value that is not what its field says; the text is the reason."""


def fit(field: str, check: Check, value: Any) -> Any:
    """The value to keep; RefusedError with the field's name where there is none."""
    try:
        return check(value)
    except UnfitError as error:
        raise RefusedError(field, "is missing" if value is None else str(error)) from None


def name(value: Any) -> str:
    """An id: a text, or a whole number."""
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        raise UnfitError("expected a text or a whole number")
    if not value or len(value) > LONGEST_ID:
        raise UnfitError(f"expected 1 to {LONGEST_ID} characters")
    return value


def instant(value: Any) -> int:
    """A time with an offset, as microseconds since 1970."""
    if type(value) is not str or len(value) < 19:
        raise UnfitError("expected a time such as 2026-11-20T06:00:00Z")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise UnfitError("expected a time such as 2026-11-20T06:00:00Z") from None
    if moment.tzinfo is None:
        raise UnfitError("has no offset; write UTC with a Z, such as 2026-11-20T06:00:00Z")
    try:
        return (moment - EPOCH) // MICROSECOND
    except OverflowError:
        raise UnfitError("expected a time such as 2026-11-20T06:00:00Z") from None


def number(value: Any) -> float:
    """A finite number."""
    if type(value) is float:
        if math.isfinite(value):
            return value
    elif type(value) is int:
        return value
    raise UnfitError("expected a number")


def share(value: Any) -> float:
    """A probability or confidence, from 0 to 1."""
    found = number(value)
    if not 0 <= found <= 1:
        raise UnfitError("expected a number from 0 to 1")
    return found


def not_negative(value: Any) -> float:
    """A number of 0 or more."""
    found = number(value)
    if found < 0:
        raise UnfitError("expected a number of 0 or more")
    return found


def numeric(value: Any) -> Any:
    """A number or a truth value of a feature."""
    if type(value) in (int, float, bool):
        return value
    raise UnfitError("expected a number")


def boolean(value: Any) -> Any:
    """A truth value, also as 0 or 1."""
    if type(value) is bool or (type(value) is int and value in (0, 1)):
        return value
    raise UnfitError("expected true or false")


def single(value: Any) -> Any:
    """A text, a number or a truth value; nothing that holds others."""
    if type(value) in (int, float, bool):
        return value
    if type(value) is not str:
        raise UnfitError("expected a single value, not a list or an object")
    if len(value) > LONGEST_TEXT:
        raise UnfitError(f"is longer than {LONGEST_TEXT:,} characters")
    return value


def text(value: Any) -> str:
    """A text."""
    if type(value) is not str:
        raise UnfitError("expected a text")
    found: str = single(value)
    return found


def moment(value: Any) -> Any:
    """A date or time of a feature: a text or a number, read when the day is."""
    if type(value) in (str, int, float):
        return single(value)
    raise UnfitError("expected a time such as 2026-11-20T06:00:00Z")


def money(value: Any) -> Decimal:
    """An amount of 0 or more, as a number or as a text of digits."""
    try:
        amount = Decimal(str(value)) if type(value) in (int, float, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < 10**9:
        raise UnfitError("expected an amount in US dollars, of 0 or more")
    return amount


def tokens(value: Any) -> tuple[int, int, int]:
    """Tokens of a call: all, of them cached, of them output.

    A whole number, or `{"input", "output", "cached", "reasoning"}`: cached tokens are within the input, reasoning
    tokens within the output, so neither is counted twice.
    """
    if type(value) is int and 0 <= value < 10**12:
        return value, 0, 0
    if type(value) is dict:
        parts = [value.get(part, 0) for part in ("input", "output", "cached", "reasoning")]
        if all(type(part) is int and 0 <= part < 10**12 for part in parts):
            sent, received, cached, _ = parts
            return sent + received, min(cached, sent), received
    raise UnfitError("expected a whole number of 0 or more, or input, output, cached and reasoning as such numbers")
