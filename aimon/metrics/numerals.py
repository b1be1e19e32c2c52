"""Numbers as people read them: shares as percent, counts with commas, measures with the digits that matter."""

import math
from datetime import UTC, datetime

MINUS = "\u2212"


def count(number: int) -> str:
    """A whole number with thousands separators.

    >>> count(68785)
    '68,785'
    """
    return f"{number:,}".replace("-", MINUS)


def percent(share: float) -> str:
    """A share as percent, with more digits where it is close to none or all.

    >>> [percent(share) for share in (0.5, 0.0512, 0.0031, 0.00004, 0.9996, 0, 1)]
    ['50%', '5.1%', '0.31%', '<0.01%', '99.96%', '0%', '100%']
    """
    rest = round(min(abs(share), abs(1 - share)), 12)
    if share in {0, 1}:
        return f"{share * 100:.0f}%"
    if 0 < share < 0.0001:
        return "<0.01%"
    if 0 < rest < 0.0001:
        return ">99.99%"
    digits = 0 if rest >= 0.1 else 1 if rest >= 0.01 else 2
    return f"{share * 100:.{digits}f}%".replace("-", MINUS)


def measure(value: float) -> str:
    """A value to three significant digits, without an exponent where it can be avoided.

    >>> [measure(value) for value in (0.31, 1234.5, 12.345, -0.00042, 1e-12, 3e9, 0, 46000)]
    ['0.31', '1,234', '12.3', '\u22120.00042', '1e-12', '3e+09', '0', '46,000']
    """
    if not math.isfinite(value):
        return "infinite" if math.isinf(value) else "not a number"
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e9 or size < 1e-4:
        return f"{value:.3g}".replace("-", MINUS, 1) if value < 0 else f"{value:.3g}"
    digits = max(0, 2 - math.floor(math.log10(size)))
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def signed(value: float) -> str:
    """A difference with its sign.

    >>> signed(0.027), signed(-0.027)
    ('+0.027', '\u22120.027')
    """
    return f"+{measure(value)}" if value > 0 else measure(value)


def day_of(epoch_seconds: float) -> str:
    """The UTC day of an instant, for the axis of a date column; years beyond the calendar are given as they are.

    >>> day_of(0.0)
    '1970-01-01'
    """
    try:
        return datetime.fromtimestamp(epoch_seconds, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return measure(epoch_seconds)


def several(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> several(1, "column"), several(3, "column"), several(0, "category", "categories")
    ('1 column', '3 columns', 'no categories')
    """
    noun = one if number == 1 else (many or f"{one}s")
    return f"{count(number) if number else 'no'} {noun}"


def listing(items: list[str], most: int = 3) -> str:
    """A few names as a phrase.

    >>> listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c", "d", "e"])
    ('a', 'a and b', 'a, b, c and 2 more')
    """
    if len(items) > most:
        return f"{', '.join(items[:most])} and {len(items) - most:,} more"
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1] if items else ""]))
