from pathlib import Path

import pytest

from aimon.metrics.reversal import reversals
from aimon.profile.count import count_all
from aimon.profile.profile import total
from aimon.sealed.plan import read_plan
from aimon.spec.modelfile import load_model
from aimon.verdict.evaluate import evaluate
from examples.federation.__main__ import POOLED, alarms, federated, rates_of, told
from examples.federation.patients import HOSPITALS, rows


def test_three_processes_open_what_they_agreed_to_and_the_reversal_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = federated(tmp_path)

    plan, spec = read_plan(tmp_path / "mail" / "plan.json"), load_model(tmp_path / "treatment.yaml")
    clear = {name: count_all(plan.grid, rows(name, 2)) for name in HOSPITALS}
    clear["later"] = total(list(clear.values()), plan.grid.id)
    for name, profile in clear.items():
        for key, counts in opened[name].tables.items():
            assert (counts == profile.tables[key]).all(), (name, key)

    told(opened, spec, plan.grid, 1.0)
    said = " ".join(capsys.readouterr().out.split())
    assert "A reversal: pooled, m are treated" in said
    pooled = evaluate(spec, plan.grid, opened["usual"], opened["later"])
    assert "disparate_impact sex" in alarms(pooled)
    sites = {name: rates_of(evaluate(spec, plan.grid, opened["usual"], opened[name])) for name in HOSPITALS}
    (found,) = reversals(rates_of(pooled), sites)
    assert (found.higher, found.lower, set(found.parts)) == ("m", "f", set(HOSPITALS))
    assert POOLED in said

    sent = {path.name for path in (tmp_path / "mail").iterdir()}
    assert not sent & {"site.key", "share.key", "usual.parquet", "later.parquet"}
    assert {"west-later.part", "north-later.part"} <= sent
    assert "south-later.part" not in sent
