"""What calls of a language model cost. In: tokens used, a table of prices by model and date. Out: US dollars.

Prices change; the table is the user's own. Cached tokens are part of the input and cost their own price; reasoning
tokens are part of the output and are not counted again.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

MILLION = Decimal(1_000_000)


class PriceError(ValueError):
    """The table cannot be used; the text says which entry and why."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `cached` is within `input`, `reasoning` within `output`."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """All tokens, each once."""
        return self.input + self.output


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens from a day on."""

    model: str
    since: date
    input: Decimal
    output: Decimal
    cached: Decimal

    def cost(self, usage: Usage) -> Decimal:
        """What the call costs, exactly."""
        cached = min(max(usage.cached, 0), usage.input)
        return (self.input * (usage.input - cached) + self.cached * cached + self.output * usage.output) / MILLION


class Prices:
    """The table: for each model the price that holds on a day."""

    def __init__(self, prices: Iterable[Price] = ()) -> None:
        self._by_model: dict[str, list[Price]] = {}
        for price in sorted(prices, key=lambda price: price.since):
            self._by_model.setdefault(price.model, []).append(price)

    def cost(self, model: str, usage: Usage, day: date) -> Decimal | None:
        """What the call cost on that day; nothing where no price is known, which is not the same as free.

        >>> table = Prices([Price("m", date(2026, 1, 1), Decimal("3"), Decimal("15"), Decimal("0.30"))])
        >>> table.cost("m", Usage(input=1000, cached=400, output=200, reasoning=150), date(2026, 2, 1))
        Decimal('0.00492')
        """
        held = [price for price in self._by_model.get(model, ()) if price.since <= day]
        return held[-1].cost(usage) if held else None


def read_prices(path: Path) -> Prices:
    """The table of a JSON file: `[{"model", "since", "input", "output", "cached"}]`, in US dollars per million."""
    try:
        entries = json.loads(path.read_text(), parse_float=str, parse_int=str)
    except (OSError, ValueError) as error:
        raise PriceError(f"{path}: {error}") from error
    if not isinstance(entries, list):
        raise PriceError(f"{path}: expected a list of prices")
    return Prices(price_of(entry, f"{path}: entry {place}") for place, entry in enumerate(entries, 1))


def price_of(entry: Any, where: str) -> Price:
    """One entry of the table."""
    if not isinstance(entry, Mapping):
        raise PriceError(f"{where}: expected a mapping with model, since, input and output")
    missing = [name for name in ("model", "since", "input", "output") if name not in entry]
    if missing:
        raise PriceError(f"{where}: {missing[0]} is missing")
    try:
        rates = {name: Decimal(str(entry[name])) for name in ("input", "output")}
        cached = Decimal(str(entry.get("cached", entry["input"])))
        since = date.fromisoformat(str(entry["since"]))
    except (InvalidOperation, ValueError) as error:
        raise PriceError(f"{where}: prices are numbers and `since` a day such as 2026-01-31") from error
    if not all(rate.is_finite() and rate >= 0 for rate in (*rates.values(), cached)):
        raise PriceError(f"{where}: a price is negative or not a number")
    return Price(str(entry["model"]), since, rates["input"], rates["output"], cached)
