from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aimon.errors import DataError
from aimon.profile import sketch, survey
from aimon.profile.axis import BandAxis, CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from tests.profile.nasty_rows import nasty_spec

random = np.random.default_rng(3)


def grid_of(table: pa.Table, task: str = "binary", **columns: object) -> Grid:
    return build_grid(ModelSpec(model="m", task=task, columns=Columns(prediction="y", **columns)), table)  # type: ignore[arg-type]


def axis_of(values: object, name: str = "x") -> NumericAxis:
    column = values if isinstance(values, pa.Array) else pa.array(values)
    axis = grid_of(pa.table({name: column, "y": pa.array([0, 1] * (len(column) // 2) + [0] * (len(column) % 2))})).axes[
        name
    ]
    assert isinstance(axis, NumericAxis)
    return axis


def test_center_and_scale_are_the_median_and_the_interquartile_range() -> None:
    axis = axis_of(np.arange(1001.0) * 3)
    assert (axis.center, axis.scale, axis.low, axis.high) == (1500.0, 1500.0, 0.0, 3000.0)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.0] * 80 + list(np.linspace(1, 20, 20)), 15.0),
        ([0.0] * 990 + list(np.linspace(1, 10, 10)), 9.0),
        ([0.0] * 9_999 + [7.0], 7.0),
        ([-3.0] * 10, 3.0),
        ([0.0] * 10, 1.0),
        ([None, float("nan"), float("inf")] * 3, 1.0),
    ],
)
def test_where_the_interquartile_range_is_zero_wider_ones_follow(values: list[float], scale: float) -> None:
    assert axis_of(pa.array(values, pa.float64())).scale == scale


def test_few_different_values_each_have_a_step_of_their_own() -> None:
    axis = axis_of([0.0, 1.0, 1e6, 3e6] * 25)
    assert axis.atoms == (0.0, 1.0, 1e6, 3e6)
    assert len(set(axis.cell(np.array(axis.atoms)).tolist())) == 4
    assert axis_of(random.normal(size=500)).atoms == ()


def test_values_that_no_scale_tells_apart_are_no_atoms() -> None:
    assert axis_of([0.0, 1.0, 1e17, 1e17 + 64] * 25).atoms == ()


def test_scores_in_zero_to_one_are_probabilities_and_others_are_numbers() -> None:
    y = pa.array([0, 1] * 50)
    inside = pa.table({"y": y, "s": pa.array(random.random(100))})
    outside = pa.table({"y": y, "s": pa.array(random.random(100) * 100)})
    assert isinstance(grid_of(inside, score="s").axes["s"], ProbabilityAxis)
    assert isinstance(grid_of(outside, score="s").axes["s"], NumericAxis)
    assert grid_of(inside, score="s").scores_are_probabilities


def test_frequent_categories_come_first_and_rare_ones_share_the_tail() -> None:
    texts = [f"v{number:03d}" for number in range(300) for _ in range(300 - number)]
    grid = grid_of(pa.table({"c": texts, "y": pa.array([0] * len(texts))}))
    axis = grid.axes["c"]
    assert isinstance(axis, CategoryAxis)
    assert axis.values[:2] == ("v000", "v001")
    assert (len(axis.values), len(axis.tail)) == (100, 200)
    assert grid.crowded == ("c",)


def test_categories_too_many_for_memory_are_counted_on_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    texts = [f"v{number % 170:03d}" for number in range(2_000)] + ["v169"] * 9
    table = pa.table({"c": texts, "y": pa.array([0] * len(texts))})
    pq.write_table(table, tmp_path / "rows.parquet")
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="y", features={"c": Kind.CATEGORICAL}))
    in_memory = build_grid(spec, table)
    monkeypatch.setattr(sketch, "MOST_TEXTS", 20)
    assert build_grid(spec, table).axes == in_memory.axes
    assert build_grid(spec, tmp_path / "rows.parquet").id == in_memory.id


def test_prediction_and_label_share_an_axis() -> None:
    table = pa.table({"y": pa.array([0, 1, 1, 0]), "truth": pa.array([0, 1, 2, 2])})
    grid = grid_of(table, task="multiclass", label="truth")
    assert grid.axes["y"] is not None
    assert grid.axes["y"] == grid.axes["truth"]
    assert grid.axes["y"].labels[:3] == ("0", "1", "2")


@pytest.mark.parametrize(
    ("predictions", "labels", "positive", "expected"),
    [
        ([0, 1], [0, 1], None, (("1",), ("1",))),
        ([0, 0], [0, 0], None, (("1",), ("1",))),
        ([False, True], [0, 1], 1, (("true",), ("1",))),
        (["no", "yes"], ["no", "yes"], None, (("yes",), ("yes",))),
        (["deny", "grant"], [0, 1], "grant", (("grant",), ("1",))),
        ([1, 2], [1, 2], None, (("2",), ("2",))),
        (["a", "b"], ["a", "b"], "z", (("z",), ("z",))),
        (["b", "c"], ["b", "b"], "c", (("c",), ("c",))),
        ([1, 2], ["maybe", "no"], None, (("2",), ("no",))),
        ([1.0, 0.0], [1.0, 0.0], ["1"], (("1",), ("1",))),
    ],
)
def test_the_positive_classes_are_declared_or_look_like_yes(
    predictions: list[object], labels: list[object], positive: object, expected: tuple[object, object]
) -> None:
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="y", label="t"), positive=positive)  # type: ignore[arg-type]
    grid = build_grid(spec, pa.table({"y": predictions, "t": labels}))
    assert (grid.positive, grid.label_positive) == expected


def test_numbers_as_groups_are_cut_into_bands() -> None:
    table = pa.table(
        {"y": pa.array([0, 1] * 500), "age": pa.array(random.integers(18, 90, 1000)), "sex": ["f", "m"] * 500}
    )
    grid = grid_of(table, protected=("age", "sex"))
    assert isinstance(grid.group_axis("age"), BandAxis)
    assert len(grid.group_axis("age").labels) == 5
    assert isinstance(grid.group_axis("sex"), CategoryAxis)
    sizes = count_all(grid, table).tables["selection:age", None].sum(axis=1)
    assert (sizes[:4] > 150).all()
    assert sizes.sum() == 1000


def test_a_training_file_without_predictions_lends_the_label_s_classes() -> None:
    table = pa.table({"x": pa.array(random.normal(size=50)), "t": pa.array([0, 1] * 25)})
    grid = grid_of(table, label="t", score="p", latency="s")
    assert grid.axes["y"].labels[:2] == ("0", "1")
    assert isinstance(grid.axes["p"], ProbabilityAxis)
    assert isinstance(grid.axes["s"], NumericAxis)
    regression = grid_of(table, task="regression", label="t")
    assert regression.axes["y"] == regression.axes["t"]
    assert regression.residual is not None


def test_reference_rows_without_labels_put_labels_on_the_prediction_s_axis() -> None:
    table = pa.table({"y": pa.array(random.normal(size=50))})
    grid = grid_of(table, task="regression", label="t")
    assert grid.axes["t"] == grid.axes["y"]
    assert grid.units.residual is not None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"features": ("income",)},
            "the reference rows have no column 'income', declared as a feature; they have: y, x",
        ),
        ({"protected": ("sex",)}, "the reference rows have no column 'sex', declared as protected; they have: y, x"),
        ({"segments": ("shop",)}, "the reference rows have no column 'shop', declared as a segment; they have: y, x"),
        ({"label": "y"}, "column 'y' cannot be the prediction and the label or score at once"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_a_sentence(columns: dict[str, object], message: str) -> None:
    with pytest.raises(DataError) as error:
        grid_of(pa.table({"y": [0, 1], "x": [1.0, 2.0]}), **columns)
    assert str(error.value) == message


def test_a_missing_prediction_is_refused() -> None:
    with pytest.raises(DataError, match="no column 'y', declared as the prediction; they have: x"):
        grid_of(pa.table({"x": [1.0]}))


@pytest.mark.parametrize("task", list(Task))
def test_the_grid_is_the_same_for_any_order_of_rows_and_split_of_files(
    task: Task, rows: pa.Table, tmp_path: Path
) -> None:
    spec = nasty_spec(task)
    grid = build_grid(spec, rows)
    shuffled = rows.take(random.permutation(len(rows)))
    for number, start in enumerate(range(0, len(rows), 150)):
        pq.write_table(shuffled.slice(start, 150), tmp_path / f"{number}.parquet", row_group_size=40)
    assert build_grid(spec, tmp_path).id == grid.id
    assert build_grid(spec, shuffled.to_batches(77)).id == grid.id


def test_a_grid_survives_being_written_and_read(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.REGRESSION), rows)
    assert Grid.model_validate_json(grid.model_dump_json()).id == grid.id


def test_columns_are_searched_in_groups(monkeypatch: pytest.MonkeyPatch, rows: pa.Table) -> None:
    spec = nasty_spec(Task.BINARY)
    together = build_grid(spec, rows)
    monkeypatch.setattr(survey, "TOGETHER", 2)
    assert build_grid(spec, rows).id == together.id


def test_an_empty_reference_makes_a_grid_that_counts() -> None:
    table = pa.table({"y": pa.array([], pa.int64()), "x": pa.array([], pa.float64()), "c": pa.array([], pa.string())})
    grid = grid_of(table)
    counted = count_all(grid, pa.table({"y": [1], "x": [2.0], "c": ["new"]}))
    assert counted.rows == 1
