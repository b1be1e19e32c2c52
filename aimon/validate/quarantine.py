"""Rows that cannot be used, kept apart. In: a day's batches on their way to the lake. Out: those that can be used.

A row without an id can be told neither from its copies nor joined with its label; one without a prediction says nothing
of the model, unless it tells of an error. They lie in the lake beside the days, with the reason, and are counted:

quarantine/model=<m>/date=<d>/part-000000.parquet, ...        quarantine/model=<m>/date=<d>/counts.json
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from aimon.lake.lake import Lake
from aimon.profile.blocks import NO_ERROR
from aimon.profile.encode import encode
from aimon.profile.numbers import is_text, read_numbers
from aimon.spec.model import Kind, ModelSpec, Task

REASON = "aimon:reason"
REASONS = ("", "whose prediction is no number", "without a prediction", "without an id")
NO_NUMBER, NO_PREDICTION, NO_ID = 1, 2, 3
PART_ROWS = 100_000

Mask = NDArray[np.bool_]
Codes = NDArray[np.int8]


class Quarantine:
    """The rows of one model and day that cannot be used.

    They take the place of the day's earlier ones, or with `extend` join them, each id once, as rows join a day.
    """

    def __init__(self, lake: Lake, spec: ModelSpec, day: date, *, extend: bool = False) -> None:
        self._lake = lake
        self._spec = spec
        self._folder = f"quarantine/model={spec.model}/date={day.isoformat()}"
        self._held: list[pa.RecordBatch] = []
        self._parts: list[str] = []
        self._known: set[object] = set()
        self.counts: Counter[str] = Counter()
        if extend:
            self._continue()

    def sieve(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches without the unusable rows.

        These are in the lake before the batches end: a day that was written from this is never there without them.
        """
        for batch in batches:
            reasons = unusable(batch, self._spec)
            if not reasons.any():
                yield batch
                continue
            self._keep(batch.filter(pa.array(reasons > 0)), reasons[reasons > 0])
            yield batch.filter(pa.array(reasons == 0))
        self._finish()

    def _continue(self) -> None:
        """Take up the parts that are there. What they hold counts, for a killed run may not have told its counts."""
        self._parts = [key for key in self._lake.keys(self._folder) if key.endswith(".parquet")]
        for key in self._parts:
            part = self._lake.read_table(key)
            self.counts.update(part.column(REASON).to_pylist())
            if self._spec.columns.id in part.column_names:
                self._known.update(part.column(self._spec.columns.id).drop_null().to_pylist())

    def _keep(self, rows: pa.RecordBatch, reasons: Codes) -> None:
        if self._known and self._spec.columns.id in rows.schema.names:
            new = np.array([each not in self._known for each in rows.column(self._spec.columns.id).to_pylist()])
            rows, reasons = rows.filter(pa.array(new)), reasons[new]
        if not len(reasons):
            return
        told = [REASONS[code] for code in reasons]
        self.counts.update(told)
        self._held.append(rows.append_column(REASON, pa.array(told, pa.string())))
        if sum(batch.num_rows for batch in self._held) >= PART_ROWS:
            self._write()

    def _write(self) -> None:
        key = f"{self._folder}/part-{len(self._parts):06d}.parquet"
        self._lake.write_table(key, pa.Table.from_batches(self._held))
        self._parts.append(key)
        self._held = []

    def _finish(self) -> None:
        """Write what is held, drop what an earlier run left, and tell the counts last."""
        if self._held:
            self._write()
        told = f"{self._folder}/counts.json"
        for key in self._lake.keys(self._folder):
            if key not in (*self._parts, told):
                self._lake.delete(key)
        if self.counts:
            self._lake.write_bytes(told, json.dumps(self.counts, sort_keys=True).encode())
        else:
            self._lake.delete(told)


def quarantined(lake: Lake, model: str, day: date) -> Mapping[str, int]:
    """How many rows of the day are kept apart, by reason."""
    told = f"quarantine/model={model}/date={day.isoformat()}/counts.json"
    counts: dict[str, int] = json.loads(lake.read_bytes(told)) if lake.exists(told) else {}
    return counts


def quarantined_rows(lake: Lake, model: str, day: date) -> Iterator[pa.Table]:
    """The rows of the day that are kept apart, part by part, each with its reason."""
    folder = f"quarantine/model={model}/date={day.isoformat()}"
    for key in lake.keys(folder):
        if key.endswith(".parquet"):
            yield lake.read_table(key)


def unusable(batch: pa.RecordBatch, spec: ModelSpec) -> Codes:
    """For each row the place among REASONS of why it cannot be used; 0 where it can. A missing column is no reason."""
    reasons = np.zeros(batch.num_rows, np.int8)
    columns, names = spec.columns, batch.schema.names
    if columns.prediction in names:
        prediction = batch.column(columns.prediction)
        empty = _empty(prediction)
        if columns.error in names:
            empty &= ~_failed(batch.column(columns.error))
        if spec.task in (Task.REGRESSION, Task.RANKING):
            reasons[~_empty(prediction) & ~read_numbers(prediction, Kind.NUMERIC).finite()] = NO_NUMBER
        reasons[empty] = NO_PREDICTION
    if columns.id in names:
        reasons[_empty(batch.column(columns.id))] = NO_ID
    return reasons


def _empty(array: pa.Array) -> Mask:
    """Null, NaN, and text of nothing but spaces."""
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    empty = array.is_null(nan_is_null=True)
    if is_text(array.type):
        empty = pc.or_(empty, pc.fill_null(pc.equal(pc.utf8_trim_whitespace(array), ""), False))
    mask: Mask = empty.to_numpy(zero_copy_only=False)
    return mask


def _failed(array: pa.Array) -> Mask:
    encoded = encode(array)
    failed = np.array([text not in NO_ERROR for text in encoded.texts], np.bool_)
    return np.asarray(failed.take(encoded.codes))
