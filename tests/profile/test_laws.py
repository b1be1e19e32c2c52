"""Laws that hold for all rows: profiles add up, and neither order, nor splits, nor a change of unit matters."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.profile import Profile, TableKey, total
from aimon.spec.model import Columns, ModelSpec, Task
from tests.profile.nasty_rows import differences, nasty_rows, nasty_spec
from tests.profile.random_tables import random_column

GRIDS = {task: build_grid(nasty_spec(task), nasty_rows()) for task in (Task.BINARY, Task.MULTICLASS, Task.REGRESSION)}
tasks = st.sampled_from(list(GRIDS))
seeds = st.integers(0, 10_000)
sizes = st.integers(0, 40)


def other_rows(rows: int, seed: int) -> pa.Table:
    """Rows of the nasty columns, some of them of another type."""
    random = np.random.default_rng(seed)
    table = nasty_rows(rows + 9, seed).slice(9)
    for name in random.permutation(table.column_names)[:4]:
        table = table.set_column(table.column_names.index(name), str(name), random_column(random, rows))
    return table


@settings(max_examples=25)
@given(task=tasks, size=sizes, cut=sizes, seed=seeds)
def test_the_profile_of_all_rows_is_the_sum_of_the_profiles_of_their_parts(
    task: Task, size: int, cut: int, seed: int
) -> None:
    grid, rows = GRIDS[task], other_rows(size, seed)
    apart = count_all(grid, rows.slice(0, cut)) + count_all(grid, rows.slice(min(cut, size)))
    assert differences(apart, count_all(grid, rows)) == []


@settings(max_examples=15)
@given(task=tasks, size=sizes, seed=seeds)
def test_addition_is_commutative_and_associative(task: Task, size: int, seed: int) -> None:
    grid = GRIDS[task]
    a, b, c = (count_all(grid, other_rows(size, seed + number)) for number in range(3))
    assert differences(a + b, b + a) == []
    assert differences((a + b) + c, a + (b + c)) == []
    assert differences(a + Profile(grid.id), a) == []
    assert differences(total([c, a, b], grid.id), a + b + c) == []


@settings(max_examples=15)
@given(task=tasks, size=sizes, seed=seeds, batch=st.integers(1, 9))
def test_neither_the_order_of_rows_nor_the_split_into_batches_matters(
    task: Task, size: int, seed: int, batch: int
) -> None:
    grid, rows = GRIDS[task], other_rows(size, seed)
    shuffled = rows.take(np.random.default_rng(seed).permutation(size))
    expected = count_all(grid, rows)
    assert differences(count_all(grid, shuffled), expected) == []
    assert differences(count_all(grid, shuffled.to_batches(batch)), expected if size else count_all(grid, [])) == []


def counts_of(reference: np.ndarray, current: np.ndarray) -> list[int]:
    """Counts of current numbers on the grid of reference ones."""
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="y"))
    grid = build_grid(spec, pa.table({"x": reference, "y": np.zeros(len(reference), np.int64)}))
    counts: list[int] = count_all(grid, pa.table({"x": current})).tables[TableKey("column:x")].tolist()
    return counts


moderate = st.lists(st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6), min_size=1, max_size=60)


@given(reference=moderate, current=moderate, power=st.integers(-200, 200))
def test_a_change_of_unit_by_a_power_of_two_changes_no_count(
    reference: list[float], current: list[float], power: int
) -> None:
    factor = 2.0**power
    before = counts_of(np.array(reference), np.array(current))
    if len(set(reference)) > 1 or set(reference) != {0.0}:
        assert counts_of(np.array(reference) * factor, np.array(current) * factor) == before


def test_a_change_of_unit_by_any_factor_moves_hardly_a_row() -> None:
    random = np.random.default_rng(5)
    reference, current = random.normal(3, 2, 20_000), random.normal(3.2, 2, 20_000)
    before = np.array(counts_of(reference, current))
    for factor in (0.1, 3.0, 1e-7, 12345.678):
        after = np.array(counts_of(reference * factor, current * factor))
        assert np.abs(after - before).sum() <= 4


def test_one_outlier_in_the_reference_moves_no_other_row_far() -> None:
    random = np.random.default_rng(6)
    reference, current = random.normal(0, 1, 5_000), random.normal(0, 1, 5_000)
    before = np.cumsum(counts_of(reference, current)[:2049])
    after = np.cumsum(counts_of(np.append(reference, 1e300), current)[:2049])
    assert np.abs(after - before).max() <= 20
    assert counts_of(reference, np.append(current, 1e300))[2048] == 1
