"""What the live monitor needs to know of an accepted prediction, beside the row that is kept."""

from decimal import Decimal
from typing import NamedTuple


class Facts(NamedTuple):
    """One call of a model. `at` is in microseconds since 1970, `latency` in seconds, `cost` in US dollars.

    `gravity` is how much personal data was found in its texts, from 0 to 1; None where it had no text.
    """

    version: str
    at: int
    prediction: str | None = None
    score: float | None = None
    latency: float | None = None
    failed: bool = False
    tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    gravity: float | None = None
