import numpy as np
import pyarrow as pa
import pytest

from aimon.errors import DataError
from aimon.profile.axis import CategoryAxis, NumericAxis
from aimon.profile.grid import Grid
from aimon.report.evidently import frame, kinds_of, render_evidently
from aimon.spec.model import Kind, Task

NUMBERS = NumericAxis(center=0.0, scale=1.0, low=-4.0, high=4.0)
NAMES = CategoryAxis(values=("a", "b"))


def grid(**kinds: Kind) -> Grid:
    axes = {name: NUMBERS if kind is Kind.NUMERIC else NAMES for name, kind in kinds.items()}
    return Grid(task=Task.REGRESSION, axes=axes, kinds=kinds, prediction=next(iter(kinds)), features=tuple(kinds))


def test_numbers_are_floats_and_categories_texts_whatever_type_holds_them() -> None:
    table = pa.table(
        {
            "whole": pa.array([1, None, 3]),
            "written": pa.array(["1.5", "many", None]),
            "coded": pa.array(["a", None, "b"]).dictionary_encode(),
            "flag": pa.array([True, False, None]),
        }
    )
    kinds = {"whole": Kind.NUMERIC, "written": Kind.NUMERIC, "coded": Kind.CATEGORICAL, "flag": Kind.BOOLEAN}

    made = frame(table, kinds)

    np.testing.assert_array_equal(made["whole"], [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(made["written"], [1.5, np.nan, np.nan])
    assert made["coded"].fillna("(missing)").tolist() == ["a", "(missing)", "b"]
    assert made["flag"].fillna("(missing)").tolist() == ["true", "false", "(missing)"]


def test_texts_and_dates_are_left_to_our_own_page() -> None:
    declared = grid(age=Kind.NUMERIC, city=Kind.CATEGORICAL, note=Kind.TEXT, day=Kind.DATETIME)

    assert kinds_of(declared) == {"age": Kind.NUMERIC, "city": Kind.CATEGORICAL}


def test_a_page_that_holds_rows_holds_no_protected_attribute() -> None:
    declared = grid(age=Kind.NUMERIC, sex=Kind.CATEGORICAL).model_copy(update={"protected": ("sex",)})
    page = render_evidently(
        declared, *(pa.table({"age": [ages, 40.0], "sex": ["Zaphodian", "m"]}) for ages in (20.0, 30.0))
    )

    assert kinds_of(declared) == {"age": Kind.NUMERIC}
    assert b"Zaphodian" not in page


@pytest.mark.parametrize("rows", [{"age": pa.array([], pa.int64())}, {"other": pa.array([1])}])
def test_without_rows_or_columns_in_common_there_is_nothing_to_draw(rows: dict[str, pa.Array]) -> None:
    with pytest.raises(DataError, match="Evidently needs rows on both sides"):
        render_evidently(grid(age=Kind.NUMERIC), pa.table({"age": pa.array([1, 2])}), pa.table(rows))
