"""What calls cost and may cost: prices by date, budgets by day and week. Money is US dollars, as exact decimals."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from aimon.spec.day import Day
from aimon.spec.declared import Declared

MILLION = Decimal(1_000_000)


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount < 0:
        raise ValueError("expected an amount in US dollars, such as 0.25")
    return amount


Money = Annotated[Decimal, BeforeValidator(_amount), WithJsonSchema({"type": "number", "minimum": 0})]


class Price(Declared):
    """US dollars per million tokens, from a day on."""

    since: Day = Field(description="from which day on the price holds")
    input: Money = Field(description="what a million tokens of input cost")
    output: Money = Field(description="what a million tokens of output cost")
    cached: Money | None = Field(default=None, description="what a million cached tokens of input cost; default: input")


class Budget(Declared):
    """US dollars that the calls of a model may cost."""

    daily: Money | None = Field(default=None, description="how much a UTC day may cost")
    weekly: Money | None = Field(default=None, description="how much a week from Monday may cost")


def cost_of(prices: Sequence[Price], day: date, *, sent: int, cached: int, received: int) -> Decimal | None:
    """What a call cost on its day; nothing where no price is known, which is not the same as free.

    Cached tokens are within those sent and cost their own price; reasoning tokens are within those received.

    >>> table = [Price(since="2026-01-01", input=3, output=15, cached=0.3)]
    >>> cost_of(table, date(2026, 2, 1), sent=1000, cached=400, received=200)
    Decimal('0.00492')
    """
    held = max((price for price in prices if price.since <= day), key=lambda price: price.since, default=None)
    if held is None:
        return None
    kept = held.input if held.cached is None else held.cached
    return (held.input * (sent - cached) + kept * cached + held.output * received) / MILLION
