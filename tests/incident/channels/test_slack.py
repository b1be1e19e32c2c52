from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.incident.channels.message import message_of
from aimon.incident.channels.slack import SlackChannel, blocks_of
from tests.incident.channels.conftest import MakeNotice, make
from tests.incident.channels.receivers import http_receiver

KINDS = {"header", "section", "actions", "context"}


def check_limits(content: dict[str, Any]) -> None:
    """The limits Slack publishes for messages of blocks."""
    assert content["text"]
    assert len(content["text"]) <= 4_000
    assert 1 <= len(content["blocks"]) <= 50
    for block in content["blocks"]:
        assert block["type"] in KINDS
        if block["type"] == "header":
            assert block["text"]["type"] == "plain_text"
            assert 1 <= len(block["text"]["text"]) <= 150
        if "fields" in block:
            assert 1 <= len(block["fields"]) <= 10
            assert all(1 <= len(field["text"]) <= 2_000 for field in block["fields"])
        elif block["type"] == "section":
            assert 1 <= len(block["text"]["text"]) <= 3_000
        if block["type"] == "actions":
            assert 1 <= len(block["elements"]) <= 25
            for button in block["elements"]:
                assert len(button["text"]["text"]) <= 75
                assert len(button["url"]) <= 3_000
                assert len(button["action_id"]) <= 255
        if block["type"] == "context":
            assert 1 <= len(block["elements"]) <= 10


def test_a_critical_notice_has_header_fields_and_button_and_calls_the_channel(notice: MakeNotice) -> None:
    content = blocks_of(message_of(notice(), "https://aimon.example.org"))
    check_limits(content)
    header, text, facts, actions, _ = content["blocks"]
    assert header["text"]["text"].startswith("[critical] loans: income drifted (PSI 0.312")
    assert text["text"]["text"].startswith("<!channel> On 2026-11-19")
    assert content["text"].startswith("<!channel> [critical] loans")
    assert [field["text"] for field in facts["fields"]][:3] == [
        "*Model*\nloans",
        "*Metric*\npsi of income where channel=web",
        "*Value and limit*\n0.312 (limit 0.25)",
    ]
    assert actions["elements"][0]["url"] == "https://aimon.example.org/incidents/42"


def test_a_warning_and_a_resolution_call_nobody(notice: MakeNotice) -> None:
    for quiet in (notice(severity="warning"), notice(kind="resolved")):
        assert "<!channel>" not in str(blocks_of(message_of(quiet)))


def test_data_cannot_mention_anybody(notice: MakeNotice) -> None:
    content = blocks_of(message_of(notice(severity="warning", body="<!channel> <@U1> & co", subject="<!here>")))
    assert content["blocks"][1]["text"]["text"] == "&lt;!channel&gt; &lt;@U1&gt; &amp; co"
    assert content["text"] == "&lt;!here&gt;"


@settings(max_examples=150, deadline=None)
@given(
    subject=st.text(min_size=1, max_size=400).filter(str.strip),
    body=st.one_of(st.text("<>&a", min_size=1, max_size=9_000), st.text(min_size=1, max_size=300)),
    column=st.text("<&x", max_size=5_000),
    path=st.sampled_from(["", "x" * 4_000]),
)
def test_no_data_breaks_the_limits(subject: str, body: str, column: str, path: str) -> None:
    finding = {"metric": "psi", "column": column, "value": 1.0}
    notice = make(subject=subject, body=body, findings=[finding])
    content = blocks_of(message_of(notice, f"https://aimon.example.org/{path}"))
    check_limits(content)
    assert [block["type"] for block in content["blocks"]].count("actions") == (0 if path else 1)


def test_it_is_posted_to_the_webhook(notice: MakeNotice) -> None:
    with http_receiver() as receiver:
        SlackChannel(f"{receiver.url}/services/T0/B0/x", allow_private=True).send(notice())
    (request,) = receiver.taken
    assert request.path == "/services/T0/B0/x"
    assert request.headers["content-type"] == "application/json"
    check_limits(request.json)
