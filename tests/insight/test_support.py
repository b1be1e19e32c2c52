import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.support import LEAST_SHARE, support, thin_region


def rows(random, n, far=0.0, name="d"):
    base = random.normal(size=(n, 4))
    base[:, 1] = 0.9 * base[:, 0] + 0.44 * base[:, 1]
    hit = random.random(n) < far
    table = {letter: base[:, place].copy() for place, letter in enumerate("abc")}
    table[name] = np.where(base[:, 3] > 0, "x", "y")
    return table, hit


def share(reference, current, **options):
    found = support(pa.table(reference), pa.table(current), ["a", "b", "c", "d"], **options)
    return found.share().value


@pytest.mark.parametrize("seed", range(4))
def test_two_halves_of_one_source_support_each_other(seed):
    random = np.random.default_rng(seed)
    reference, _ = rows(random, 3_000)
    current, _ = rows(random, 1_500)
    assert share(reference, current) == 1.0


def test_a_mild_shift_stays_supported():
    random = np.random.default_rng(1)
    reference, _ = rows(random, 4_000)
    current, _ = rows(random, 2_000)
    current["c"] += 0.8
    assert share(reference, current) > LEAST_SHARE


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("broken", ["far", "category", "missing", "pair"])
def test_rows_where_the_reference_has_none_are_counted_out(seed, broken):
    random = np.random.default_rng(seed)
    reference, _ = rows(random, 3_000)
    current, hit = rows(random, 1_500, far=0.2)
    if broken == "far":
        current["c"][hit] += 8.0
    if broken == "category":
        current["d"][hit] = "never"
    if broken == "missing":
        current["c"][hit] = np.nan
    if broken == "pair":
        current["a"][hit], current["b"][hit] = 1.5, -1.5
    assert share(reference, current) == pytest.approx(1.0 - hit.mean(), abs=0.03)


def test_reference_rows_weigh_as_much_as_the_window_is_denser():
    random = np.random.default_rng(2)
    reference, _ = rows(random, 6_000)
    current, _ = rows(random, 6_000)
    current["c"] += 0.7
    found = support(pa.table(reference), pa.table(current), ["a", "b", "c", "d"])
    true = np.exp(0.7 * reference["c"] - 0.245)
    assert np.corrcoef(np.log(found.ratio), np.log(true))[0, 1] > 0.85
    assert np.average(reference["c"], weights=found.ratio) == pytest.approx(0.7, abs=0.1)


def test_a_column_that_vanished_leaves_no_support():
    random = np.random.default_rng(3)
    reference, _ = rows(random, 1_500)
    current, _ = rows(random, 1_000)
    del current["b"]
    found = support(pa.table(reference), pa.table(current), ["a", "b", "c", "d"])
    assert found.lacking == ("b",)
    assert found.share().value == 0.0


def test_few_rows_cannot_tell():
    random = np.random.default_rng(4)
    assert support(pa.table(rows(random, 999)[0]), pa.table(rows(random, 999)[0]), ["a"]) is None
    assert support(pa.table(rows(random, 2_000)[0]), pa.table(rows(random, 299)[0]), ["a"]) is None


def test_columns_that_never_vary_tell_nothing():
    table = pa.table({"a": np.ones(2_000)})
    assert support(table, table, ["a"]).share().value == 1.0


def test_the_same_rows_give_the_same_answer():
    random = np.random.default_rng(5)
    reference, current = (pa.table(rows(random, 1_500)[0]) for _ in range(2))
    first, second = (support(reference, current, ["a", "b", "c"]) for _ in range(2))
    assert np.array_equal(first.ratio, second.ratio)


def test_the_share_of_some_rows_is_theirs():
    random = np.random.default_rng(6)
    reference, _ = rows(random, 3_000)
    current, hit = rows(random, 2_000, far=0.3)
    current["c"][hit] += 9.0
    found = support(pa.table(reference), pa.table(current), ["a", "b", "c", "d"])
    assert found.share(hit).value < 0.05
    assert found.share(~hit).value > 0.98


def test_a_region_needs_enough_rows_to_be_called_thin():
    reference = np.linspace(0.0, 1.0, 1_000)
    assert thin_region(reference, np.append(np.linspace(0.0, 1.0, 990), np.full(10, 2.0))).sum() == 0
    assert thin_region(reference, np.append(np.linspace(0.0, 1.0, 900), np.full(100, 2.0))).sum() == 101
