import json
from datetime import date

import pytest

from aimon import clock
from aimon.store import open_store, records
from aimon.verdict.record import Family, Record

RULES = """
rules:
  - {name: dear, metric: cost_usd, above: 100, severity: critical}
  - {name: dearer, metric: cost_usd, rises_by: 50%, from: last_week}
"""
FIRST = date(2026, 11, 1)
COSTS = (90.0, 90.0, 120.0, 90.0, 90.0, 90.0, 90.0, 95.0, 140.0)


@pytest.fixture
def ruled(project, monkeypatch):
    """The project with two rules and nine days of cost."""
    monkeypatch.delenv("AIMON_DATABASE_URL", raising=False)
    file = project / "models" / "loans.yaml"
    file.write_text(file.read_text() + RULES)
    with open_store("sqlite:///storage/aimon.db", project) as store, store.transaction() as connection:
        for day, cost in zip(clock.days(FIRST, date(2026, 11, 9)), COSTS, strict=True):
            records.replace(
                connection,
                model="loans",
                version="1",
                day=day,
                window="1d",
                records=[Record(family=Family.OPERATIONS, metric="cost_usd", value=cost)],
                baseline_id=None,
                grid_id=None,
                run_id=None,
                as_of=clock.day_end(day),
            )
    return project


def test_rules_are_listed(aimon, ruled):
    assert aimon("-C", ruled, "rules").out == (
        "loans  dear  critical: cost_usd above 100.0 over 1d\n"
        "loans  dearer  warning: cost_usd rises by 50% from last week over 1d\n"
    )
    listed = json.loads(aimon("-C", ruled, "rules", "list", "--json").out)
    assert [(each["model"], each["name"], each["rises_by"]) for each in listed] == [
        ("loans", "dear", None),
        ("loans", "dearer", "50%"),
    ]


def test_a_project_without_rules_says_so(aimon, project):
    assert aimon("-C", project, "rules").out == "No rules.\n"
    ended = aimon("-C", project, "rules", "test", "--from", "2026-11-01", "--to", "2026-11-09")
    assert (ended.code, ended.err) == (2, "no rules are declared; write some under rules: in a model file\n")


def test_rules_are_tried_on_the_past(aimon, ruled):
    ended = aimon("-C", ruled, "rules", "test", "--from", "2026-11-01", "--to", "2026-11-09")
    assert ended.code == 0
    assert ended.out == (
        "2026-11-03  critical  loans: cost_usd: 120 is above the 100 that the rule dear allows\n"
        "2026-11-09  critical  loans: cost_usd: 140 is above the 100 that the rule dear allows\n"
        "2026-11-09  warning   loans: cost_usd: 140 is above the 135 that the rule dearer allows, "
        "50% above the 90 of 2026-11-02\n"
        "9 days of records from 2026-11-01 to 2026-11-09: 3 breaches, 1 incident, 3 notices.\n"
    )


def test_a_trial_is_printed_as_json(aimon, ruled):
    ended = aimon("-C", ruled, "rules", "test", "--from", "2026-11-03", "--to", "2026-11-03", "--json")
    said = json.loads(ended.out)
    assert (said["days"], said["notices"], len(said["incidents"])) == (1, 1, 1)
    (fired,) = said["fired"]
    assert (fired["day"], fired["rule"], fired["value"], fired["threshold"]) == ("2026-11-03", "dear", 120.0, 100.0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--from", "1.11.", "--to", "2026-11-09"), "--from: the text '1.11.' is not a day"),
        (("--from", "2026-11-09", "--to", "2026-11-01"), "--from 2026-11-09 is after --to 2026-11-01; swap them"),
        (("--from", "2026-11-01", "--to", "2026-11-09", "--model", "loan"), "no model 'loan'; did you mean 'loans'?"),
    ],
)
def test_a_mistake_is_one_sentence(aimon, ruled, options, sentence):
    ended = aimon("-C", ruled, "rules", "test", *options)
    assert ended.code == 2
    assert sentence in ended.err
