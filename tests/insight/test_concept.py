from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.concept import ErrorStream, concept_drift, error_stream, shifts
from aimon.metrics.estimate import Obstacle
from aimon.metrics.registry import METRICS
from aimon.profile.build import build_grid
from aimon.spec.model import Columns, ModelSpec
from aimon.verdict.judge import judge
from aimon.verdict.limits import limits_of
from aimon.verdict.record import Verdict

START = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
SPEC = ModelSpec(
    model="m", task="binary", columns=Columns(prediction="p", label="y", timestamp="at", features=("x",)), positive=1
)


def wrong(seed, *parts):
    """Errors of so many rows at each rate."""
    random = np.random.default_rng(seed)
    return np.concatenate([(random.random(rows) < rate) for rows, rate in parts]).astype(float)


def stream(errors):
    return ErrorStream(START + 60.0 * np.arange(len(errors)), errors)


def test_a_rise_of_the_error_rate_is_found_at_about_its_row():
    (found,) = shifts(wrong(1, (5_000, 0.05), (3_000, 0.15)))
    assert abs(found.start - 5_000) < 300
    assert found.start <= found.noticed < 6_500
    assert found.worse
    assert found.before.value == pytest.approx(0.05, abs=0.01)
    assert found.after.value == pytest.approx(0.15, abs=0.02)


def test_errors_that_fall_again_are_two_shifts():
    found = shifts(wrong(2, (4_000, 0.05), (4_000, 0.2), (4_000, 0.05)))
    assert [shift.worse for shift in found] == [True, False]


def test_stable_streams_stay_silent():
    assert [shifts(wrong(seed, (10_000, 0.1))) for seed in range(8)] == [[]] * 8


def test_long_streams_are_read_in_runs():
    (found,) = shifts(wrong(3, (150_000, 0.05), (150_000, 0.07)))
    assert abs(found.start - 150_000) < 15_000


def test_few_rows_and_rows_without_error_have_no_shift():
    assert shifts(np.zeros(99)) == []
    assert shifts(np.zeros(5_000)) == []


def test_the_estimate_is_what_the_last_shift_added():
    found = concept_drift(stream(wrong(4, (4_000, 0.05), (4_000, 0.17))))
    assert found.value == pytest.approx(0.12, abs=0.02)
    assert found.low < 0.12 < found.high
    assert found.note.startswith("since about 2026-09-03")
    assert judge(found, limits_of(SPEC, METRICS["concept_drift"], found, None)).verdict in (
        Verdict.WARNING,
        Verdict.CRITICAL,
    )


def test_no_shift_is_a_change_of_nothing():
    found = concept_drift(stream(wrong(5, (3_000, 0.05))))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    assert judge(found, limits_of(SPEC, METRICS["concept_drift"], found, None)).verdict is Verdict.OK


def test_a_stream_of_few_labels_is_insufficient():
    assert concept_drift(stream(np.zeros(50))).obstacle is Obstacle.TOO_FEW_ROWS
    assert concept_drift(None).obstacle is Obstacle.TOO_FEW_ROWS


def table(order):
    times = pa.array((START + 3_600.0 * order) * 1e6, pa.float64()).cast(pa.int64()).cast(pa.timestamp("us", "UTC"))
    return pa.table({"at": times, "x": order * 1.0, "p": [1, 0, 1, 1, 0], "y": [1, 1, 0, None, 0]})


def test_rows_are_read_in_the_order_of_their_time_and_without_those_that_have_no_label():
    order = np.array([3, 1, 4, 2, 0])
    data = table(order)
    found = error_stream(build_grid(SPEC, data), data)
    assert found.errors.tolist() == [0.0, 1.0, 0.0, 1.0]
    assert found.moment(0) == datetime(2026, 9, 1, tzinfo=UTC)
    assert not found.sizes


def test_several_classes_are_wrong_or_right():
    spec = ModelSpec(model="m", task="multiclass", columns=SPEC.columns)
    data = table(np.arange(5)).set_column(2, "p", pa.array(["a", "b", "c", "a", None]))
    data = data.set_column(3, "y", pa.array(["a", "c", "c", None, "a"]))
    assert error_stream(build_grid(spec, data), data).errors.tolist() == [0.0, 1.0, 0.0]


def test_errors_of_a_regression_are_sizes_and_describe():
    spec = ModelSpec(model="m", task="regression", columns=SPEC.columns)
    random = np.random.default_rng(6)
    rows = 6_000
    times = pa.array(((START + np.arange(rows)) * 1e6).astype(np.int64)).cast(pa.timestamp("us", "UTC"))
    label = random.normal(size=rows)
    noise = random.normal(size=rows) * np.where(np.arange(rows) < 3_000, 1.0, 2.0)
    data = pa.table({"at": times, "x": label, "p": label + noise, "y": label})
    found = error_stream(build_grid(spec, data), data)
    assert found.sizes
    estimate = concept_drift(found)
    assert estimate.value == pytest.approx(0.8, abs=0.1)
    assert estimate.described


@pytest.mark.parametrize("column", ["at", "y"])
def test_without_times_or_labels_there_is_no_stream(column):
    data = table(np.arange(5))
    assert error_stream(build_grid(SPEC, data), data.drop_columns([column])) is None
