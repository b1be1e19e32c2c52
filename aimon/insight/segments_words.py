"""A found segment in a sentence. In: a segment. Out: text with its size, what is wrong, how much, and the interval."""

from collections.abc import Callable

from aimon.insight.faults_named import percent
from aimon.insight.segments_clause import Clause
from aimon.insight.segments_contrast import Fault


def named(clauses: tuple[Clause, ...]) -> str:
    """The segment as its clauses.

    >>> named((Clause("region", value="north"), Clause("age", 35.0, 45.0)))
    'region = north and 35 <= age < 45'
    """
    return " and ".join(map(str, clauses))


def points(change: float) -> str:
    """A difference of shares for people.

    >>> points(0.1234), points(-0.005)
    ('+12.3 points', '-0.5 points')
    """
    return f"{100 * change:+.1f} points"


def amount(value: float) -> str:
    """A mean for people.

    >>> amount(0.123456), amount(1234.5)
    ('0.123', '1.23e+03')
    """
    return f"{value:.3g}"


def error_words(subject: str, inside: tuple[float, ...], outside: tuple[float, ...], *, shares: bool) -> str:
    """How wrong the model is inside and elsewhere, before and now where both are known."""
    write = percent if shares else amount
    if len(inside) == 1:
        return f"the {subject} is {write(inside[0])}, elsewhere {write(outside[0])}"
    return (
        f"the {subject} went from {write(inside[0])} to {write(inside[1])}, "
        f"elsewhere from {write(outside[0])} to {write(outside[1])}"
    )


def drift_words(subject: str, value: str | None, inside: tuple[float, ...], outside: tuple[float, ...]) -> str:
    """How a column moved inside and elsewhere."""
    if value is None:
        moves = inside[1] - inside[0], outside[1] - outside[0]
        return f"{subject} moved by {moves[0]:+.2f} standard deviations, elsewhere by {moves[1]:+.2f}"
    return (
        f"{subject} = {value} went from {percent(inside[0])} to {percent(inside[1])} of the rows, "
        f"elsewhere from {percent(outside[0])} to {percent(outside[1])}"
    )


def volume_words(inside: tuple[float, ...]) -> str:
    """How the segment grew or shrank."""
    return f"the segment went from {percent(inside[0])} to {percent(inside[1])} of all rows"


def unfairness_words(attribute: str, group: str | None, inside: tuple[float, ...], outside: tuple[float, ...]) -> str:
    """How a group and all others are selected inside, beside elsewhere; against the reference's ways where known."""
    if len(inside) == 2:
        rates = f"{percent(inside[1])} of the rows with {attribute} = {group} are selected"
        return f"{rates}, {percent(inside[0])} of all others; elsewhere {percent(outside[1])} and {percent(outside[0])}"
    changes = [part[3] - part[1] for part in (inside, outside)], [part[2] - part[0] for part in (inside, outside)]
    return (
        f"the selection rate of like rows changed by {points(changes[0][0])} where {attribute} = {group} and by "
        f"{points(changes[1][0])} for all others; elsewhere by {points(changes[0][1])} and {points(changes[1][1])}"
    )


def effect_words(fault: Fault, effect: float, low: float, high: float, *, shares: bool) -> str:
    """The difference to elsewhere with its interval."""
    in_points = shares or fault in (Fault.VOLUME, Fault.UNFAIRNESS)
    write: Callable[[float], str] = points if in_points else lambda value: f"{value:+.3g}"
    return f"difference {write(effect)}, {write(low)} to {write(high)}"
