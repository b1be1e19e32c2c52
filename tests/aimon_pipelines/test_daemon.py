"""The whole system with Dagster's own daemon and code server: a file appears, a schedule ticks, an incident opens."""

from pathlib import Path

import pytest

from aimon.clock import DAY, today
from aimon.platform import open_platform
from aimon.store import findings
from aimon.store.incidents import Incident
from aimon_pipelines.instance import CONFIG
from tests.aimon_pipelines.watched import analysed, daemon, opened, wait_for
from tests.tiny_project import add_model, tiny_project, write_day

MODELS = ("calm", "drifting", "quiet", "steady", "broken")


@pytest.fixture
def databases(empty_database_url: str, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that keeps both its own state and Dagster's on the backend."""
    root = tiny_project(tmp_path / "project", models=())
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    if backend == "postgresql":
        monkeypatch.setenv("AIMON_DATABASE_URL", empty_database_url)
        home = root / "storage" / "dagster"
        home.mkdir(parents=True)
        storage = f"storage:\n  postgres:\n    postgres_url: {empty_database_url}\n"
        (home / "dagster.yaml").write_text(CONFIG + storage)
    return root


@pytest.mark.timeout(1_200)
def test_from_a_file_that_appears_to_an_incident_while_one_model_of_five_is_broken(databases: Path) -> None:
    root, yesterday = databases, today() - DAY
    for name in MODELS:
        add_model(root, name, [yesterday])
    write_day(root, "drifting", yesterday, income_shift=1.5, count=2_000)
    (root / "data" / "broken" / f"{yesterday}.parquet").write_bytes(b"not parquet at all")

    with daemon(root) as process:
        wait_for(lambda: analysed(root) >= {"calm", "drifting", "quiet", "steady"}, root, process)
        wait_for(lambda: {"drifting", "broken"} <= {incident.model for incident in opened(root)}, root, process)
        add_model(root, "latecomer", [yesterday])
        wait_for(lambda: "latecomer" in analysed(root), root, process)

    by_model: dict[str, list[Incident]] = {}
    for incident in opened(root):
        by_model.setdefault(incident.model, []).append(incident)
    assert set(by_model) == {"drifting", "broken"}
    assert "broken" not in analysed(root)
    assert [incident.kind for incident in by_model["broken"]] == ["failure"]
    with open_platform(root) as platform, platform.store.session() as connection:
        found = [each for one in by_model["drifting"] for each in findings.of_incident(connection, one.id)]
    assert "income" in {finding.column for finding in found}
    assert len({(finding.fingerprint, finding.window, finding.day) for finding in found}) == len(found)
