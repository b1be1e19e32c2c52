"""A formula over metrics: numbers, names, + - * /, parentheses, min and max. Nothing else can be written, or run.

In: a text. Out: the names it reads, and its value, with bounds, once these are known.
"""

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

from aimon.spec.wording import quoted

LONGEST = 300
DEEPEST = 20
MOST_NAMES = 8
ALLOWED = "a formula has numbers, names of metrics, + - * /, parentheses, min and max"
_FUNCTIONS = {"min": min, "max": max}


@dataclass(frozen=True, slots=True)
class Range:
    """A value and the worst it can be either way, where each part is anywhere within its own bounds."""

    value: float
    low: float
    high: float

    @property
    def is_finite(self) -> bool:
        return all(map(math.isfinite, (self.value, self.low, self.high)))


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read."""

    text: str
    names: tuple[str, ...]

    def of(self, values: Mapping[str, Range]) -> Range | None:
        """What it comes to; None where it divides by something that is, or may be, 0.

        >>> read_formula("1000 * cost / (calls + 1)").of({"cost": Range(3, 2, 4), "calls": Range(9, 9, 9)})
        Range(value=300.0, low=200.0, high=400.0)
        """
        try:
            found = _value(_body(self.text), values)
        except (ZeroDivisionError, OverflowError):
            return None
        return found if found.is_finite else None


def read_formula(text: str) -> Formula:
    """Read a formula. Raises `ValueError` with a sentence where it is none.

    >>> read_formula("(precision + recall) / 2").names
    ('precision', 'recall')
    """
    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} characters are too long for a formula; {LONGEST} are allowed")
    try:
        body = _body(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{quoted(text)} is not a formula; {ALLOWED}") from None
    _check(body, 0)
    called = {id(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    names = (node.id for node in ast.walk(body) if isinstance(node, ast.Name) and id(node) not in called)
    found = tuple(sorted(set(names)))
    if not found:
        raise ValueError(f"{quoted(text)} names no metric; {ALLOWED}")
    if len(found) > MOST_NAMES:
        raise ValueError(f"{len(found)} metrics are too many for a formula; {MOST_NAMES} are allowed")
    return Formula(text, found)


def _body(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def _check(node: ast.expr, depth: int) -> None:
    """Let only what is allowed through."""
    if depth > DEEPEST:
        raise ValueError(f"the formula is nested too deep; {ALLOWED}")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and math.isfinite(value):
            return
        case ast.Name():
            return
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            inside = [left, right]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inside = [operand]
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if name in _FUNCTIONS and len(parts) >= 2:
            inside = parts
        case _:
            raise ValueError(f"{quoted(ast.unparse(node))} may not stand in a formula; {ALLOWED}")
    for each in inside:
        _check(each, depth + 1)


def _value(node: ast.expr, values: Mapping[str, Range]) -> Range:
    match node:
        case ast.Constant(value=value):
            number = float(str(value))
            return Range(number, number, number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(operand=operand):
            found = _value(operand, values)
            return Range(-found.value, -found.high, -found.low)
        case ast.BinOp(left=left, op=operator, right=right):
            return _OPERATORS[type(operator)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=parts):
            chosen, found_parts = _FUNCTIONS[name], [_value(each, values) for each in parts]
            return Range(*(chosen(getattr(each, side) for each in found_parts) for side in ("value", "low", "high")))
    raise ValueError(f"{ast.dump(node)} was not checked")


def _products(a: Range, b: Range) -> Range:
    corners = [one * other for one, other in product((a.low, a.high), (b.low, b.high))]
    return Range(a.value * b.value, min(corners), max(corners))


def _quotient(a: Range, b: Range) -> Range:
    if b.low <= 0 <= b.high:
        raise ZeroDivisionError
    return _products(a, Range(1 / b.value, 1 / b.high, 1 / b.low))


_OPERATORS: Mapping[type[ast.operator], Callable[[Range, Range], Range]] = {
    ast.Add: lambda a, b: Range(a.value + b.value, a.low + b.low, a.high + b.high),
    ast.Sub: lambda a, b: Range(a.value - b.value, a.low - b.high, a.high - b.low),
    ast.Mult: _products,
    ast.Div: _quotient,
}
