from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.intake.align import chained, common, decoded, fitted, plain, united

naive = datetime.fromisoformat

TYPES = [
    pa.null(),
    pa.bool_(),
    pa.int8(),
    pa.uint16(),
    pa.int64(),
    pa.uint64(),
    pa.float16(),
    pa.float32(),
    pa.float64(),
    pa.decimal128(10, 2),
    pa.decimal128(38, 30),
    pa.decimal256(60, 5),
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.binary(4),
    pa.large_binary(),
    pa.date32(),
    pa.date64(),
    pa.time64("us"),
    pa.duration("ms"),
    pa.timestamp("s"),
    pa.timestamp("ns"),
    pa.timestamp("ms", "Europe/Berlin"),
    pa.month_day_nano_interval(),
    pa.dictionary(pa.int8(), pa.string()),
    pa.list_(pa.int64()),
    pa.list_(pa.dictionary(pa.int8(), pa.string())),
    pa.struct([("a", pa.int64())]),
    pa.struct([]),
    pa.map_(pa.string(), pa.int64()),
]
EXAMPLES = {
    pa.bool_(): True,
    pa.string(): "text",
    pa.binary(4): b"\xff\x00ab",
    pa.date32(): date(2026, 11, 20),
    pa.timestamp("s"): naive("2026-11-20T00:00:00"),
    pa.timestamp("ns"): naive("2026-11-20T00:00:00"),
    pa.timestamp("ms", "Europe/Berlin"): datetime(2026, 11, 20, tzinfo=UTC),
    pa.duration("ms"): timedelta(seconds=1),
    pa.list_(pa.int64()): [1, 2],
    pa.list_(pa.dictionary(pa.int8(), pa.string())): ["x"],
    pa.struct([("a", pa.int64())]): {"a": 1},
    pa.struct([]): {},
    pa.map_(pa.string(), pa.int64()): [("k", 1)],
}


def example(kind: pa.DataType) -> pa.Array:
    if pa.types.is_null(kind) or pa.types.is_interval(kind) or kind == pa.time64("us"):
        return pa.nulls(2, kind)
    for known, value in EXAMPLES.items():
        if plain(known) == plain(kind) and (known == kind or not pa.types.is_nested(kind)):
            if pa.types.is_dictionary(kind):
                return pa.array([value, None]).dictionary_encode()
            return pa.array([value if not pa.types.is_binary(kind) else b"\xff\x00ab", None], kind)
    if pa.types.is_decimal(kind):
        return pa.array([Decimal("1.25"), None], kind)
    if pa.types.is_large_binary(kind) or pa.types.is_binary(kind):
        return pa.array([b"\xff", None], kind)
    return pa.array([1, None]).cast(kind)


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_a_column_has_the_type_that_is_said_of_it(kind: pa.DataType) -> None:
    column = decoded(example(kind))
    assert column.type == plain(kind)
    assert plain(plain(kind)) == plain(kind)


@pytest.mark.parametrize("one", TYPES, ids=str)
def test_any_two_types_meet_and_no_row_is_lost(one: pa.DataType) -> None:
    for other in TYPES:
        readers = [pa.table({"x": example(kind)}).to_reader() for kind in (one, other)]
        table = chained(readers).read_all()
        assert table.schema.field("x").type == common(one, other) == common(other, one), other
        assert table.num_rows == 4
        assert table["x"].null_count == example(one).null_count + example(other).null_count, other


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (pa.int8(), pa.uint8(), pa.int16()),
        (pa.int32(), pa.uint32(), pa.int64()),
        (pa.int64(), pa.uint64(), pa.float64()),
        (pa.bool_(), pa.int64(), pa.int64()),
        (pa.bool_(), pa.float32(), pa.float32()),
        (pa.bool_(), pa.decimal128(5, 2), pa.float64()),
        (pa.bool_(), pa.string(), pa.string()),
        (pa.int64(), pa.decimal128(5, 2), pa.float64()),
        (pa.decimal128(5, 2), pa.decimal128(8, 4), pa.decimal128(8, 4)),
        (pa.decimal128(38, 0), pa.decimal128(38, 38), pa.float64()),
        (pa.date32(), pa.timestamp("s"), pa.timestamp("us")),
        (pa.timestamp("ns"), pa.timestamp("s", "UTC"), pa.timestamp("us", "UTC")),
        (pa.null(), pa.date32(), pa.date32()),
        (pa.date32(), pa.int64(), pa.string()),
        (pa.list_(pa.int64()), pa.int64(), pa.string()),
    ],
)
def test_the_common_type_is_the_smallest_that_holds_both(
    one: pa.DataType, other: pa.DataType, expected: pa.DataType
) -> None:
    assert common(one, other) == expected


def test_columns_are_read_through_what_wraps_them() -> None:
    ids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0123456789abcdef", None], pa.binary(16)))
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", None]))
    assert decoded(ids).to_pylist() == [b"0123456789abcdef", None]
    assert decoded(ids).type == plain(ids.type) == pa.binary()
    assert decoded(runs).to_pylist() == ["a", "a", None]
    assert decoded(runs).type == plain(runs.type) == pa.string()


def test_what_has_no_common_type_becomes_the_text_it_says() -> None:
    nested = pa.table({"x": pa.array([{"b": 1, "a": "é"}])})
    numbers = pa.table({"x": [7]})
    letters = pa.table({"x": ["seven"]})
    dates = pa.table({"x": [date(2026, 11, 20)]})
    table = chained([part.to_reader() for part in (nested, numbers, letters, dates)]).read_all()
    assert table["x"].to_pylist() == ['{"a": "é", "b": 1}', "7", "seven", "2026-11-20"]


def test_a_naive_time_that_meets_aware_ones_is_read_in_the_timezone() -> None:
    local = pa.record_batch({"x": pa.array([naive("2026-07-01T12:00:00")], pa.timestamp("us"))})
    schema = pa.schema([("x", pa.timestamp("us", "UTC"))])
    assert fitted(local, schema, "Europe/Berlin")["x"].to_pylist() == [datetime(2026, 7, 1, 10, tzinfo=UTC)]
    assert fitted(local, schema)["x"].to_pylist() == [datetime(2026, 7, 1, 12, tzinfo=UTC)]


def test_columns_are_united_by_name_in_the_order_they_appear() -> None:
    one = pa.table({"a": [1], "b": ["x"]})
    other = pa.table({"c": [True], "a": [2.5]})
    table = chained([one.to_reader(), other.to_reader()]).read_all()
    assert table.to_pydict() == {"a": [1.0, 2.5], "b": ["x", None], "c": [None, True]}
    assert united([]) == pa.schema([])


@given(st.lists(st.sampled_from(TYPES), min_size=1, max_size=5))
def test_the_order_of_files_does_not_change_the_type(kinds: list[pa.DataType]) -> None:
    def met(some: list[pa.DataType]) -> pa.DataType:
        return united(pa.schema([("x", kind)]) for kind in some).field("x").type

    assert met(kinds) == met(kinds[::-1])
