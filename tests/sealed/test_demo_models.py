"""The demo's own models, sealed: what is opened is what the rows count in the clear, and so is every metric."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.seal.secret import SecretKey
from aimon.spec.modelfile import load_model
from aimon.verdict.evaluate import evaluate
from examples.generate import MODELS, PROJECT, Model
from examples.traffic import spread, stamps
from tests.sealed.loans import DAY

SECRET, PUBLIC = SecretKey.generate(CUBE)


def day_of(model: Model, seed: int, rows: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    return model.rows(rng, stamps(rng, DAY, rows), DAY + timedelta(30), None)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_demo_model_opens_to_the_counts_and_metrics_of_the_clear(model: Model, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    reference = model.rows(rng, spread(rng, DAY - timedelta(40), 28, 4_000), DAY + timedelta(30), None)
    spec = load_model(PROJECT / "models" / f"{model.name}.yaml")
    grid = sealed_grid(build_grid(spec, reference))
    layout = Layout(grid, CUBE)
    sealing = Encoder(layout, PUBLIC, model=spec.model, version=spec.version, sender="host", number=0)
    tables = [day_of(model, seed, 700) for seed in (1, 2, 3)]
    envelopes = [sealing.seal_rows(table, DAY) for table in tables]

    opened = DecryptGate(layout, SECRET, PUBLIC.id).open(add(envelopes), envelopes)
    clear = layout.kept(count_all(grid, pa.concat_tables(tables)))

    assert opened.tables.keys() == clear.tables.keys()
    for key, counts in clear.tables.items():
        np.testing.assert_array_equal(opened.tables[key], counts, err_msg=str(key))
    baseline = layout.kept(count_all(grid, reference))
    sealed, plain = (evaluate(spec, grid, baseline, current) for current in (opened, clear))
    assert len(plain) > 50
    assert sealed == plain
