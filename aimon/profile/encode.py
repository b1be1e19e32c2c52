"""Arrow columns as categories. In: an array of any type. Out: a code for each row, and the canonical text of each code.

Work is done once a different value, not once a row, wherever the type allows.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aimon.profile.axis import Cells
from aimon.profile.canonical import canonical_text
from aimon.profile.numbers import is_text, null_mask, raw_values, whole_numbers_above

SMALL_RANGE = 4096
OWN_CODES = 256
"""Whole numbers from 0 up to here are their own codes."""


class Encoded(NamedTuple):
    """`values[codes[row]]` is the row's category: canonical text, or text as it came where `raw`; None for null."""

    codes: NDArray[Any]
    values: Sequence[str | None]
    raw: bool = False

    @property
    def texts(self) -> Sequence[str | None]:
        """The canonical text of each code; None for null and NaN."""
        return [canonical_text(value) for value in self.values] if self.raw else self.values

    def counts(self) -> Cells:
        """How many rows have each code."""
        return np.bincount(self.codes, minlength=len(self.values))


def encode(array: pa.Array) -> Encoded:
    """The categories of a column."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _of_dictionary(array)
    if is_text(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _of_dictionary(array.dictionary_encode())
    if pa.types.is_boolean(kind):
        codes = raw_values(array.cast(pa.uint8())).copy()
        codes[_nulls(array)] = 2
        return Encoded(codes, ("false", "true", None))
    if pa.types.is_integer(kind):
        return _of_integers(array)
    if pa.types.is_nested(kind) or pa.types.is_null(kind):
        return _of_objects(array)
    return _of_dictionary(array.dictionary_encode())


def _of_dictionary(array: pa.DictionaryArray) -> Encoded:
    raw = is_text(array.dictionary.type)
    values = array.dictionary.to_pylist()
    if not raw:
        values = [canonical_text(value) for value in values]
    indices = raw_values(array.indices)
    if indices.dtype.kind == "u":
        indices = indices.astype(np.int64)
    if array.null_count == 0:
        return Encoded(indices, values, raw)
    return Encoded(np.where(_nulls(array), len(values), indices), [*values, None], raw)


def _of_integers(array: pa.Array) -> Encoded:
    if array.null_count == len(array):
        return Encoded(np.zeros(len(array), np.int64), (None,))
    bounds = pc.min_max(array)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    if high - low >= SMALL_RANGE:
        return _of_dictionary(array.dictionary_encode())
    if low >= 0 and high < OWN_CODES and array.null_count == 0 and pa.types.is_signed_integer(array.type):
        return Encoded(raw_values(array), [str(value) for value in range(high + 1)])
    codes = np.empty(len(array), np.int64)
    whole_numbers_above(low, raw_values(array), codes)
    texts: list[str | None] = [str(value) for value in range(low, high + 1)]
    if array.null_count == 0:
        return Encoded(codes, texts)
    codes[_nulls(array)] = len(texts)
    return Encoded(codes, [*texts, None])


def _of_objects(array: pa.Array) -> Encoded:
    known: dict[str | None, int] = {}
    codes = [known.setdefault(canonical_text(value), len(known)) for value in array.to_pylist()]
    return Encoded(np.array(codes, np.int64), list(known) or [None])


def _nulls(array: pa.Array) -> NDArray[np.bool_]:
    mask = null_mask(array)
    return np.zeros(len(array), np.bool_) if mask is None else mask
