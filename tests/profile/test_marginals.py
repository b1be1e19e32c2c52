import numpy as np
import pyarrow as pa
import pytest

from aimon.profile.build import build_grid
from aimon.profile.grid import Grid
from aimon.profile.key import Resolution, cell
from aimon.profile.marginals import marginal, sources
from aimon.profile.plan import make_plan
from aimon.spec.model import Task
from tests.profile.nasty_rows import nasty_spec

GROUPS, DECISION = cell("sex", Resolution.GROUP), cell("decision")


@pytest.fixture(scope="module", params=list(Task))
def grid(request: pytest.FixtureRequest, rows: pa.Table) -> Grid:
    return build_grid(nasty_spec(request.param), rows)


def test_a_joint_is_read_off_one_that_is_counted(grid: Grid, rows: pa.Table) -> None:
    plan = make_plan(grid, rows.column_names)
    found = sources(grid, plan.joints)
    assert set(found) == set(plan.joints)
    assert all(found[source] == source for source in found.values())
    assert sum(joint != source for joint, source in found.items()) > 5


def test_the_rows_and_the_parts_of_a_cross_table_need_no_counting(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    both = (GROUPS, DECISION)
    assert sources(grid, [(), (DECISION,), both, (GROUPS,)]) == dict.fromkeys([(), (DECISION,), both, (GROUPS,)], both)
    assert sources(grid, [(DECISION,), (GROUPS,)]) == {(DECISION,): (DECISION,), (GROUPS,): (GROUPS,)}


def test_a_marginal_sums_what_is_lacking_and_folds_what_is_coarser(rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.REGRESSION), rows)
    fine, coarse = cell("estimate"), cell("estimate", Resolution.COARSE)
    source = (GROUPS, fine)
    random = np.random.default_rng(0)
    counts = random.integers(0, 9, (2, GROUPS.size(grid), fine.size(grid)))
    assert np.array_equal(marginal(grid, (fine,), source, counts), counts.sum(axis=1))
    assert np.array_equal(marginal(grid, (), source, counts), counts.sum(axis=(1, 2)))
    turned = marginal(grid, (coarse, GROUPS), source, counts)
    fold = coarse.fold(grid)
    assert fold is not None
    assert turned.shape == (2, coarse.size(grid), GROUPS.size(grid))
    for place in range(coarse.size(grid)):
        assert np.array_equal(turned[:, place], counts[:, :, fold == place].sum(axis=2))
