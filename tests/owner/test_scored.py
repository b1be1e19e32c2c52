"""Drift of rows of which even the owner of the key sees scores only: by commands, HTTP, Dagster and an agent."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from aimon import clock
from aimon.access.rights import Scope
from aimon.cli.sealed import sealed as commands
from aimon.errors import SealedError
from aimon.profile.count import count_all
from aimon.sealed.keys import PUBLIC, SECRET
from aimon.sealed.plan import read_plan
from aimon.sealed.score_plan import read_score_plan
from aimon.store import incidents, records, sealed
from aimon.store.records import StoredRecord
from aimon.verdict.record import Verdict
from aimon_client import Client
from tests.owner.test_agent import Scene, served
from tests.sealed_project import NAME, SealedProject, reference, sealed_project
from tests.service.people import bearer, known_key
from tests.tiny_project import FIRST, MODEL, rows

ROOT = Path(__file__).parents[2]
TODAY = FIRST + timedelta(10)
FAULTY = FIRST + timedelta(1)
EVALUATION = "evaluation.key"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.stopped_at(clock.day_start(TODAY)):
        yield


def command(*words: object) -> str:
    result = CliRunner().invoke(commands, [str(each) for each in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def in_a_process(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """`aimon sealed ...` in a process of its own, on the day of the test."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "client")]),
        "AIMON_NOW": f"{TODAY}T00:00:00Z",
        "AIMON_API_KEY": known_key(Scope.AGENT),
    }
    program = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", str(folder), "sealed"]
    return subprocess.run(
        [*program, *map(str, words)], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and plans, as an owner makes them."""
    folder = tmp_path_factory.mktemp("made")
    pq.write_table(reference(), folder / "reference.parquet")
    (folder / "plain.yaml").write_text(MODEL.format(name=NAME), encoding="utf-8")
    said = command("keygen", folder / "keys", "--scores")
    (folder / "key.id").write_text(said.removeprefix("key ").partition(":")[0], encoding="utf-8")
    command("plan", folder / "reference.parquet", "--spec", folder / "plain.yaml", "--out", folder / "plan.json",
            "--scores", folder / "scores.json")  # fmt: skip
    return folder


def flipped(path: Path, place: int, folder: Path) -> Path:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    spoilt = folder / f"spoilt-{path.name}"
    spoilt.write_bytes(content)
    return spoilt


def project(made: Path, root: Path) -> SealedProject:
    """The server's folder, which has no secret key, and the owner's, which has no evaluation key."""
    plan, key = read_score_plan(made / "scores.json"), (made / "key.id").read_text(encoding="utf-8")
    for name in ("server", "owner"):
        (root / name / "models").mkdir(parents=True)
        (root / name / "aimon.yaml").write_text("models: models\n", encoding="utf-8")
        more = f", evaluation: {EVALUATION}" if name == "server" else ""
        lines = MODEL.format(name=NAME).splitlines()
        about = f"kind: sealed, key: {key!r}, layout: {plan.id!r}, release: scores, plan: scores.json{more}"
        lines[3], lines[-1] = f"source: {{{about}}}", ""
        (root / name / "models" / f"{NAME}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        shutil.copy(made / "scores.json", root / name)
    (root / "server" / EVALUATION).symlink_to(made / "keys" / EVALUATION)
    return SealedProject(
        root / "server", root / "owner", made / "keys", read_plan(made / "plan.json"), root / "no-label-keys"
    )


def send(stage: Scene, made: Path, day: date, *, income_shift: float = 0.0, count: int = 400, hosts: int = 2) -> None:
    table = rows(day, count, 1, income_shift)
    with httpx.Client(base_url=stage.address, headers=bearer(known_key(Scope.INGEST)), timeout=60) as host:
        for number in range(hosts):
            name = stage.project.server.parent / f"{day}-{number}"
            pq.write_table(table.slice(number * count // hosts, count // hosts), name.with_suffix(".parquet"))
            command("encrypt", name.with_suffix(".parquet"), "--plan", made / "plan.json", "--scores",
                    made / "scores.json", "--key", made / "keys" / PUBLIC, "--day", day, "--sender", f"host-{number}",
                    "--out", name.with_suffix(".sealed"))  # fmt: skip
            answer = host.post("/api/v1/sealed/envelopes", content=name.with_suffix(".sealed").read_bytes())
            assert answer.status_code == 200, answer.text


def agent(stage: Scene, made: Path) -> subprocess.CompletedProcess[str]:
    where = ("--server", stage.address, "--key", made / "keys" / SECRET, "--once")
    return in_a_process(stage.project.owner, "agent", *where)


def kept(stage: Scene, day: date, window: str = "1d") -> list[StoredRecord]:
    with stage.platform.store.session() as connection:
        return [each for each in records.query(connection, model=NAME, since=day, until=day) if each.window == window]


def test_drift_is_found_by_scores_alone_and_an_auditor_makes_them_again(made: Path, tmp_path: Path) -> None:
    with served(project(made, tmp_path)) as stage:
        send(stage, made, FIRST)
        send(stage, made, FAULTY, income_shift=1.5)
        assert stage.run(FIRST, FAULTY) == {}
        with stage.platform.store.session() as connection:
            assert [each.rows for each in sealed.pending(connection)] == [400, 400]

        told = agent(stage, made)
        assert (told.returncode, told.stdout.count("scores handed back")) == (0, 2), told.stderr
        assert stage.run(FIRST, FAULTY) == {}
        with stage.platform.store.session() as connection:
            found = incidents.query(connection, model=NAME)
        assert {each.first_day for each in found} == {FAULTY}
        assert [each.title for each in found] == ["loans: score drifted (symmetric chi-square 0.742, limit 0.125)"]

        plan, grid = read_score_plan(made / "scores.json"), read_plan(made / "plan.json").grid
        days = {FIRST: rows(FIRST, 400, 1), FAULTY: rows(FAULTY, 400, 1, 1.5)}
        for day, window, counted in (
            (FIRST, "1d", [FIRST]), (FAULTY, "1d", [FAULTY]), (FAULTY, "7d", [FIRST, FAULTY])
        ):  # fmt: skip
            drifts = {each.column: each for each in kept(stage, day, window) if each.metric == "symmetric_chi2"}
            assert drifts.keys() == set(plan.columns)
            for column, record in drifts.items():
                bins, q = plan.bins[column], np.array(plan.shares[column])
                counts = sum(np.asarray(count_all(grid, days[each]).get(f"column:{column}")) for each in counted)
                p = np.bincount(bins, weights=counts, minlength=len(q)) / (400 * len(counted))
                true = float(((p - q) ** 2 / (p + q)).sum())
                assert record.value == pytest.approx(true, abs=1e-3 + 8e-5)
                assert (record.low or 0.0) <= record.value <= (record.high or 0.0)
                assert record.n_current == 400 * len(counted)
        judged = {each.metric: each for each in kept(stage, FAULTY) if each.column in (None, "income", "sex")}
        assert judged["drift_score"].value > 10
        assert judged["volume"].value == 400
        for metric in ("psi", "missing_shift", "accuracy", "demographic_parity_difference"):
            assert judged[metric].verdict == Verdict.UNSUPPORTED
            assert judged[metric].reason == "needs counts, and the owner of the key sees scores only"
        assert stage.platform.lake.exists(f"reports/model={NAME}/date={FAULTY}/report.html")
        assert agent(stage, made).stdout == ""
        assert stage.platform.profiles.day(NAME, FAULTY) is None

        lake = stage.project.server / "storage" / "lake" / "sealed" / f"model={NAME}"
        result = next((lake / f"date={FAULTY}" / "scores").glob("*.scores"))
        envelopes = [*lake.rglob("*.sealed")]
        means = ("--plan", made / "scores.json", "--evaluation", made / "keys" / EVALUATION)
        sound = in_a_process(stage.project.server, "verify", result, *envelopes, *means)
        assert "the scores of 3 windows follow from 4 envelopes\nrecord" in sound.stdout, sound.stderr
        for path in (result, envelopes[0], made / "scores.json", made / "keys" / EVALUATION):
            size = path.stat().st_size
            for place in (30, size // 2, -9) if path.suffix in (".scores", ".sealed") else (size // 2,):
                spoilt = flipped(path, place, tmp_path)
                files = [spoilt if each == path else each for each in (result, *envelopes, *means)]
                with pytest.raises(SealedError, match=re.escape(spoilt.name)):
                    CliRunner().invoke(commands, ["verify", *map(str, files)], catch_exceptions=False)


def test_a_model_server_seals_for_scores_and_counts_are_refused_there(made: Path, tmp_path: Path) -> None:
    about = {"plan": made / "plan.json", "public_key": made / "keys" / PUBLIC, "sender": "host"}
    with served(project(made, tmp_path)) as stage:
        with Client(stage.address, sealed=True, scores=made / "scores.json", key=known_key(Scope.INGEST),
                    spill=tmp_path / "spill", **about) as client:  # fmt: skip
            for row in rows(FIRST, 120, 1).to_pylist():
                features = {name: row[name] for name in ("income", "region", "sex")}
                client.log(NAME, row["decision"], timestamp=row["at"], score=row["score"], features=features)
        assert client.stats.sent == 120, client.stats
        with stage.platform.store.session() as connection:
            (envelope,) = sealed.of_day(connection, NAME, FIRST, "scores")
        assert (envelope.rows, envelope.ciphertexts) == (120, 1)

        counts = sealed_project(tmp_path / "other", "verdicts")
        (cube, _) = counts.envelopes(FIRST)
        with httpx.Client(base_url=stage.address, headers=bearer(known_key(Scope.INGEST)), timeout=60) as host:
            answer = host.post("/api/v1/sealed/envelopes", content=cube.to_bytes())
        assert answer.status_code == 422
        assert "declared with release: scores; seal scores" in answer.json()["detail"]
