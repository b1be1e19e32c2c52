"""`aimon notices`: the outbox and the channels as people at a terminal see them."""

import json
from datetime import UTC, date, datetime

import pytest

from aimon.cli.terminal import lines, table
from aimon.incident.channels.configured import configured
from aimon.incident.delivery import deliver_pending
from aimon.incident.evaluation import Evaluation
from aimon.incident.routes import Routing
from aimon.incident.seed import open_from_evaluations
from aimon.spec.project import load_project_leniently
from aimon.store import open_store
from tests.incident.channels.receivers import http_receiver

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
SETTINGS = """\
database_url: sqlite:///storage/aimon.db
channels:
  hook: {{kind: webhook, url: {url}/hook, secret: $HOOK, allow_private: true}}
  pager: {{kind: pagerduty, url: {url}, routing_key: $HOOK, allow_private: true}}
"""


@pytest.fixture
def troubled(project, monkeypatch):
    """A project with one failed check whose webhook refused what it was sent."""
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    monkeypatch.setenv("HOOK", "wordThatNobodyMaySee")
    told = Evaluation(
        run_id="r",
        asset="predictions",
        check="quality",
        model="loans",
        day=date(2026, 11, 19),
        passed=False,
        timestamp=NOW,
        metadata={"description": "No rows\x1b[2J arrived."},
    )
    with http_receiver(400, 202, text="no") as receiver:
        (project / "aimon.yaml").write_text(SETTINGS.format(url=receiver.url))
        loaded = load_project_leniently(project)
        with open_store("sqlite:///storage/aimon.db", project) as store:
            open_from_evaluations(store, [told])
            deliver_pending(store, configured(loaded.settings), Routing.declared(loaded.settings, loaded.models))
        yield project, receiver


def shown(ended):
    assert (ended.code, ended.err) == (0, "")
    return [" ".join(line.split()) for line in ended.out.splitlines()]


def test_what_was_given_up_is_listed_with_the_reason_and_can_be_tried_again(aimon, troubled):
    root, _ = troubled
    (dead,) = json.loads(aimon("-C", root, "notices", "list", "--status", "dead", "--json").out)
    assert (dead["channel"], dead["last_error"]) == ("hook", "127.0.0.1 answered 400: no")
    assert [line.partition(" ")[2] for line in shown(aimon("-C", root, "notices"))] == [
        "STATUS CHANNEL WHAT, OR WHY NOT",
        "delivered pager [critical] loans: No rows[2J arrived",
        "dead hook 127.0.0.1 answered 400: no",
    ]
    assert shown(aimon("-C", root, "notices", "retry", dead["id"])) == ["1 notice will be tried again."]
    assert shown(aimon("-C", root, "notices", "list", "--status", "dead")) == ["No notices."]
    assert [each["subject"] for each in json.loads(aimon("-C", root, "audit", "list", "--json").out)] == [
        f"notice:{dead['id']}"
    ]


def test_all_that_was_given_up_is_tried_again_at_once(aimon, troubled):
    assert shown(aimon("-C", troubled[0], "notices", "retry", "--all")) == ["1 notice will be tried again."]
    assert shown(aimon("-C", troubled[0], "notices", "retry", "--all")) == ["0 notices will be tried again."]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["retry"], "name one notice to try again, or ask for --all"),
        (["retry", "x", "--all"], "name one notice to try again, or ask for --all"),
        (["retry", "x"], "no notice x was given up"),
        (["test", "hok"], "no channel is called 'hok'; did you mean 'hook'?"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(aimon, troubled, asked, said):
    ended = aimon("-C", troubled[0], "notices", *asked)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_each_channel_says_how_it_is_doing(aimon, troubled):
    root, _ = troubled
    (root / "aimon.yaml").write_text((root / "aimon.yaml").read_text() + "  new: {kind: file}\n")
    states = {
        each["channel"]: each["state"] for each in json.loads(aimon("-C", root, "notices", "channels", "--json").out)
    }
    assert states == {"hook": "unused", "new": "unused", "pager": "ok"}
    assert shown(aimon("-C", root, "notices", "channels"))[-1] == "pager pagerduty ok delivered 2026-11-20T06:00:00Z"


def test_a_channel_that_rests_says_since_what_and_until_when(aimon, troubled):
    root, receiver = troubled
    receiver.answers, receiver.headers["retry-after"] = [429], "600"
    project = load_project_leniently(root)
    with open_store("sqlite:///storage/aimon.db", root) as store:
        told = Evaluation(
            run_id="r2", asset="predictions", check="quality", model="cards", day=date(2026, 11, 19), passed=False,
            timestamp=NOW,
        )  # fmt: skip
        open_from_evaluations(store, [told])
        deliver_pending(store, configured(project.settings), Routing.declared(project.settings, project.models))
    assert any(
        "resting" in line and "until 2026-11-20T06:10:00Z" in line
        for line in shown(aimon("-C", root, "notices", "channels"))
    )


@pytest.mark.parametrize(("channel", "actions"), [("hook", ["trial"]), ("pager", ["trigger", "resolve"])])
def test_a_trial_goes_out_at_once_and_is_ended_where_state_is_kept(aimon, troubled, channel, actions):
    root, receiver = troubled
    receiver.taken.clear()
    assert shown(aimon("-C", root, "notices", "test", channel)) == [f"The channel {channel} took it."]
    assert [each.json.get("event_action", each.json.get("kind")) for each in receiver.taken] == actions


def test_a_trial_that_is_not_taken_says_why_without_the_secret(aimon, troubled):
    root, receiver = troubled
    receiver.answers, receiver.text = [403], "wordThatNobodyMaySee is wrong"
    ended = aimon("-C", root, "notices", "test", "hook")
    assert (ended.code, ended.out) == (2, "")
    assert "127.0.0.1 answered 403: *** is wrong" in ended.err


def test_a_table_and_a_page_fit_the_terminal():
    made = table(("ID", "WHAT"), [("1", "the share of rows without an income is above its limit")], columns=40)
    assert made.splitlines() == ["ID  WHAT", "1   the share of rows without an income", "    is above its limit"]
    assert lines(["  a line that is too long for it, by far"], columns=30).splitlines() == [
        "  a line that is too long for",
        "    it, by far",
    ]
