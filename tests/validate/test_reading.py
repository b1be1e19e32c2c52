import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.spec.model import Kind, ModelSpec
from aimon.validate.plan import failing_rows
from aimon.validate.reading import ColumnReader, GridReader, Reading

NUMBERS = ColumnReader(Kind.NUMERIC, NumericAxis(center=0.0, scale=1.0, low=-1.0, high=1.0))
WORDS = ColumnReader(Kind.CATEGORICAL, CategoryAxis(values=("1", "web"), tail=("shop",)))


@pytest.mark.parametrize(
    ("values", "readings"),
    [
        ([0.5, None, float("nan"), 2.0, float("inf"), -1.0], [0, 1, 1, 3, 3, 0]),
        (["0.5", None, "nan", "2", "-inf", "x"], [0, 1, 1, 3, 3, 2]),
        ([True, None, False], [0, 1, 0]),
        ([1, None, 7], [0, 1, 3]),
        ([None, None], [1, 1]),
    ],
)
def test_numbers_are_read_whatever_type_holds_them(values, readings):
    assert NUMBERS.read(pa.array(values)).tolist() == readings


@pytest.mark.parametrize(
    ("values", "readings"),
    [
        (["web", "shop", None, "elsewhere", "1.0"], [0, 0, 1, 4, 0]),
        ([1.0, None, 2.0, float("nan")], [0, 1, 4, 1]),
        ([1, 2], [0, 4]),
        ([True, False], [0, 4]),
        ([None], [1]),
    ],
)
def test_categories_are_known_whatever_type_holds_them(values, readings):
    assert WORDS.read(pa.array(values)).tolist() == readings


def test_a_score_lies_between_0_and_1():
    reader = ColumnReader(Kind.NUMERIC, ProbabilityAxis())
    assert reader.read(pa.array([0.0, 1.0, 1.1, -0.1, None])).tolist() == [0, 0, 3, 3, 1]


def test_an_axis_without_a_reference_has_no_range():
    reader = ColumnReader(Kind.NUMERIC, NumericAxis(center=0.0, scale=1.0))
    assert reader.read(pa.array([1e300, None])).tolist() == [0, 1]
    assert ColumnReader(Kind.NUMERIC, None).read(pa.array([1.0, None])).tolist() == [0, 1]


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(width=32), st.sampled_from([0.0, 1.0, 9.0])), min_size=1, max_size=40),
    st.lists(st.sampled_from([None, "a", "b", "c", "new"]), min_size=1, max_size=40),
)
def test_readings_agree_with_the_counts_of_a_profile(numbers, words):
    rows = min(len(numbers), len(words))
    table = pa.table({"x": pa.array(numbers[:rows], pa.float64()), "w": words[:rows], "p": [1] * rows})
    reference = pa.table({"x": np.linspace(0, 10, 500), "w": ["a", "b"] * 250, "p": [0, 1] * 250})
    spec = ModelSpec.model_validate({"model": "m", "task": "binary", "columns": {"prediction": "p"}})
    grid = build_grid(spec, reference)
    profile, reader = count_all(grid, table), GridReader(grid)
    for name in ("x", "w"):
        counted = failing_rows(grid.axes[name], grid.kinds[name], profile.get(f"column:{name}"))
        found = np.bincount(reader.column(name).read(table[name].chunk(0)), minlength=len(Reading))
        assert found[Reading.MISSING] == counted[Reading.MISSING]
        if name == "w":
            assert found[Reading.UNSEEN] == profile.get("column:w")[grid.axes["w"].unseen]
        else:
            assert abs(found[Reading.OUTSIDE] - counted[Reading.OUTSIDE]) <= _on_the_edge(table["x"], 0.0, 10.0)


def _on_the_edge(column, low, high):
    """Values beyond the range by less than a step of the grid, which counts cannot tell from those inside."""
    values = np.array([value for value in column.to_pylist() if value is not None])
    return int((((values < low) & (values > low - 0.1)) | ((values > high) & (values < high + 0.1))).sum())
