from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from aimon.profile.build import infer_kinds
from aimon.profile.infer import infer_kind
from aimon.profile.sketch import Sketch
from aimon.spec.model import Columns, Kind, ModelSpec

N = 400
random = np.random.default_rng(0)
SENTENCES = [f"The customer number {number} was not happy with the service at all" for number in range(N)]


def sketch_of(array: pa.Array) -> Sketch:
    halves = [Sketch(array.type), Sketch(array.type)]
    for sketch, part in zip(halves, (array[: N // 3], array[N // 3 :]), strict=True):
        sketch.add(part)
    halves[0].merge(halves[1])
    return halves[0]


@pytest.mark.parametrize(
    ("name", "array", "kind", "reason"),
    [
        ("x", pa.array(random.normal(size=N)), Kind.NUMERIC, "numbers (double)"),
        ("x", pa.array(random.integers(0, 9, N)), Kind.NUMERIC, "whole numbers from 0 to 8"),
        ("x", pa.nulls(N, pa.int64()), Kind.NUMERIC, "whole numbers, all null"),
        ("x", pa.array([True, False] * (N // 2)), Kind.BOOLEAN, "true and false"),
        ("x", pa.array([datetime(2026, 3, 1, tzinfo=UTC)] * N), Kind.DATETIME, "dates and times"),
        ("x", pa.array(["2026-03-01", None] * (N // 2)), Kind.DATETIME, "text that reads as dates or times"),
        ("x", pa.array([f"{n / 7:.2f}" for n in range(N)]), Kind.NUMERIC, "text that reads as numbers"),
        ("zip", pa.array([f"{n % 90:05d}" for n in range(N)]), Kind.CATEGORICAL, "text with 90 different values"),
        ("x", pa.array(["a"] * N), Kind.CATEGORICAL, "text with 1 different value"),
        ("x", pa.nulls(N), Kind.CATEGORICAL, "every value is null"),
        (
            "x",
            pa.array(SENTENCES),
            Kind.TEXT,
            "sentences that hardly ever repeat: counted by length and by classes of characters",
        ),
        (
            "x",
            pa.array([SENTENCES[n % 150] for n in range(N)]),
            Kind.TEXT,
            "sentences: counted by length and by classes of characters",
        ),
        (
            "x",
            pa.array(["x" * 80 + str(n) for n in range(N)]),
            Kind.TEXT,
            "long text that hardly ever repeats: counted by length and by classes of characters",
        ),
        (
            "x",
            pa.array([f"u-{n}" for n in range(N)]),
            None,
            "not counted: text that hardly ever repeats looks like an identifier",
        ),
        (
            "row",
            pa.array(random.permutation(N) + 5),
            None,
            "not counted: whole numbers without a repeat or a gap look like row numbers",
        ),
        (
            "user_id",
            pa.array(random.permutation(10 * N)[:N]),
            None,
            "not counted: named like an identifier, and values hardly ever repeat",
        ),
        (
            "x",
            pa.array([[1]] * N),
            None,
            "not counted: a column of type list<item: int64> has no order and no categories",
        ),
    ],
)
def test_the_kind_of_a_column_is_inferred_with_its_reason(
    name: str, array: pa.Array, kind: Kind | None, reason: str
) -> None:
    inferred = infer_kind(name, sketch_of(array))
    assert (inferred.kind, inferred.reason) == (kind, reason)


def test_whole_numbers_with_a_repeat_and_a_gap_are_no_row_numbers() -> None:
    values = np.arange(100)
    values[50] = 49
    assert sketch_of(pa.array(np.arange(100))).consecutive
    assert not sketch_of(pa.array(values)).consecutive


def test_roles_decide_before_the_values_do(rows: pa.Table) -> None:
    columns = Columns(
        prediction="decision", label="defaulted", protected=("sex", "age"), features={"code": Kind.CATEGORICAL}
    )
    inferred = infer_kinds(ModelSpec(model="m", task="binary", columns=columns), rows)
    assert inferred["decision"].reason == "classes of a binary model"
    assert inferred["code"].reason == "declared"
    assert inferred["sex"].reason == "groups; text with 2 different values"
    assert inferred["age"].reason.startswith("whole numbers from 18 to 89, grouped in bands")
