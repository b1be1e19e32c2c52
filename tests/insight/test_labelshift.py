import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.labelshift import estimated_label_shares, mixture
from aimon.metrics.estimate import Obstacle
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.spec.model import Columns, ModelSpec

SPEC = ModelSpec(
    model="m", task="binary", columns=Columns(prediction="p", label="y", score="s", features=("x",)), positive=1
)


def scored(seed, rows, share, move=0.0):
    random = np.random.default_rng(seed)
    y = (random.random(rows) < share).astype(int)
    x = random.normal(size=rows) + 1.5 * y + move
    score = 1.0 / (1.0 + np.exp(1.5 - 1.5 * x))
    return pa.table({"x": x, "s": score, "p": (score > 0.5).astype(int), "y": y})


def shares(spec, reference, table):
    grid = build_grid(spec, reference)
    return {
        each.group: each for each in estimated_label_shares(grid, count_all(grid, reference), count_all(grid, table))
    }


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7])
def test_the_share_of_positives_is_read_off_the_scores(share):
    found = shares(SPEC, scored(1, 20_000, 0.3), scored(3, 8_000, share))
    assert found["positive"].low <= share <= found["positive"].high
    assert found["positive"].value == pytest.approx(share, abs=0.04)
    assert found["positive"].value + found["negative"].value == pytest.approx(1.0)
    assert found["positive"].change.value == pytest.approx(share - 0.3, abs=0.05)


def test_the_interval_holds_in_repeated_windows():
    reference = scored(3, 5_000, 0.3)
    grid = build_grid(SPEC, reference)
    baseline = count_all(grid, reference)
    held = []
    for seed in range(25):
        found = estimated_label_shares(grid, baseline, count_all(grid, scored(100 + seed, 2_000, 0.5)))
        held.append(found[1].low <= 0.5 <= found[1].high)
    assert np.mean(held) >= 0.84


def test_scores_that_no_mixture_explains_are_unsupported():
    found = shares(SPEC, scored(4, 8_000, 0.3), scored(5, 4_000, 0.3, move=1.0))
    assert found["positive"].obstacle is Obstacle.ASSUMPTION
    assert found["positive"].value is None


def answered(seed, rows, law):
    random = np.random.default_rng(seed)
    names = np.array(["a", "b", "c"])
    y = random.choice(names, rows, p=law)
    p = np.where(random.random(rows) < 0.7, y, random.choice(names, rows))
    return pa.table({"x": random.normal(size=rows), "y": y, "p": p})


def test_shares_of_several_classes_are_read_off_the_answers():
    spec = ModelSpec(model="m", task="multiclass", columns=Columns(prediction="p", label="y", features=("x",)))
    found = shares(spec, answered(6, 8_000, (0.5, 0.3, 0.2)), answered(7, 4_000, (0.2, 0.3, 0.5)))
    for name, share in zip("abc", (0.2, 0.3, 0.5), strict=True):
        assert found[name].low <= share <= found[name].high
        assert found[name].value == pytest.approx(share, abs=0.05)


def test_few_rows_of_a_class_are_too_few():
    found = shares(SPEC, scored(8, 300, 0.05), scored(9, 300, 0.05))
    assert found["positive"].obstacle is Obstacle.TOO_FEW_ROWS


def test_without_scores_nothing_is_read_off():
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="p", label="y", features=("x",)), positive=1)
    assert shares(spec, scored(10, 500, 0.3), scored(11, 500, 0.3)) == {}


def test_a_mixture_that_cannot_fail_has_no_test():
    assert mixture(np.array([[90.0, 10.0], [20.0, 80.0]]), np.array([50.0, 50.0])).p_value is None
    assert mixture(np.array([[90.0, 10.0, 5.0], [20.0, 80.0, 5.0]]), np.array([50.0, 50.0, 5.0])).p_value > 0.01


def test_the_same_counts_give_the_same_bounds():
    components, observed = np.array([[90.0, 10.0], [20.0, 80.0]]), np.array([50.0, 50.0])
    first, second = mixture(components, observed), mixture(components, observed)
    assert np.array_equal(first.low, second.low)
    assert np.array_equal(first.high, second.high)
