"""Which kind a column is, where nobody said. In: sketches of the reference's columns. Out: a kind and its reason.

The reference decides: a column whose type changes later is a finding, not another kind.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from aimon.profile.numbers import is_text
from aimon.profile.sketch import Sketch
from aimon.spec.model import Kind

MOSTLY = 0.9
ROUGHLY = 0.7
IDENTIFIER_NAME = re.compile(r"(^|[_\W])(id|uuid|guid|key|hash|rowid|index)$", re.IGNORECASE)
LONG_TEXT = 50
FEW_ROWS = 50


@dataclass(frozen=True, slots=True)
class Inferred:
    """How a column is counted, and why. No kind: it is left out."""

    kind: Kind | None
    reason: str


def infer_kind(name: str, sketch: Sketch) -> Inferred:
    """The kind of one column.

    >>> infer_kind("age", Sketch(pa.int64(), rows=100, low=18, high=80)).reason
    'whole numbers from 18 to 80'
    """
    kind = sketch.type.value_type if pa.types.is_dictionary(sketch.type) else sketch.type
    if pa.types.is_integer(kind):
        return _of_integers(name, sketch)
    if is_text(kind) or pa.types.is_null(kind):
        return _of_text(name, sketch)
    for is_kind, inferred in _BY_TYPE:
        if is_kind(kind):
            return Inferred(inferred.kind, inferred.reason.format(kind))
    return Inferred(None, f"not counted: a column of type {kind} has no order and no categories")


_BY_TYPE: tuple[tuple[Callable[[pa.DataType], bool], Inferred], ...] = (
    (pa.types.is_boolean, Inferred(Kind.BOOLEAN, "true and false")),
    (pa.types.is_timestamp, Inferred(Kind.DATETIME, "dates and times")),
    (pa.types.is_date, Inferred(Kind.DATETIME, "dates")),
    (pa.types.is_floating, Inferred(Kind.NUMERIC, "numbers ({})")),
    (pa.types.is_decimal, Inferred(Kind.NUMERIC, "numbers ({})")),
)


def _of_integers(name: str, sketch: Sketch) -> Inferred:
    if sketch.filled > FEW_ROWS and sketch.consecutive:
        return Inferred(None, "not counted: whole numbers without a repeat or a gap look like row numbers")
    if IDENTIFIER_NAME.search(name) and sketch.filled > FEW_ROWS and _hardly_repeats(sketch):
        return Inferred(None, "not counted: named like an identifier, and values hardly ever repeat")
    if sketch.low is None:
        return Inferred(Kind.NUMERIC, "whole numbers, all null")
    return Inferred(Kind.NUMERIC, f"whole numbers from {sketch.low} to {sketch.high}")


def _of_text(name: str, sketch: Sketch) -> Inferred:
    filled = sketch.filled
    if filled == 0:
        return Inferred(Kind.CATEGORICAL, "every value is null")
    if sketch.times >= MOSTLY * filled:
        return Inferred(Kind.DATETIME, "text that reads as dates or times")
    if sketch.numbers >= MOSTLY * filled and sketch.codes == 0:
        return Inferred(Kind.NUMERIC, "text that reads as numbers")
    if filled > FEW_ROWS and _hardly_repeats(sketch):
        return _of_unique_text(name, sketch)
    if sketch.sentences > filled / 2 and sketch.characters > LONG_TEXT * filled and (sketch.distinct or filled) > 100:
        return Inferred(Kind.TEXT, "sentences: counted by length and by classes of characters")
    several = "more than 50,000" if sketch.distinct is None else f"{sketch.distinct:,}"
    return Inferred(Kind.CATEGORICAL, f"text with {several} different value{'s' if sketch.distinct != 1 else ''}")


def _of_unique_text(name: str, sketch: Sketch) -> Inferred:
    if sketch.sentences > sketch.filled / 4 and not IDENTIFIER_NAME.search(name):
        return Inferred(Kind.TEXT, "sentences that hardly ever repeat: counted by length and by classes of characters")
    if sketch.characters > LONG_TEXT * sketch.filled and not IDENTIFIER_NAME.search(name):
        return Inferred(Kind.TEXT, "long text that hardly ever repeats: counted by length and by classes of characters")
    return Inferred(None, "not counted: text that hardly ever repeats looks like an identifier")


def _hardly_repeats(sketch: Sketch) -> bool:
    """Whether nine values in ten are new; fewer where the number of different values is only estimated."""
    if sketch.distinct is not None:
        return sketch.distinct >= MOSTLY * sketch.filled
    return sketch.estimated is None or sketch.estimated >= ROUGHLY * sketch.filled
