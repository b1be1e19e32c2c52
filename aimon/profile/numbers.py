"""Arrow columns as plain numbers. In: an array of any type. Out: values, and which of them are null or unreadable.

Numbers and booleans are themselves, text is parsed, and anything else is unreadable. Times become seconds since 1970.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from aimon.profile.axis import Floats
from aimon.spec.model import Kind

Mask = NDArray[np.bool_]

NUMBER_TEXT = r"^[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})?$"
"""Text that is a number: at most two digits of exponent, so that no engine overflows on it."""
SPECIAL_TEXT = {"nan": np.nan, "inf": np.inf, "+inf": np.inf, "-inf": -np.inf, "infinity": np.inf, "-infinity": -np.inf}
TIME_TEXT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?)?$"
)
"""Text that is a time: ISO 8601, a date or a date and time, with or without an offset; UTC where there is none."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Numbers(NamedTuple):
    """One value a row. Where `null` or `unreadable` is set, the value means nothing."""

    values: NDArray[Any]
    null: Mask | None = None
    unreadable: Mask | None = None

    def part(self, rows: slice) -> "Numbers":
        """Some of the rows."""
        masks = (None if mask is None else mask[rows] for mask in (self.null, self.unreadable))
        return Numbers(self.values[rows], *masks)

    def known(self) -> Mask:
        """Which rows hold a number, be it infinite."""
        found: Mask = ~np.isnan(self.values) if self.values.dtype.kind == "f" else np.ones(len(self.values), np.bool_)
        return self._without_masked(found)

    def finite(self) -> Mask:
        """Which rows hold a finite number."""
        found: Mask = np.isfinite(self.values) if self.values.dtype.kind == "f" else np.ones(len(self.values), np.bool_)
        return self._without_masked(found)

    def _without_masked(self, found: Mask) -> Mask:
        for mask in (self.null, self.unreadable):
            if mask is not None:
                found &= ~mask
        return found


def read_numbers(array: pa.Array, kind: Kind) -> Numbers:
    """The column's numbers as its kind counts them: itself, seconds since 1970, or characters of text."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return Numbers(np.zeros(len(array)), np.ones(len(array), np.bool_))
    if kind is Kind.TEXT:
        return _lengths(array)
    return _seconds(array) if kind is Kind.DATETIME else _reals(array)


def null_mask(array: pa.Array) -> Mask | None:
    """Which rows are null; None if there are none."""
    if array.null_count == 0:
        return None
    validity = array.buffers()[0]
    if validity is None:
        found: Mask = array.is_null().to_numpy(zero_copy_only=False)
        return found
    first, skipped = divmod(array.offset, 8)
    bits = np.frombuffer(validity, np.uint8)[first : first + (skipped + len(array) + 7) // 8]
    mask: Mask = np.unpackbits(bits, bitorder="little")[skipped : skipped + len(array)] == 0
    return mask


def raw_values(array: pa.Array) -> NDArray[Any]:
    """The values' buffer of a fixed-width array, without a copy; slots of nulls hold anything."""
    width = array.type.to_pandas_dtype() if not pa.types.is_temporal(array.type) else None
    dtype = np.dtype(width) if width is not None else np.dtype(f"i{array.type.bit_width // 8}")
    return np.frombuffer(array.buffers()[1], dtype)[array.offset : array.offset + len(array)]


def whole_numbers_above(low: int, values: NDArray[Any], into: NDArray[np.int64]) -> None:
    """How far whole numbers of any width lie above `low`, the lowest of them; differences fit in 64 bits."""
    width = np.int64 if values.dtype.itemsize < np.dtype(np.int64).itemsize else values.dtype
    np.subtract(values, np.array(low, width), out=into, dtype=width, casting="unsafe")


def is_text(kind: pa.DataType) -> bool:
    """Whether the Arrow type is text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _reals(array: pa.Array) -> Numbers:
    kind = array.type
    if pa.types.is_boolean(kind):
        return Numbers(raw_values(array.cast(pa.uint8())), null_mask(array))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return Numbers(raw_values(array), null_mask(array))
    if pa.types.is_decimal(kind):
        return Numbers(raw_values(array.cast(pa.float64())), null_mask(array))
    if is_text(kind):
        return _parsed(array)
    return _unreadable(array)


def _unreadable(array: pa.Array) -> Numbers:
    null = null_mask(array)
    return Numbers(np.zeros(len(array)), null, np.ones(len(array), np.bool_) if null is None else ~null)


def _parsed(array: pa.Array) -> Numbers:
    """Each different text once: numbers that arrive as text repeat, or are slow anyway."""
    encoded = array.dictionary_encode()
    texts = pc.utf8_trim(encoded.dictionary.cast(pa.string()), characters=" ")
    values, good = np.zeros(len(texts) + 1), np.zeros(len(texts) + 1, np.bool_)
    matches = pc.match_substring_regex(texts, NUMBER_TEXT).to_numpy(zero_copy_only=False)
    bare = pc.utf8_ltrim(texts.filter(pa.array(matches)), characters="+")
    values[:-1][matches] = [float(text) for text in bare.to_pylist()]
    good[:-1][matches] = True
    for position in np.flatnonzero(~matches):
        special = SPECIAL_TEXT.get(texts[position].as_py().lower())
        if special is not None:
            values[position], good[position] = special, True
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    null = null_mask(array)
    unreadable = ~good[codes]
    if null is not None:
        unreadable &= ~null
    return Numbers(values[codes], null, unreadable if unreadable.any() else None)


def _seconds(array: pa.Array) -> Numbers:
    kind = array.type
    if pa.types.is_date(kind):
        array, kind = array.cast(pa.timestamp("ms")), pa.timestamp("ms")
    if pa.types.is_timestamp(kind):
        return Numbers(_microseconds(array) / 1e6, null_mask(array))
    if not is_text(kind):
        return _unreadable(array)
    encoded = array.dictionary_encode()
    texts = encoded.dictionary.cast(pa.string())
    moments, good = parse_times(texts)
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    null = null_mask(array)
    unreadable = ~np.append(good, np.False_)[codes]
    if null is not None:
        unreadable &= ~null
    return Numbers(np.append(moments, 0.0)[codes], null, unreadable if unreadable.any() else None)


def _microseconds(array: pa.Array) -> NDArray[np.int64]:
    values = raw_values(array)
    factor = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0}[array.type.unit]
    return values // 1_000 if factor == 0 else values * factor


def parse_times(texts: pa.Array) -> tuple[Floats, Mask]:
    """Seconds since 1970 of each text, and which of them are times."""
    good = pc.match_substring_regex(texts, TIME_TEXT).fill_null(False).to_numpy(zero_copy_only=False)
    seconds = np.zeros(len(texts))
    for position in np.flatnonzero(good):
        seconds_of = _seconds_of(texts[position].as_py())
        good[position] = seconds_of is not None
        seconds[position] = seconds_of or 0.0
    return seconds, good


def _seconds_of(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None  # 30 February
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (aware - EPOCH) // timedelta(microseconds=1) / 1e6


def _lengths(array: pa.Array) -> Numbers:
    if not is_text(array.type):
        return _unreadable(array)
    lengths = pc.utf8_length(array.cast(pa.string()) if pa.types.is_string_view(array.type) else array)
    return Numbers(raw_values(lengths.fill_null(0)), null_mask(array))
