"""What each row adds to the fixed-point sums. In: a view of a block. Out: small integers by row, and their totals.

A term stays below 2^32, so that a slice of rows adds up exactly in floating point on the way.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.profile.axis import Cells
from aimon.profile.blocks import View
from aimon.profile.key import Measure, Sum
from aimon.profile.numbers import is_text
from aimon.profile.profile import Counts
from aimon.profile.sums import RELATIVE, Unit

LARGEST_TERM = 2.0**32 - 1


def _byte_classes() -> NDArray[np.uint8]:
    """The class of each byte of UTF-8: letters, digits, spaces, punctuation, other; 5 for bytes that continue."""
    classes = np.full(256, 4, np.uint8)
    classes[0x21:0x7F] = 3
    for first, last, kind in (("A", "Z", 0), ("a", "z", 0), ("0", "9", 1), ("\t", "\r", 2), (" ", " ", 2)):
        classes[ord(first) : ord(last) + 1] = kind
    classes[0x80:0xC0] = 5
    return classes


BYTE_CLASSES = _byte_classes()


def add_sum(each: Sum, view: View, rows: slice, by: Cells, into: Counts) -> None:
    """Add some rows to the sum; `by` is the flat index of each row's cell, `into` has one row of integers a cell."""
    if each.measure is Measure.CHARACTERS:
        _add_characters(view.block.column(each.column)[rows], by, into)
        return
    terms, counted = _terms(each, view, rows)
    index = by[counted]
    for position, term in enumerate(terms):
        into[:, position] += np.bincount(index, term[counted], minlength=len(into)).astype(np.int64)


def _terms(each: Sum, view: View, rows: slice) -> tuple[Sequence[NDArray[np.int64]], NDArray[np.bool_]]:
    unit: Unit | None
    if each.measure in (Measure.RESIDUAL, Measure.RELATIVE):
        relative = each.measure is Measure.RELATIVE
        errors, known = view.relative_errors() if relative else view.residuals()
        values, finite = errors[rows], known[rows]
        unit = RELATIVE if relative else view.grid.units.residual
    else:
        numbers = view.numbers(each.column).part(rows)
        values, finite = numbers.values.astype(np.float64), numbers.finite()
        unit = view.grid.units.label
    values = np.where(finite, values, 0.0)
    if each.measure in (Measure.TOKENS, Measure.COST):
        scale, half = (1.0, 0.0) if each.measure is Measure.TOKENS else (view.grid.units.cost, 0.5)
        bounded = np.clip(values, 0.0, 2 * LARGEST_TERM * scale)
        amount = np.minimum(np.floor(bounded / scale + half), LARGEST_TERM)
        return (np.ones(len(values), np.int64), amount.astype(np.int64)), finite
    assert unit is not None  # noqa: S101 - the table exists only where its unit does
    return list(unit.terms(values)), finite


def _add_characters(array: pa.Array, by: Cells, into: Counts) -> None:
    array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    if not is_text(array.type):
        return
    for cell in np.unique(by):
        part = array.filter(pa.array(by == cell)) if len(into) > 1 else array
        text = part.drop_null().cast(pa.large_string())
        if len(text) == 0:
            continue
        offsets = np.frombuffer(text.buffers()[1], np.int64)[text.offset : text.offset + len(text) + 1]
        if offsets[-1] > offsets[0]:
            characters = np.frombuffer(text.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
            into[cell] += np.bincount(BYTE_CLASSES[characters], minlength=6)[:5]
