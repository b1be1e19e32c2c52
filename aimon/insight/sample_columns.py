"""Columns of two samples, reference and current, as arrays of one coding: numbers, or small integers with labels.

Numbers that arrive as text are read; what cannot be read counts as missing. Free text becomes its length; instants are
left out, since they always move. What is wrong with a column is asked of the raw values, in `faults`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from aimon.profile.canonical import canonical_text
from aimon.spec.model import Kind

NAMED = 100
NEW_SHARE = 0.01
TEXT_SHARE = 0.5
TEXT_VALUES = 200
TREE_CATEGORIES = 60
LEAST_VALUES = 50
RARE, MISSING = "(rare)", "(missing)"
NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of both samples as floats: numbers with NaN for missing, or codes whose meaning is in `labels`."""

    name: str
    reference: Floats
    current: Floats
    labels: tuple[str, ...] | None = None

    @property
    def is_numeric(self) -> bool:
        return self.labels is None

    @property
    def pooled(self) -> Floats:
        """The reference's rows, then the current ones."""
        return np.concatenate([self.reference, self.current])


def encoded(
    reference: pa.Table, current: pa.Table, names: Iterable[str], kinds: Mapping[str, Kind] | None = None
) -> list[Column]:
    """The named columns that both tables have, but instants. `kinds` overrides what the reference's types say."""
    known = kinds or {}
    columns = []
    for name in names:
        if name not in reference.column_names or name not in current.column_names:
            continue
        kind = known.get(name) or kind_of(reference[name])
        if kind is not Kind.DATETIME:
            columns.append(_column(name, kind, reference[name], current[name]))
    return columns


def kind_of(values: pa.ChunkedArray) -> Kind:
    """What a column is, by its type and, where that is text, by how many values differ."""
    if types.is_boolean(values.type):
        return Kind.BOOLEAN
    if _is_number(values.type):
        return Kind.NUMERIC
    if types.is_temporal(values.type):
        return Kind.DATETIME
    distinct = pc.count_distinct(values).as_py() if types.is_string(values.type) else 0
    crowded = distinct > max(TEXT_VALUES, TEXT_SHARE * len(values))
    return Kind.TEXT if crowded else Kind.CATEGORICAL


def numbers(values: pa.ChunkedArray) -> Floats:
    """The values as floats; NaN where there is none, or where a text is no number.

    >>> numbers(pa.chunked_array([["1.5", " 2e3", "many", None]])).tolist()
    [1.5, 2000.0, nan, nan]
    """
    if types.is_boolean(values.type):
        values = values.cast(pa.int8())
    elif types.is_string(values.type):
        readable = pc.match_substring_regex(values, NUMBER)
        trimmed = pc.utf8_trim_whitespace(values)
        values = pc.if_else(readable, trimmed, pa.scalar(None, pa.string()))
    elif types.is_timestamp(values.type):
        values = values.cast(pa.int64(), safe=False)
    elif not _is_number(values.type):
        return np.full(len(values), np.nan)
    return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), np.float64)


def categories(values: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str | None]]:
    """For each row the position of its category in the list; equal categories of other spelling are one."""
    coded = (
        values.combine_chunks().dictionary_encode() if len(values) else pa.array([], pa.string()).dictionary_encode()
    )
    indices = np.asarray(coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False), np.int64)
    texts: list[str | None] = [canonical_text(value) for value in coded.dictionary.to_pylist()]
    return indices, [*texts, None]


def matrix(columns: Sequence[Column]) -> tuple[Floats, list[bool]]:
    """The pooled rows as a tree model takes them, and which columns are categorical; a missing number is NaN.

    Categories beyond the most frequent ones share a code, and infinities become very large numbers.
    """
    made = np.empty((len(columns[0].pooled), len(columns)), order="F")
    for place, column in enumerate(columns):
        made[:, place] = np.clip(column.pooled, -1e300, 1e300) if column.labels is None else _tree_codes(column)
    return made, [not column.is_numeric for column in columns]


def telling(columns: Iterable[Column]) -> list[Column]:
    """The columns with enough values, and more than one, for a model to learn from."""
    return [column for column in columns if _tells(column)]


def _tells(column: Column) -> bool:
    values = column.pooled
    present = values[~np.isnan(values)]
    return len(present) >= LEAST_VALUES and (len(present) < len(values) or bool((present != present[0]).any()))


def _tree_codes(column: Column) -> Floats:
    missing = len(column.labels or ()) - 1
    codes = column.pooled
    return np.where(codes == missing, TREE_CATEGORIES + 1, np.minimum(codes, TREE_CATEGORIES))


def _column(name: str, kind: Kind, reference: pa.ChunkedArray, current: pa.ChunkedArray) -> Column:
    if kind is Kind.NUMERIC:
        return Column(name, numbers(reference), numbers(current))
    if kind is Kind.TEXT:
        return Column(name, _lengths(reference), _lengths(current))
    parts = [categories(reference), categories(current)]
    labels = _labels([Counter(_texts(*part)) for part in parts], len(reference), len(current))
    code = {label: number for number, label in enumerate(labels)}
    arrays = []
    for indices, texts in parts:
        lookup = np.array([code[MISSING] if text is None else code.get(text, code[RARE]) for text in texts], np.float64)
        arrays.append(lookup[indices])
    return Column(name, arrays[0], arrays[1], labels)


def _texts(indices: NDArray[np.int64], texts: Sequence[str | None]) -> dict[str, int]:
    counts = np.bincount(indices, minlength=len(texts))
    found: Counter[str] = Counter()
    for text, count in zip(texts, counts.tolist(), strict=True):
        if text is not None:
            found[text] += count
    return dict(found)


def _labels(counts: Sequence[Counter[str]], n_reference: int, n_current: int) -> tuple[str, ...]:
    """The reference's most frequent values, then those that are new and not rare now."""
    reference, current = counts

    def frequent(found: Counter[str]) -> list[str]:
        return sorted((text for text in found if found[text]), key=lambda text: (-found[text], text))

    named = frequent(reference)[:NAMED]
    least = NEW_SHARE * n_current
    fresh = [text for text in frequent(current) if current[text] >= least and text not in reference]
    if not n_reference:
        fresh = frequent(current)
    return (*named, *fresh[:NAMED], RARE, MISSING)


def _lengths(values: pa.ChunkedArray) -> Floats:
    if not types.is_string(values.type):
        values = values.cast(pa.string())
    return np.asarray(pc.utf8_length(values).cast(pa.float64()).to_numpy(), np.float64)


def _is_number(kind: pa.DataType) -> bool:
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))
