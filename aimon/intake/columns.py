"""Predictions in columns. In: an Arrow table with the fields of the JSON rows as columns. Out: a delivery.

Columns named after roles are these roles; every other column, and every field of a struct `features`, is a feature
under its own name. What can be checked by the type is checked once for the column.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from aimon import clock
from aimon.intake import checks
from aimon.intake.align import UTC_MICROS, decoded
from aimon.intake.checks import RefusedError, UnfitError
from aimon.intake.delivery import Delivery, Part, Refused
from aimon.intake.facts import Facts
from aimon.intake.parcel import ArrowParcel
from aimon.intake.reception import Reception
from aimon.intake.shape import DAY_MICROS, HASHED, MOST_FEATURES, Shape, day_of
from aimon.privacy.pii import gravity, scrub_all
from aimon.spec.model import SINGLE_ROLES, Kind
from aimon.store.inbox import digests_of

Mask = NDArray[np.bool_]
NUMBERS = ("score", "lower", "upper", "latency", "judge", "cost", "tokens")


def read_table(reception: Reception, table: pa.Table) -> Delivery:
    """Sort the rows of a table by model and day."""
    delivery, now = Delivery(), clock.now()
    columns = {name: decoded(_whole(table.column(name))) for name in table.column_names}
    if len(columns) > MOST_FEATURES:
        return _refused_all(delivery, range(table.num_rows), None, f"has more than {MOST_FEATURES:,} columns")
    named = columns.pop("model", None)
    models = [None] * table.num_rows if named is None else named.to_pylist()
    for name in dict.fromkeys(models):
        places = np.array([place for place, model in enumerate(models) if model == name], np.int64)
        try:
            shape = reception.shape(name)
        except RefusedError as error:
            _refused_all(delivery, places.tolist(), error.field, error.reason)
            continue
        own = (
            columns
            if len(places) == table.num_rows
            else {key: col.take(pa.array(places)) for key, col in columns.items()}
        )
        _Rows(shape, own, places, now, delivery).deliver()
    delivery.refused.sort(key=lambda refused: refused.index)
    return delivery


class _Rows:
    """The rows of one model: `good` are those that nothing was found against."""

    def __init__(
        self,
        shape: Shape,
        columns: dict[str, pa.Array],
        places: NDArray[np.int64],
        now: datetime,
        delivery: Delivery,
    ) -> None:
        self._shape = shape
        self._columns = _with_features(columns)
        self._places = places
        self._now = now
        self._delivery = delivery
        self._good: Mask = np.ones(len(places), bool)
        self._gravity = np.full(len(places), np.nan)

    def deliver(self) -> None:
        """Check the columns, then keep the good rows, a part for each day."""
        names = self._checked("id", self._column("id"), checks.name)
        micros = self._instants()
        versions = self._versions()
        failed, errors = self._errors()
        prediction = self._columns.get("prediction")
        missing = np.ones(len(failed), bool) if prediction is None else pc.is_null(prediction)
        self._refuse(missing, "prediction", "is missing", unless=failed)
        kept: dict[str, pa.Array] = {}
        for field in list(self._columns):
            self._keep(field, self._columns[field], kept)
        if errors is not None:
            kept[self._shape.column["error"]] = errors
        self._part(names, micros, versions, failed, kept)

    def _part(
        self, names: list[Any], micros: NDArray[np.int64], versions: list[str], failed: Mask, kept: dict[str, pa.Array]
    ) -> None:
        facts = self._facts(micros, versions, failed, kept)
        days = micros // DAY_MICROS
        protected = [name for name in kept if name in self._shape.spec.columns.protected]
        open_to_all = [name for name in kept if name not in protected]
        for number in np.unique(days[self._good]).tolist():
            own = np.flatnonzero(self._good & (days == number))
            day = day_of(number * DAY_MICROS)
            own, digests = self._once(own, names, day)
            taken = pa.array(own)
            batch = pa.RecordBatch.from_arrays(
                [
                    pa.array([names[at] for at in own], pa.string()),
                    pa.array(micros[own]).cast(UTC_MICROS),
                    pa.array([versions[at] for at in own], pa.string()),
                    *(kept[name].take(taken) for name in open_to_all),
                ],
                ["id", "timestamp", "version", *open_to_all],
            )
            parcel = ArrowParcel(self._shape.spec.model, day, digests, batch, _only(kept, protected, taken))
            self._delivery.parts.append(Part(parcel, [facts[at] for at in own]))

    def _once(self, own: NDArray[np.int64], names: list[Any], day: date) -> tuple[NDArray[np.int64], list[bytes]]:
        """The rows whose id did not come before, and what they are known by."""
        digests = digests_of(self._shape.spec.model, day, [names[at] for at in own])
        first = dict(zip(reversed(digests), reversed(own.tolist()), strict=True))
        self._delivery.repeated += len(own) - len(first)
        if len(first) == len(own):
            return own, digests
        firsts = sorted(first.items(), key=lambda pair: pair[1])
        return np.array([at for _, at in firsts]), [digest for digest, _ in firsts]

    def _column(self, field: str) -> pa.Array:
        return self._columns.pop(field, None) or pa.nulls(len(self._places))

    def _checked(self, field: str, column: pa.Array, check: Callable[[Any], Any]) -> list[Any]:
        """Every value by itself, as in a JSON row."""
        kept: list[Any] = []
        for at, value in enumerate(column.to_pylist()):
            try:
                kept.append(check(value))
            except UnfitError as error:
                self._refuse_one(at, field, "is missing" if value is None else str(error))
                kept.append(None)
        return kept

    def _instants(self) -> NDArray[np.int64]:
        column = self._column("timestamp")
        if types.is_timestamp(column.type) and column.type.tz:
            arrived = (self._now - checks.EPOCH) // checks.MICROSECOND
            found = pc.fill_null(column.cast(UTC_MICROS, safe=False).cast(pa.int64()), arrived).to_numpy(False)
            early, late = self._shape.span(self._now)
            self._refuse(found > late, "timestamp", "is more than 24 hours ahead; is the sender's clock right?")
            self._refuse(found < early, "timestamp", "is longer ago than retention.predictions keeps rows")
            return np.asarray(found)
        if types.is_timestamp(column.type):
            column = column.cast(pa.string())  # and each is refused, as it has no offset
        read: list[int] = []
        for at, value in enumerate(column.to_pylist()):
            try:
                read.append(self._shape.instant(value, self._now))
            except RefusedError as error:
                self._refuse_one(at, "timestamp", error.reason)
                read.append(0)
        return np.array(read, np.int64)

    def _versions(self) -> list[str]:
        column, usual = self._column("version"), self._shape.spec.version
        return [str(value) if value else usual for value in column.to_pylist()]

    def _errors(self) -> tuple[Mask, pa.Array | None]:
        if "error" not in self._columns:
            return np.zeros(len(self._places), bool), None
        column = self._column("error")
        if types.is_string(column.type):
            column = self._scrubbed(column)
            return np.array([bool(value) for value in column.to_pylist()], bool), column
        if not (types.is_boolean(column.type) or types.is_null(column.type)):
            self._refuse(pc.is_valid(column), "error", "expected true or false")
            return np.zeros(len(self._places), bool), pa.nulls(len(self._places), pa.bool_())
        flags = column.cast(pa.bool_())
        return np.asarray(pc.fill_null(flags, False).to_numpy(False), bool), flags

    def _keep(self, field: str, column: pa.Array, kept: dict[str, pa.Array]) -> None:
        """One column under the name it is kept by."""
        if field in HASHED:
            kept[field] = self._hashed(field, column)
        elif field in SINGLE_ROLES:
            name = self._shape.column[field]
            kept[name] = self._number(field, column) if field in NUMBERS else self._single(field, column)
        elif field != "text" and not self._shape.is_known(field):
            self._delivery.ignored.add(field)
        else:
            kept[field] = self._single(field, column)

    def _number(self, field: str, column: pa.Array) -> pa.Array:
        if not (types.is_integer(column.type) or types.is_floating(column.type) or types.is_null(column.type)):
            if not types.is_decimal(column.type):
                self._refuse(pc.is_valid(column), field, "expected a number")
                return pa.nulls(len(column), pa.float64())
            column = column.cast(pa.float64())
        low, high = self._shape.bounds(field)
        values = pc.fill_null(column.cast(pa.float64(), safe=False), 0.0).to_numpy(False)
        with np.errstate(invalid="ignore"):
            wrong = ~((values >= low) & (values <= high) & np.isfinite(values))
        said = "expected a number from 0 to 1" if high == 1 else "expected a number of 0 or more"
        self._refuse(wrong, field, said if low == 0 else "expected a number")
        return column

    def _single(self, field: str, column: pa.Array) -> pa.Array:
        """A column of single values, of the kind that the model declares; texts without personal data."""
        kind, found = self._shape.kind(field), column.type
        plain = not (types.is_nested(found) or types.is_binary(found) or types.is_large_binary(found))
        number = (
            types.is_integer(found) or types.is_floating(found) or types.is_boolean(found) or types.is_decimal(found)
        )
        reason = ""
        if not plain:
            reason = "expected a single value, not a list or an object"
        elif kind in (Kind.NUMERIC, Kind.BOOLEAN) and not (number or types.is_null(found)):
            reason = "expected a number"
        elif kind is Kind.TEXT and not (types.is_string(found) or types.is_null(found)):
            reason = "expected a text"
        if reason:
            self._refuse(pc.is_valid(column), field, reason)
            return pa.nulls(len(column))
        if types.is_string(found) and self._shape.scrubs(field):
            return self._scrubbed(column)
        return column

    def _scrubbed(self, column: pa.Array) -> pa.Array:
        encoded = column.dictionary_encode()
        found = scrub_all(encoded.dictionary.to_pylist())
        if not any(each and each.found for each in found):
            self._weigh(pc.if_else(pc.is_valid(column), 0.0, None))
            return column
        texts = pa.array([each.text if each else None for each in found], pa.string())
        weights = pa.array([gravity(each.found) if each else None for each in found], pa.float64())
        self._weigh(weights.take(encoded.indices))
        return texts.take(encoded.indices)

    def _weigh(self, weights: pa.Array) -> None:
        self._gravity = np.fmax(self._gravity, weights.cast(pa.float64()).to_numpy(False))

    def _hashed(self, field: str, column: pa.Array) -> pa.Array:
        if not (types.is_string(column.type) or types.is_integer(column.type) or types.is_null(column.type)):
            self._refuse(pc.is_valid(column), field, "expected a text or a whole number")
            return pa.nulls(len(column), pa.string())
        encoded = column.cast(pa.string()).dictionary_encode()
        hashes = pa.array([self._shape.hashed(value) for value in encoded.dictionary.to_pylist()], pa.string())
        return hashes.take(encoded.indices)

    def _facts(
        self, micros: NDArray[np.int64], versions: list[str], failed: Mask, kept: dict[str, pa.Array]
    ) -> list[Facts]:
        size = len(micros)

        def values(role: str) -> Sequence[Any]:
            column = kept.get(self._shape.column[role])
            return [None] * size if column is None else column.to_pylist()

        weights = [None if weight != weight else weight for weight in self._gravity.tolist()]  # noqa: PLR0124 - NaN
        return [
            Facts(
                version,
                at,
                None if prediction is None else str(prediction),
                score,
                latency,
                wrong,
                int(tokens or 0),
                0,
                0,
                None if cost is None else checks.money(cost),
                weight,
            )
            for version, at, prediction, score, latency, wrong, tokens, cost, weight in zip(
                versions,
                micros.tolist(),
                values("prediction"),
                values("score"),
                values("latency"),
                failed.tolist(),
                values("tokens"),
                [None if not good else cost for good, cost in zip(self._good, values("cost"), strict=True)],
                weights,
                strict=True,
            )
        ]

    def _refuse(self, wrong: Any, field: str, reason: str, *, unless: Mask | None = None) -> None:
        mask = np.asarray(wrong if isinstance(wrong, np.ndarray) else wrong.to_numpy(False), bool)
        if unless is not None:
            mask = mask & ~unless
        for at in np.flatnonzero(mask & self._good).tolist():
            self._refuse_one(at, field, reason)

    def _refuse_one(self, at: int, field: str, reason: str) -> None:
        if self._good[at]:
            self._good[at] = False
            self._delivery.refused.append(Refused(int(self._places[at]), field, reason))


def _only(kept: dict[str, pa.Array], names: Sequence[str], taken: pa.Array) -> pa.RecordBatch | None:
    """The rows in these columns, where there are any."""
    return pa.RecordBatch.from_arrays([kept[name].take(taken) for name in names], list(names)) if names else None


def _with_features(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """The columns, with the fields of a struct `features` among them."""
    packed = columns.get("features")
    if packed is None or not types.is_struct(packed.type):
        return dict(columns)
    others = {name: column for name, column in columns.items() if name != "features"}
    fields = {field.name: decoded(pc.struct_field(packed, [field.name])) for field in packed.type}
    return {**fields, **others}


def _whole(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined


def _refused_all(delivery: Delivery, places: Sequence[int], field: str | None, reason: str) -> Delivery:
    delivery.refused.extend(Refused(place, field, reason) for place in places)
    return delivery
