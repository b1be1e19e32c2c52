from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from aimon.insight.sample_columns import MISSING, RARE, encoded, kind_of, matrix
from aimon.spec.model import Kind


def test_the_kind_of_a_column_is_told_by_its_type_and_its_variety() -> None:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    values = {
        "n": (Kind.NUMERIC, [1, 2]),
        "x": (Kind.NUMERIC, [0.5, None]),
        "b": (Kind.BOOLEAN, [True, None]),
        "at": (Kind.DATETIME, [moment, None]),
        "k": (Kind.CATEGORICAL, ["a", "b"]),
        "t": (Kind.TEXT, [f"word {number}" for number in range(400)]),
    }
    for kind, column in values.values():
        assert kind_of(pa.chunked_array([column])) is kind


def test_numbers_that_arrive_as_text_are_read_and_the_rest_is_missing() -> None:
    (column,) = encoded(pa.table({"x": [1.0, 2.0]}), pa.table({"x": ["1.5", "2 EUR"]}), ["x"])

    assert column.is_numeric
    assert column.current[0] == 1.5
    assert np.isnan(column.current[1])


def test_categories_share_codes_whatever_their_type_and_rare_new_ones_are_rare() -> None:
    reference = pa.table({"k": ["1", "1", "2", None]})
    current = pa.table({"k": pa.array([1] * 150 + [3] * 49 + [4], pa.int64())})
    (column,) = encoded(reference, current, ["k"], {"k": Kind.CATEGORICAL})

    assert column.labels == ("1", "2", "3", RARE, MISSING)
    assert column.reference.tolist() == [0, 0, 1, 4]
    assert np.bincount(column.current.astype(int)).tolist() == [150, 0, 49, 1]


def test_free_text_becomes_its_length_and_instants_are_left_out() -> None:
    texts = [f"{'x' * (number % 7)} {number}" for number in range(500)]
    moment = pa.array([datetime(2026, 11, 20, tzinfo=UTC)] * 500)
    table = pa.table({"t": texts, "at": moment})
    columns = encoded(table, table, ["t", "at"])

    assert [column.name for column in columns] == ["t"]
    assert columns[0].reference.tolist() == [len(text) for text in texts]


def test_the_matrix_of_the_trees_has_the_reference_first_and_nan_for_a_missing_number() -> None:
    reference = pa.table({"x": [1.0, None], "k": ["a", None]})
    current = pa.table({"x": [float("inf")], "k": ["a"]})
    rows, categorical = matrix(encoded(reference, current, ["x", "k"]))

    assert categorical == [False, True]
    assert np.array_equal(rows, [[1.0, 0.0], [np.nan, 61.0], [1e300, 0.0]], equal_nan=True)
