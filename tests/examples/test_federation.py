from pathlib import Path

import pytest

from aimon.profile.count import count_all
from aimon.profile.profile import total
from aimon.sealed.plan import read_plan
from aimon.spec.modelfile import load_model
from aimon.verdict.pooled import judge_pooled
from examples.federation.__main__ import POOLED, alarms, federated, told
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
    assert "Turned around: selection_rate of sex: pooled, m is" in said
    assert POOLED in said
    judged = judge_pooled(spec, plan.grid, opened["usual"], opened["later"], {name: opened[name] for name in HOSPITALS})
    assert "disparate_impact sex" in alarms(judged.whole)
    (found,) = judged.turned()
    assert (found.gap.higher, found.gap.lower, set(found.gap.parts)) == ("m", "f", set(HOSPITALS))

    sent = {path.name for path in (tmp_path / "mail").iterdir()}
    assert not sent & {"site.key", "share.key", "usual.parquet", "later.parquet"}
    assert {"west-later.part", "north-later.part"} <= sent
    assert "south-later.part" not in sent
