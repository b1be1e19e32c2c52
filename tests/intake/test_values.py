import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ARRAY, JSON, DateTime, Integer, LargeBinary, Numeric, Text
from sqlalchemy.types import NullType

from aimon.intake.values import batch_of, column_of, type_of

NAIVE = datetime.fromisoformat("2026-11-20T06:00")
SIX = NAIVE.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([None, None], pa.null(), [None, None]),
        ([True, None], pa.bool_(), [True, None]),
        ([True, 2], pa.int64(), [1, 2]),
        ([1, 2.5, Decimal("0.5")], pa.float64(), [1.0, 2.5, 0.5]),
        ([Decimal("1.25"), 3], pa.decimal128(3, 2), [Decimal("1.25"), Decimal(3)]),
        ([Decimal("NaN"), 3], pa.float64(), None),
        ([2**70, 1], pa.string(), [str(2**70), "1"]),
        ([Decimal("1e50"), Decimal("1e-50")], pa.string(), ["1E+50", "1E-50"]),
        (["a", 1, None], pa.string(), ["a", "1", None]),
        ([b"\x00", memoryview(b"a"), bytearray(b"b")], pa.binary(), [b"\x00", b"a", b"b"]),
        ([NAIVE, None], pa.timestamp("us"), [NAIVE, None]),
        ([SIX, None], pa.timestamp("us", "UTC"), [SIX, None]),
        ([date(2026, 11, 20)], pa.date32(), [date(2026, 11, 20)]),
        ([date(2026, 11, 20), "x"], pa.string(), ["2026-11-20", "x"]),
        ([time(6, 30)], pa.time64("us"), [time(6, 30)]),
        ([timedelta(hours=1)], pa.duration("us"), [timedelta(hours=1)]),
        ([{"b": Decimal(1)}, [1], (2,)], pa.string(), ['{"b": "1"}', "[1]", "[2]"]),
        ([uuid.UUID(int=5)], pa.string(), ["00000000-0000-0000-0000-000000000005"]),
        ([np.float32(0.5), np.int64(2)], pa.float64(), [0.5, 2.0]),
    ],
)
def test_a_column_has_a_type_that_holds_its_values(
    values: list[Any], kind: pa.DataType, expected: list[Any] | None
) -> None:
    column = column_of(values)
    assert column.type == kind
    assert expected is None or column.to_pylist() == expected


@given(
    st.lists(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.decimals()
        | st.text()
        | st.binary()
        | st.datetimes()
        | st.datetimes(timezones=st.just(UTC))
        | st.dates(),
        max_size=6,
    )
)
def test_no_values_are_refused(values: list[Any]) -> None:
    column = column_of(values)
    assert [value is None for value in column.to_pylist()] == [value is None for value in values]


def test_no_rows_are_a_batch_of_no_rows() -> None:
    assert batch_of(["a", "b"], []).schema == pa.schema([("a", pa.null()), ("b", pa.null())])


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        (Integer(), pa.int64()),
        (Numeric(8, 2), pa.float64()),
        (DateTime(), pa.timestamp("us")),
        (DateTime(timezone=True), pa.timestamp("us", "UTC")),
        (LargeBinary(), pa.binary()),
        (Text(), pa.string()),
        (JSON(), pa.null()),
        (ARRAY(Integer), pa.null()),
        (NullType(), pa.null()),
    ],
)
def test_a_declared_type_says_what_values_will_be(declared: Any, kind: pa.DataType) -> None:
    assert type_of(declared) == kind
