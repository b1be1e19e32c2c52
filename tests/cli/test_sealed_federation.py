import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from aimon.cli.app import run
from examples.federation.patients import rows, write_project

NAMES = ("north", "south", "west")


def aimon(*words: object) -> None:
    assert run([str(word) for word in words]) == 0


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    capsys.readouterr()
    assert run([str(word) for word in words]) == 2
    return capsys.readouterr().err


def each(option: str, paths: list[Path]) -> list[object]:
    return [word for path in paths for word in (option, path)]


@pytest.fixture
def founded(tmp_path: Path) -> Path:
    federation = ("sealed", "federation")
    sites = [word for name in NAMES for word in ("--site", name)]
    aimon(*federation, "start", tmp_path / "charter.json", "--name", "hospitals", *sites, "--threshold", 2)
    for name in NAMES:
        aimon(*federation, "commit", tmp_path / "charter.json", tmp_path / name, "--site", name)
    commits = each("--commit", [tmp_path / name / f"{name}.commit" for name in NAMES])
    for name in NAMES:
        aimon(*federation, "reveal", tmp_path / name, *commits)
    reveals = each("--reveal", [tmp_path / name / f"{name}.reveal" for name in NAMES])
    for name in NAMES:
        aimon(*federation, "combine", tmp_path / name, *commits, *reveals)
        pq.write_table(rows(name, 1), tmp_path / f"{name}.parquet")
    spec = write_project(tmp_path)
    plan = tmp_path / "plan.json"
    aimon("sealed", "plan", tmp_path / "north.parquet", "--spec", spec, "--federated", "--out", plan)
    for name in NAMES:
        day = ("--plan", plan, "--day", "2026-11-20", "--out", tmp_path / f"{name}.sealed")
        aimon(*federation, "encrypt", tmp_path / name, tmp_path / f"{name}.parquet", *day)
    aimon("sealed", "add", *envelopes(tmp_path), "--out", tmp_path / "day.sum")
    return tmp_path


def envelopes(folder: Path) -> list[Path]:
    return [folder / f"{name}.sealed" for name in NAMES]


def test_a_federation_from_charter_to_counts(founded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    total = (founded / "day.sum", *envelopes(founded))
    for name in ("south", "west"):
        out = ("--with", "south", "--with", "west", "--out", founded / f"{name}.part")
        aimon("sealed", "federation", "partial", founded / name, *total, *out)
    parts = each("--part", [founded / f"{name}.part" for name in ("south", "west")])
    plan = ("--plan", founded / "plan.json")
    capsys.readouterr()
    counts = founded / "day.counts"
    aimon("sealed", "federation", "fuse", founded / "north", *total, *parts, *plan, "--counts", counts)
    opened = json.loads(capsys.readouterr().out)
    assert opened["rows"] == 9_500
    women = sum(pq.read_table(founded / f"{name}.parquet")["sex"].to_pylist().count("f") for name in NAMES)
    assert women in opened["tables"]["column:sex"]

    spec = (*plan, "--spec", founded / "treatment.yaml")
    aimon("sealed", "federation", "judge", counts, "--baseline", counts, *spec)
    assert capsys.readouterr().out.startswith("pooled:\n")
    aimon("sealed", "federation", "judge", counts, "--baseline", counts, *spec, "--site", f"north={counts}", "--json")
    judged = json.loads(capsys.readouterr().out)
    assert judged["pooled"] == judged["sites"]["north"] != []
    judge = ("sealed", "federation", "judge")
    assert run([str(word) for word in (*judge, counts, "--baseline", counts, *spec, "--fail-on", "warning")]) == 1
    said = refused(capsys, *judge, counts, "--baseline", counts, *spec, "--site", "north")
    assert "--site: 'north' is no name and file; write it as north=north.counts" in said
    said = refused(capsys, *judge, founded / "day.sum", "--baseline", counts, *spec)
    assert "day.sum holds no counts; write them with --counts" in said

    fuse = ("sealed", "federation", "fuse", founded / "north", *total)
    assert "the partial of west is missing" in refused(capsys, *fuse, *parts[:2], *plan)
    assert "(2, 3)" not in refused(capsys, *fuse, "--part", founded / "day.sum", *plan)


def test_groups_that_share_no_site_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sites = [word for name in ("a", "b", "c", "d") for word in ("--site", name)]
    for threshold, warned in ((2, True), (3, False)):
        name = tmp_path / f"{threshold}.json"
        aimon("sealed", "federation", "start", name, "--name", "f", *sites, "--threshold", threshold)
        assert ("with a threshold of 3 any two share a site, which remembers" in capsys.readouterr().out) is warned


def test_mistakes_are_one_sentence(founded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    federation, north = ("sealed", "federation"), founded / "north"
    start = (*federation, "start", founded / "other.json", "--name", "f", "--site", "a", "--site", "b")
    assert "3 sites cannot open together where there are 2" in refused(capsys, *start, "--threshold", 3)
    commit = (*federation, "commit", founded / "charter.json")
    assert "a key is never overwritten" in refused(capsys, *commit, north, "--site", "north")
    assert "east is no site of the federation hospitals" in refused(capsys, *commit, founded / "e", "--site", "east")
    one = founded / "north.sealed"
    aimon("sealed", "add", one, "--out", founded / "one.sum")
    openers = ("--with", "north", "--with", "west", "--out", founded / "p")
    said = refused(capsys, *federation, "partial", north, founded / "one.sum", one, *openers)
    assert "the sum holds rows of north only, and north did not agree to be opened without all others" in said
    assert not (founded / "p").exists()
    said = refused(capsys, *federation, "partial", north, founded / "day.sum", *envelopes(founded)[:2], *openers)
    assert "the aggregate does not follow from its envelopes" in said
    assert "cannot be read" in refused(capsys, *federation, "reveal", founded / "nowhere", "--commit", one)
