"""Column types that mean the same on SQLite and PostgreSQL: instants, exact decimals, finite reals, labels, JSON.

A value that one of the databases would bend (a naive instant, a float for money) is refused before it gets there.
"""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Double, Integer, Numeric, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

Label = str | tuple[Any, ...]

Json = JSON(none_as_null=True)
BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A number the database hands out. SQLite counts by itself only in a column that is declared INTEGER."""


def dump_json(value: Any) -> str:
    """One value, one text: keys sorted, no spaces, Unicode as it is; NaN and infinity are refused.

    >>> dump_json({"b": 1, "a": ["ä"]})
    '{"a":["ä"],"b":1}'
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept and given back in UTC to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; the database takes only aware instants")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal that comes back digit by digit: NUMERIC on PostgreSQL, text on SQLite, whose numbers are floats."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        if value is None:
            return None
        if not (type(value) is Decimal and value.is_finite()):
            raise TypeError(f"{value!r} is not a finite Decimal")
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value)


class Real(TypeDecorator[float]):
    """A finite float. NaN and the infinities become NULL, as in every JSON the product writes."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:  # noqa: ARG002
        return float(value) if value is not None and math.isfinite(value) else None


class Labels(TypeDecorator[Label]):
    """A label, or an array of labels (nested for pairs of intersections).

    A plain label is stored as itself, an array as JSON. A label that could be taken for JSON, or that holds a NUL,
    which PostgreSQL's text refuses, is stored as a JSON string.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Label | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        if isinstance(value, str) and not value.startswith(("[", '"')) and "\0" not in value:
            return value
        return dump_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Label | None:  # noqa: ARG002
        if value is None or not value.startswith(("[", '"')):
            return value
        label: Label = _tuples(json.loads(value))
        return label


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
