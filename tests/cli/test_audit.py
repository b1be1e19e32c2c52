import json

import pytest
from sqlalchemy import delete

from aimon.govern.audit import open_trail
from aimon.spec.project import load_project
from aimon.store import open_store
from aimon.store.tables import audit_chain


@pytest.fixture
def logged(project, monkeypatch):
    """The project with three records in its audit log."""
    monkeypatch.setenv("AIMON_SECRET", "s" * 40)
    settings = load_project(project, environment={}).settings
    with open_store(settings.database_url, project) as store:
        trail = open_trail(settings, store)
        for name in ("bob", "=eve", "x\n1  2026-11-20T06:00:00Z  user:ann"):
            trail.note("user:ann", "users.create", f"user:{name}", role="viewer")
    return project


def cut(project):
    with open_store("sqlite:///storage/aimon.db", project) as store, store.transaction() as connection:
        connection.execute(delete(audit_chain).where(audit_chain.c.sequence > 1))


def test_a_whole_log_is_said_to_be_whole(aimon, logged):
    ended = aimon("-C", logged, "audit", "verify")

    assert (ended.code, ended.out) == (0, "The audit log is whole: 3 records, anchored up to record 3.\n")


def test_a_broken_log_ends_with_1_and_names_the_record(aimon, logged):
    cut(logged)

    said = aimon("-C", logged, "audit", "verify")
    told = aimon("-C", logged, "audit", "verify", "--json")

    assert said.code == told.code == 1
    assert said.out == (
        "The audit log is broken: records 2 to 3 are missing: the end of the chain was cut off. "
        "1 records before that are sound.\n"
    )
    assert {key: json.loads(told.out)[key] for key in ("ok", "broken", "records", "anchored")} == {
        "ok": False,
        "broken": 2,
        "records": 1,
        "anchored": 3,
    }


def test_records_are_listed_on_one_line_each(aimon, logged):
    lines = aimon("-C", logged, "audit", "list").out.splitlines()

    assert len(lines) == 3
    assert lines[0].endswith(r'users.create  user:x\n1  2026-11-20T06:00:00Z  user:ann  {"role":"viewer"}')
    assert len(json.loads(aimon("-C", logged, "audit", "list", "--subject", "user:bob", "--json").out)) == 1
    assert aimon("-C", logged, "audit", "list", "--actor", "nobody").out == "Nothing is recorded.\n"


def test_an_export_is_verified_without_the_database(aimon, logged):
    out = logged / "audit.jsonl"

    assert aimon("-C", logged, "audit", "export", "--out", out).out == f"The audit log is in {out}.\n"
    assert aimon("-C", logged, "audit", "verify", "--file", out).code == 0
    out.write_text(out.read_text().replace("viewer", "admin"))
    assert aimon("-C", logged, "audit", "verify", "--file", out).code == 1
    out.write_text("{}\n")
    refused = aimon("-C", logged, "audit", "verify", "--file", out)
    assert refused.code == 2
    assert refused.err == f"{out}:1: this is no record of an audit export; make one with `aimon audit export`\n"


def test_an_export_for_spreadsheets_holds_no_formula(aimon, logged):
    out = aimon("-C", logged, "audit", "export", "--format", "csv").out

    assert out.startswith("sequence,instant,actor,action,subject,detail,key_id,previous_mac,mac\n")
    assert "user:=eve" in out


def test_files_that_cannot_be_used_are_named(aimon, logged):
    assert "cannot be read: No such file" in aimon("-C", logged, "audit", "verify", "--file", logged / "none").err
    assert "name another file with --out" in aimon("-C", logged, "audit", "export", "--out", logged).err
