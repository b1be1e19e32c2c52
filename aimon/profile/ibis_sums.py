"""Terms of the fixed-point sums in Ibis. In: a sum and a prepared table. Out: an expression for each term.

Each term equals the streaming kernel's, which says what they mean.
"""

from typing import Any

from aimon.profile.ibis_cells import Expressions
from aimon.profile.ibis_numbers import Reals, number
from aimon.profile.key import Measure, Sum
from aimon.profile.summing import LARGEST_TERM
from aimon.profile.sums import BOUND, LOW, NEGLIGIBLE, RELATIVE, Unit

CLASSES = ("[^A-Za-z]", "[^0-9]", r"[^ \t-\r]", r"[^!-/:-@\[-`{-~]")
"""What to delete so that letters, digits, spaces or punctuation are left."""


def terms(each: Sum, expressions: Expressions) -> list[Any]:
    """What a row adds to each integer of the sum."""
    return [term.cast("int64") for term in _terms(each, expressions)]


def _terms(each: Sum, expressions: Expressions) -> list[Any]:
    if each.measure is Measure.CHARACTERS:
        return _characters(expressions.table[each.column])
    units = expressions.grid.units
    if each.measure is Measure.RESIDUAL:
        return _fixed_point(expressions.residuals(), units.residual)
    if each.measure is Measure.RELATIVE:
        return _fixed_point(expressions.relative_errors(), RELATIVE)
    reals = expressions.reals(each.column)
    if each.measure is Measure.LABEL:
        return _fixed_point(reals, units.label)
    scale = 1.0 if each.measure is Measure.TOKENS else units.cost
    return _amount(reals, scale, rounded=each.measure is Measure.COST)


def _characters(column: Any) -> list[Any]:
    import ibis

    if not column.type().is_string():
        return [ibis.literal(0)] * (len(CLASSES) + 1)
    text = ibis.cases((column.isnull(), ""), else_=column)
    known = [text.re_replace(others, "").length() for others in CLASSES]
    return [*known, text.length() - sum(known)]


def _amount(reals: Reals, scale: float, *, rounded: bool) -> list[Any]:
    import ibis

    value, most = reals.value, number(2 * LARGEST_TERM * scale)
    bounded = ibis.cases((value < 0, number(0.0)), (value > most, most), else_=value)
    whole = (bounded / number(scale) + number(0.5 if rounded else 0.0)).floor()
    amount = ibis.cases((whole > number(LARGEST_TERM), number(LARGEST_TERM)), else_=whole)
    return [ibis.cases((reals.finite, term), else_=0) for term in (1, amount.cast("int64"))]


def _fixed_point(reals: Reals, unit: Unit | None) -> list[Any]:
    import ibis

    assert unit is not None  # noqa: S101 - the table exists only where its unit does
    d = reals.value - number(unit.center)
    bound, least = number(BOUND * unit.scale), number(NEGLIGIBLE * unit.scale)
    z = ibis.cases(
        (d > bound, number(BOUND)),
        (d < -bound, number(-BOUND)),
        (d.abs() < least, number(0.0)),
        else_=d / number(unit.scale),
    )
    parts: list[Any] = [ibis.literal(1)]
    for v in (z, z.abs(), z * z):
        high = v.floor()
        parts += [high.cast("int64"), ((v - high) * number(LOW)).floor().cast("int64")]
    parts.append(ibis.cases((d.abs() > bound, 1), else_=0))
    return [ibis.cases((reals.finite, part), else_=0) for part in parts]
