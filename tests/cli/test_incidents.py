import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from aimon.incident.evaluation import Evaluation
from aimon.incident.seed import open_from_evaluations
from aimon.lake.lake import Lake
from aimon.lake.reports import report_key
from aimon.store import open_store

DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.fixture
def troubled(project, monkeypatch):
    """The project with one incident of now and one of the past."""
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    monkeypatch.setenv("AIMON_DATABASE_URL", "sqlite:///storage/aimon.db")
    told = [
        Evaluation(
            run_id="r",
            asset="predictions",
            check="quality",
            model=model,
            day=day,
            passed=False,
            timestamp=NOW,
            metadata={"description": "No rows arrived."},
        )
        for model, day in (("loans", DAY), ("=loans", date(2026, 1, 1)))
    ]
    with open_store("sqlite:///storage/aimon.db", project) as store:
        open_from_evaluations(store, told)
    return project


def test_incidents_that_stand_are_listed(aimon, troubled):
    for command in (["incidents"], ["incidents", "list"]):
        ended = aimon("-C", troubled, *command)
        assert ended.code == 0
        assert [" ".join(line.split()) for line in ended.out.splitlines()] == [
            "ID SEVERITY STATUS DAYS WHAT",
            "1 critical open 2026-11-19 loans: No rows arrived",
        ]


def test_a_list_is_narrowed_or_widened(aimon, troubled):
    def numbers(*options):
        return [each["id"] for each in json.loads(aimon("-C", troubled, "incidents", "list", "--json", *options).out)]

    assert (numbers(), numbers("--all"), numbers("--all", "--limit", "1")) == ([1], [2, 1], [2])
    assert (numbers("--severity", "warning"), numbers("--model", "loans"), numbers("--model", "x")) == ([], [1], [])
    aimon("-C", troubled, "incidents", "resolve", "1")
    assert (numbers(), numbers("--status", "resolved")) == ([], [1])
    assert aimon("-C", troubled, "incidents").out == "No incidents.\n"


def test_an_incident_is_acknowledged_commented_resolved_and_reopened(aimon, troubled):
    def say(*arguments):
        return aimon("-C", troubled, "incidents", *arguments).out

    assert say("ack", "1", "--by", "ann", "--note", "on it") == "Incident 1 is acknowledged.\n"
    assert say("ack", "1", "--by", "bob") == "Incident 1 is acknowledged already.\n"
    assert say("comment", "1", "the feed is late", "--by", "bob") == "Commented on incident 1.\n"
    assert say("resolve", "1", "--by", "ann", "--reason", "mended") == "Incident 1 is resolved.\n"
    assert say("reopen", "1", "--by", "ann") == "Incident 1 is open again.\n"
    assert say("reopen", "1", "--by", "ann") == "Incident 1 is not resolved, so it stays as it is.\n"
    shown = say("show", "1")
    assert shown.startswith("Incident 1: loans: No rows arrived\ncritical, open, 2026-11-19; cause ")
    for line in (
        "2026-11-19  critical  No rows arrived\n",
        "2026-11-20T06:00:00Z  opened by aimon: No rows arrived\n",
        "2026-11-20T06:00:00Z  acknowledged by ann: on it\n",
        "2026-11-20T06:00:00Z  commented by bob: the feed is late\n",
        "2026-11-20T06:00:00Z  resolved by ann: mended\n",
        "Notices (4):\n",
    ):
        assert line in shown


def test_an_incident_is_shown_as_json_with_all_that_is_behind_it(aimon, troubled):
    shown = json.loads(aimon("-C", troubled, "incidents", "show", "1", "--json").out)
    assert (shown["id"], shown["status"], shown["opened_at"]) == (1, "open", "2026-11-20T06:00:00Z")
    assert [each["note"] for each in shown["findings"]] == ["No rows arrived."]
    assert [each["kind"] for each in shown["events"]] == ["opened"]
    assert [each["status"] for each in shown["notices"]] == ["pending"]


def test_incidents_are_exported_as_csv_without_formulas(aimon, troubled, tmp_path):
    rows = list(csv.DictReader(io.StringIO(aimon("-C", troubled, "incidents", "export").out)))
    assert [(row["id"], row["model"], row["historic"], row["resolved_at"]) for row in rows] == [
        ("2", "'=loans", "true", ""),
        ("1", "loans", "false", ""),
    ]
    file = tmp_path / "incidents.csv"
    assert aimon("-C", troubled, "incidents", "export", "--out", file).out == f"2 incidents in {file}.\n"
    assert file.read_text().count("\n") == 3


def test_incidents_are_exported_as_json(aimon, troubled):
    exported = json.loads(aimon("-C", troubled, "incidents", "export", "--format", "json", "--model", "loans").out)
    listed = json.loads(aimon("-C", troubled, "incidents", "list", "--json").out)
    assert exported == listed


def test_a_file_that_cannot_be_written_is_named(aimon, troubled, tmp_path):
    ended = aimon("-C", troubled, "incidents", "export", "--out", tmp_path)
    assert (ended.code, ended.err) == (
        2,
        f"{tmp_path} cannot be written: Is a directory; name another file with --out\n",
    )


def test_a_number_that_nobody_has_is_refused(aimon, troubled):
    for command in ("show", "ack"):
        ended = aimon("-C", troubled, "incidents", command, "7")
        assert (ended.code, ended.err) == (2, "there is no incident 7; list them to see which there are\n")


def test_who_acts_must_be_known(aimon, troubled, monkeypatch):
    def nobody():
        raise OSError

    monkeypatch.setattr("aimon.cli.incidents.getuser", nobody)
    ended = aimon("-C", troubled, "incidents", "ack", "1")
    assert (ended.code, ended.err) == (2, "this machine does not tell who you are; name yourself with --by\n")


def test_an_incident_names_the_reports_of_its_last_day(aimon, troubled):
    lake = Lake(str(troubled / "storage" / "lake"))
    lake.write_bytes(report_key("loans", DAY), b"<html>")
    path = str(troubled / "storage/lake/reports/model=loans/date=2026-11-19/report.html")

    shown = aimon("-C", troubled, "incidents", "show", "1")

    assert "Reports of 2026-11-19:" in shown.out
    assert path in shown.out
    assert json.loads(aimon("-C", troubled, "incidents", "show", "1", "--json").out)["reports"] == {"html": path}


def test_an_incident_is_assigned_and_silenced(aimon, troubled):
    def say(*arguments):
        return aimon("-C", troubled, "incidents", *arguments).out

    assert say("assign", "1", "ben", "--by", "ann") == "Incident 1 is assigned to ben.\n"
    assert say("assign", "1", "ben", "--by", "ann") == "Incident 1 is assigned to ben already.\n"
    assert "\nAssigned to ben\n" in say("show", "1")
    assert say("silences") == "No silences.\n"
    silenced = say("silence", "1", "--for", "3d", "--reason", "their fix comes", "--by", "ann")
    assert silenced == "Incident 1 is silent until 2026-11-23T06:00:00Z (silence 1).\n"
    assert say("silences").startswith("1  until 2026-11-23T06:00:00Z  ann: their fix comes")
    assert json.loads(say("silences", "--json"))[0]["author"] == "ann"
    assert say("unsilence", "1") == "Silence 1 is over.\n"
    assert [event["kind"] for event in json.loads(say("show", "1", "--json"))["events"]][-2:] == [
        "assigned",
        "silenced",
    ]


def test_a_span_that_is_none_is_a_mistake(aimon, troubled):
    ended = aimon("-C", troubled, "incidents", "silence", "1", "--for", "long", "--reason", "x")
    assert (ended.code, ended.err.split(";")[0]) == (2, "--for: the text 'long' is not a span of time")


def test_what_is_done_is_in_the_audit_log(aimon, troubled, monkeypatch):
    monkeypatch.setenv("AIMON_SECRET", "s" * 40)
    aimon("-C", troubled, "incidents", "ack", "1", "--by", "ann")
    aimon("-C", troubled, "incidents", "comment", "1", "the feed was down", "--by", "ann")

    logged = json.loads(aimon("-C", troubled, "audit", "list", "--subject", "incident:1", "--json").out)
    assert [each["action"] for each in logged] == ["incidents.comment", "incidents.acknowledge"]
    assert all(each["actor"].startswith("cli:") for each in logged)
