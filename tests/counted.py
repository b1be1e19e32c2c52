"""Small models counted for real: what the tests of metrics and of verdicts share."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import Columns, ModelSpec

Data = Mapping[str, Any]
Counted = tuple[ModelSpec, Grid, Profile, Profile]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(20)


@pytest.fixture(scope="session")
def counted() -> Callable[..., Counted]:
    """Build a grid on the reference, and count both sides on it."""

    def make(reference: Data, current: Data, *, task: str = "binary", positive: Any = None, **roles: Any) -> Counted:
        roles = {"prediction": "y", **roles}
        if roles["prediction"] not in reference:
            reference = {
                **reference,
                roles["prediction"]: ["0", "1"] * (_rows(reference) // 2) + ["0"] * (_rows(reference) % 2),
            }
            current = {**current, roles["prediction"]: ["0"] * _rows(current)}
        spec = ModelSpec(model="m", task=task, positive=positive, columns=Columns(**roles))
        before, after = pa.table(dict(reference)), pa.table(dict(current))
        grid = build_grid(spec, before)
        return spec, grid, count_all(grid, before), count_all(grid, after)

    return make


def _rows(data: Data) -> int:
    return len(next(iter(data.values()), ()))
