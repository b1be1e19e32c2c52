"""Values that are not there: columns gone, types changed, nulls risen, values that stand in for nothing."""

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pyarrow import types

from aimon.insight.faults_named import DataFault, FaultKind, number, percent
from aimon.insight.faults_values import LEAST_ROWS, Pair, Values, rose

MATERIAL = 0.01
CODES = (-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, 9.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0, 0.0)
BLANKS = {"", "-", "--", "?", ".", "na", "n/a", "nan", "nil", "none", "null", "missing", "unknown", "undefined", "#n/a"}
DECIMAL_COMMA = re.compile(r"^\s*[+-]?\d{1,3}(\.?\d{3})*,\d+\s*$")


def gone(name: str) -> DataFault:
    """The fault of a column that does not arrive any more."""
    return DataFault(FaultKind.GONE, name, 1.0, f"{name} does not arrive any more")


def changed_type(pair: Pair) -> Iterator[DataFault]:
    """Text where there were numbers, and the like. All-null columns have no type to compare."""
    before, now = _sort(pair.reference.raw.type), _sort(pair.current.raw.type)
    if before == now or "nothing" in (before, now):
        return
    sentence = f"{pair.name} arrives as {now}; the reference has {before}"
    if before == "numbers" and now == "text":
        present = pair.current.rows - pair.current.raw.null_count
        unreadable = 1.0 - float(np.isfinite(pair.current.numbers).sum()) / max(present, 1)
        commas = [text for text in pair.current.counts if DECIMAL_COMMA.match(text)]
        if len(commas) > len(pair.current.counts) / 2:
            sentence += ", with a decimal comma"
        elif unreadable > 0:
            sentence += f", and {percent(unreadable)} of the values cannot be read as numbers"
    yield DataFault(FaultKind.TYPE, pair.name, 1.0, sentence)


def more_nulls(pair: Pair) -> Iterator[DataFault]:
    """A share of missing values that rose for sure."""
    before, now = pair.reference, pair.current
    if min(before.rows, now.rows) < LEAST_ROWS or not rose(before.nulls, before.rows, now.nulls, now.rows, MATERIAL):
        return
    share = now.nulls / now.rows
    was = f"{percent(before.nulls / before.rows)} in the reference" if before.nulls else "none in the reference"
    yield DataFault(
        FaultKind.NULLS, pair.name, share, f"{percent(share)} of the values of {pair.name} are missing, {was}"
    )


def stand_in_numbers(pair: Pair) -> Iterator[DataFault]:
    """One number that came to stand in many rows without its neighbours: -999, 0, or a default from a form."""
    before, now = pair.reference, pair.current
    if not pair.enough:
        return
    values, counts = now.distinct
    value, count = float(values[counts.argmax()]), int(counts.max())
    stood = before.count_of(value)
    if not rose(stood, before.rows, count, now.rows, MATERIAL) or count >= now.rows / 2:
        return
    if _is_known_code(before, value) or (_is_continuous(before) and _is_lonely(before, now, value)):
        share = count / now.rows
        was = percent(stood / before.rows) if stood else "never"
        yield DataFault(
            FaultKind.STAND_IN,
            pair.name,
            share,
            f"{pair.name} is {number(value)} in {percent(share)} of the rows, {was} in the reference; "
            "it seems to stand for a missing value",
        )


def stand_in_texts(pair: Pair) -> Iterator[DataFault]:
    """A text that means nothing, such as `n/a`, in rows that had a value."""
    before, now = pair.reference, pair.current
    if min(before.rows, now.rows) < LEAST_ROWS:
        return
    for text, count in now.counts.items():
        stood = before.counts.get(text, 0)
        if text.strip().lower() in BLANKS and rose(stood, before.rows, count, now.rows, MATERIAL):
            share = count / now.rows
            shown = f"'{text}'" if text.strip() else "an empty text"
            sentence = f"{pair.name} is {shown} in {percent(share)} of the rows; it seems to stand for a missing value"
            yield DataFault(FaultKind.STAND_IN, pair.name, share, sentence)


def _is_known_code(before: Values, value: float) -> bool:
    """A usual code for nothing that lies apart from every value of the reference."""
    low, high = float(before.ordered[0]), float(before.ordered[-1])
    apart = value < low - 0.05 * (high - low) or value > high + 0.05 * (high - low)
    return apart and value in CODES


def _is_continuous(before: Values) -> bool:
    """No value has more than a hundredth of the reference's rows."""
    return int(before.distinct[1].max()) <= 0.01 * len(before.ordered)


def _is_lonely(before: Values, now: Values, value: float) -> bool:
    """Its row count is not what the rows beside it would lead to expect, and it is no end of a range that was cut."""
    spread = float(np.subtract(*np.quantile(before.ordered, [0.75, 0.25])))
    near = np.searchsorted(now.ordered, [value - 0.1 * spread, value + 0.1 * spread])
    count = now.count_of(value)
    is_end = value in (now.ordered[0], now.ordered[-1])
    beyond = np.searchsorted(before.ordered, [value], "left")[0] / len(before.ordered)
    cut = is_end and 0.0 < beyond < 1.0
    return not cut and count > 5 * max(1, int(near[1] - near[0]) - count) / 10


def _sort(kind: pa.DataType) -> str:
    if types.is_null(kind):
        return "nothing"
    if types.is_boolean(kind):
        return "yes and no"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "numbers"
    if types.is_temporal(kind):
        return "instants"
    return "text" if types.is_string(kind) else str(kind)
