"""Data faults: columns whose values were damaged on their way, recognised by what damage looks like.

In: the reference's sample and the current one. Out: named faults, none where a column merely drifted. A fault is named
only where the reference has the shape that the damage explains; what cannot be explained stays drift.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa
from pyarrow import types

from aimon.insight.faults_categories import renamed
from aimon.insight.faults_missing import changed_type, gone, more_nulls, stand_in_numbers, stand_in_texts
from aimon.insight.faults_named import DataFault, FaultKind
from aimon.insight.faults_scale import rescaled
from aimon.insight.faults_spread import capped, rounded, stuck, stuck_since
from aimon.insight.faults_swap import swapped
from aimon.insight.faults_values import Pair, Values
from aimon.insight.sample_columns import kind_of
from aimon.spec.model import Kind


def data_faults(
    reference: pa.Table,
    current: pa.Table,
    columns: Iterable[str],
    *,
    kinds: Mapping[str, Kind] | None = None,
    timestamp: str | None = None,
) -> list[DataFault]:
    """The faults of the named columns that the reference has, by column; instants and free text are looked at less."""
    names = [name for name in columns if name in reference.column_names]
    faults = [gone(name) for name in names if name not in current.column_names]
    pairs = [
        Pair(name, Values(reference[name]), Values(current[name])) for name in names if name in current.column_names
    ]
    moments = _moments(current, timestamp)
    for pair in pairs:
        faults.extend(_of_column(pair, (kinds or {}).get(pair.name), moments))
    blamed = {fault.column for fault in faults if fault.kind is not FaultKind.TYPE}
    exchanged = list(swapped([pair for pair in pairs if pair.name not in blamed]))
    return sorted([*faults, *exchanged], key=lambda fault: (names.index(fault.column), -fault.share, fault.kind))


def _of_column(pair: Pair, kind: Kind | None, moments: np.ndarray | None) -> Iterator[DataFault]:
    yield from changed_type(pair)
    yield from more_nulls(pair)
    known = kind or kind_of(pair.reference.raw)
    stale = list(stuck(pair)) if known is not Kind.TEXT else []
    if not stale and moments is not None:
        stale = list(stuck_since(pair, moments))
    yield from stale
    if stale:
        return
    if known is Kind.NUMERIC:
        yield from _of_numbers(pair)
    elif known in (Kind.CATEGORICAL, Kind.BOOLEAN, Kind.TEXT):
        yield from stand_in_texts(pair)
        if known is not Kind.TEXT:
            yield from renamed(pair)


def _of_numbers(pair: Pair) -> Iterator[DataFault]:
    standing = list(stand_in_numbers(pair))
    yield from standing
    scaled = list(rescaled(pair))
    yield from scaled
    if not standing and not scaled:
        yield from capped(pair)
        yield from rounded(pair)


def _moments(current: pa.Table, timestamp: str | None) -> np.ndarray | None:
    if timestamp is None or timestamp not in current.column_names or not types.is_timestamp(current[timestamp].type):
        return None
    if current[timestamp].null_count:
        return None
    return np.asarray(
        current[timestamp].cast(pa.timestamp("us", current[timestamp].type.tz)).cast(pa.int64()), np.int64
    )
