from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from aimon.profile.encode import encode


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array(["a", "1.0", None, "a"]), ["a", "1", None, "a"]),
        (pa.array(["a", None, "TRUE"]).dictionary_encode(), ["a", None, "true"]),
        (pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
        (pa.array([b"a", None]), ["a", None]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([3, 1, None]), ["3", "1", None]),
        (pa.array([2**62, -(2**62), None]), [str(2**62), str(-(2**62)), None]),
        (pa.array([250, 3], pa.uint8()), ["250", "3"]),
        (pa.array([-128, 127, 0], pa.int8()), ["-128", "127", "0"]),
        (pa.array([2**63 + 1, 2**63, None], pa.uint64()), [str(2**63 + 1), str(2**63), None]),
        (pa.array([*range(20), None]).slice(13), ["13", "14", "15", "16", "17", "18", "19", None]),
        (pa.array([None, None], pa.int64()), [None, None]),
        (pa.array([1.0, 0.5, float("nan"), None]), ["1", "0.5", None, None]),
        (pa.array([Decimal("1.50"), None]), ["1.5", None]),
        (pa.array([date(2026, 3, 1), None]), ["2026-03-01", None]),
        (pa.array([[1], None]), ["[1]", None]),
        (pa.nulls(2), [None, None]),
        (pa.array([1, 2, 3]).slice(1), ["2", "3"]),
        (pa.DictionaryArray.from_arrays(pa.array([1, 0, None], pa.uint8()), ["x", "y"]), ["y", "x", None]),
    ],
)
def test_any_array_reads_as_categories(array: pa.Array, texts: list[str | None]) -> None:
    encoded = encode(array)
    assert [encoded.texts[code] for code in encoded.codes] == texts
    assert encoded.counts().sum() == len(array)
