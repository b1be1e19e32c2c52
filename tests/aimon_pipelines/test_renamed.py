"""A model that changes its name or its declaration: its history stays, and nothing else runs again."""

import re
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from aimon.platform import open_platform
from aimon.store import baselines, records, registry
from aimon_pipelines.execution import run_model_days
from tests.tiny_project import FIRST, tiny_project

SECOND = FIRST + timedelta(1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project", models=("alpha", "beta"))


def rename(root: Path, old: str, new: str) -> None:
    """Give the model another name in its file, as a person would."""
    file = root / "models" / f"{old}.yaml"
    text = re.sub("^formerly: .*\n", "", file.read_text(), flags=re.MULTILINE)
    text = text.replace(f"model: {old}\n", f"model: {new}\nformerly: [{old}]\n")
    file.unlink()
    (root / "models" / f"{new}.yaml").write_text(text)


def test_a_renamed_model_keeps_its_history_and_its_partitions(root: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        with open_platform(root) as platform:
            run_model_days(platform, instance, "alpha", FIRST, FIRST)
            before = platform.profiles.day("alpha", FIRST)
        rename(root, "alpha", "omega")
        with open_platform(root) as platform:
            ran = run_model_days(platform, instance, platform.model("omega").model, SECOND, SECOND)
            keys = instance.get_dynamic_partitions("models")
            with platform.store.session() as connection:
                known = registry.get(connection, "omega")
                kept = records.query(connection, model="alpha", since=FIRST, until=SECOND, metric="volume", segment="")
                made = baselines.of_model(connection, "alpha")
            report = platform.lake.read_bytes(f"reports/model=alpha/date={SECOND}/report.html").decode()

            assert ran.succeeded
            assert keys == ["alpha", "beta"]
            assert known is not None
            assert known.key == "alpha"
            assert platform.model("alpha").name == platform.model("omega").name == "omega"
            assert before is not None
            assert platform.lake.models() == ["alpha"]
            assert {(each.day, each.window): each.value for each in kept if each.window != "30d"} == {
                (FIRST, "1d"): 400,
                (FIRST, "7d"): 400,
                (SECOND, "1d"): 400,
                (SECOND, "7d"): 800,
            }
            assert len(made) == 1
            assert "omega" in report


def test_a_name_may_change_twice_and_the_first_one_stays_the_key(root: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for old, new in (("alpha", "omega"), ("omega", "final")):
            with open_platform(root) as platform:
                run_model_days(platform, instance, "alpha", FIRST, FIRST)
            rename(root, old, new)

        with open_platform(root) as platform:
            assert platform.model("final").model == "alpha"
            assert sorted(platform.models) == ["alpha", "beta"]


def test_what_changes_in_one_file_leaves_the_other_models_alone(root: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        with open_platform(root) as platform:
            for name in ("alpha", "beta"):
                run_model_days(platform, instance, name, FIRST, FIRST)
        file = root / "models" / "alpha.yaml"
        file.write_text(file.read_text() + "version: '2'\n")
        with open_platform(root) as platform:
            run_model_days(platform, instance, "alpha", SECOND, SECOND)
            with platform.store.session() as connection:
                both = {name: len(baselines.of_model(connection, name)) for name in ("alpha", "beta")}
                versions = {
                    each.day: each.version
                    for each in records.query(connection, model="alpha", since=FIRST, until=SECOND, metric="volume")
                }

    assert both == {"alpha": 2, "beta": 1}
    assert versions == {FIRST: "1", SECOND: "2"}
