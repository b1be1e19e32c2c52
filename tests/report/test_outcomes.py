import numpy as np
import pytest

from aimon.profile.axis import CategoryAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.report.outcomes import calibration, confusion
from aimon.spec.model import Kind, Task

RNG = np.random.default_rng(8)


def binary(**tables):
    axes = {
        "decision": CategoryAxis(values=("no", "yes")),
        "truth": CategoryAxis(values=("0", "1")),
        "score": ProbabilityAxis(),
    }
    grid = Grid(
        task=Task.BINARY,
        axes=axes,
        kinds={"decision": Kind.CATEGORICAL, "truth": Kind.CATEGORICAL, "score": Kind.NUMERIC},
        prediction="decision",
        score="score",
        label="truth",
        positive=("yes",),
        label_positive=("1",),
    )
    return grid, Profile(grid.id, {TableKey(name): counts for name, counts in tables.items()})


def multiclass(names, table):
    axis = CategoryAxis(values=tuple(names))
    grid = Grid(
        task=Task.MULTICLASS,
        axes={"said": axis, "was": axis},
        kinds={"said": Kind.CATEGORICAL, "was": Kind.CATEGORICAL},
        prediction="said",
        label="was",
    )
    counts = np.zeros((axis.size, axis.size), np.int64)
    counts[: len(names), : len(names)] = table
    return grid, Profile(grid.id, {TableKey("confusion"): counts})


def test_calibration_has_ten_points_of_equally_many_rows_near_the_raw_means():
    scores = RNG.beta(2, 5, size=50_000)
    truth = RNG.random(50_000) < scores
    axis = ProbabilityAxis()
    counts = np.zeros((axis.size, 2), np.int64)
    np.add.at(counts, (axis.cell(scores), truth.astype(int)), 1)
    points = calibration(*binary(score_label=counts))
    assert len(points) == 10
    assert sum(point.rows for point in points) == 50_000
    order = np.argsort(scores)
    for number, point in enumerate(points):
        rows = order[number * 5_000 : (number + 1) * 5_000]
        assert point.rows == pytest.approx(5_000, rel=0.03)
        assert point.score == pytest.approx(scores[rows].mean(), abs=0.002)
        assert point.observed == pytest.approx(truth[rows].mean(), abs=0.01)


def test_there_is_no_calibration_without_scores_or_labels():
    grid, profile = binary()
    assert calibration(grid, profile) == ()
    empty = np.zeros((ProbabilityAxis().size, 2), np.int64)
    assert calibration(*binary(score_label=empty)) == ()
    assert calibration(*multiclass(["a"], 1)) == ()


def test_a_binary_confusion_puts_the_selected_first():
    table = confusion(*binary(confusion=np.array([[50, 10], [5, 35]])))
    assert table.predicted == ("yes", "not yes")
    assert table.actual == ("1", "not 1")
    assert table.counts == ((35, 5), (10, 50))
    assert table.total == 100


def test_classes_are_ordered_by_their_rows_and_empty_ones_left_out():
    counts = [[5, 1, 0], [2, 90, 0], [0, 0, 0]]
    table = confusion(*multiclass(["a", "b", "c"], counts))
    assert table.predicted == table.actual == ("b", "a")
    assert table.counts == ((90, 2), (1, 5))


def test_beyond_twelve_classes_the_rest_is_one():
    names = [f"class {number}" for number in range(30)]
    counts = np.diag(np.arange(1, 31)) + 1
    table = confusion(*multiclass(names, counts))
    assert len(table.predicted) == 13
    assert table.predicted[0] == "class 29"
    assert table.predicted[-1] == "(other classes)"
    assert table.total == counts.sum()


def test_rows_without_label_or_prediction_are_not_in_the_table():
    grid, profile = multiclass(["a", "b"], [[5, 1], [2, 9]])
    counts = profile.get("confusion").copy()
    counts[:, -1] = 1_000
    counts[-1, :] = 1_000
    table = confusion(grid, Profile(grid.id, {TableKey("confusion"): counts}))
    assert table.predicted == ("b", "a")
    assert table.total == 17


def test_no_rows_with_labels_means_no_table():
    assert confusion(*binary(confusion=np.zeros((2, 2), np.int64))) is None
    assert confusion(*binary()) is None
