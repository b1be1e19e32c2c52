"""Loans with every role of a column, and the sealed grid of 5,000 of them."""

from datetime import date

import numpy as np
import pyarrow as pa

from aimon.profile.build import build_grid
from aimon.profile.grid import Grid
from aimon.sealed.coarse import sealed_grid
from aimon.spec.model import Columns, ModelSpec

DAY = date(2026, 11, 20)
SPEC = ModelSpec(
    model="loans",
    task="binary",
    columns=Columns(prediction="decision", label="repaid", score="score", protected=("sex",), segments=("channel",)),
    positive=1,
)


def rows(n: int, seed: int, *, shift: float = 0.0) -> pa.Table:
    random = np.random.default_rng(seed)
    score = random.beta(2, 3, n)
    return pa.table(
        {
            "income": random.lognormal(8 + shift, 1, n),
            "age": random.integers(18, 90, n),
            "town": random.choice([f"town {place}" for place in range(40)], n),
            "sex": random.choice(["f", "m"], n),
            "channel": random.choice(["web", "shop"], n),
            "score": score,
            "decision": (score > 0.5).astype(int),
            "repaid": pa.array(np.where(random.random(n) < score, 1, 0), mask=random.random(n) < 0.2),
        }
    )


def loans_grid() -> Grid:
    return sealed_grid(build_grid(SPEC, rows(5000, 0)))
