"""The worst notice that data can make, through every channel, held to what its receiver takes."""

import json
import re
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from aimon.incident.channels.message import Message, message_of
from aimon.incident.channels.pagerduty import event_of
from aimon.incident.channels.slack import blocks_of
from aimon.incident.channels.teams import card_of, fitting
from aimon.store.notices import Notice
from tests.incident.channels.conftest import FINDING, MakeNotice
from tests.incident.channels.receivers import http_receiver, smtp_receiver
from tests.incident.channels.test_configured import made
from tests.incident.channels.test_pagerduty import KEY, check_schema
from tests.incident.channels.test_slack import check_limits

DASHBOARD = "https://aimon.example.org"
MARKUP = '<!channel> <@U1> @here *b* _i_ `c` & "q" [log in](https://evil.example) <script>alert(1)</script> '
FOREIGN = "العربية עברית 漢字 👩‍👩‍👧‍👦 "
CONTROL = "\u202etxt.exe\u202c \x1b[2J\x07\x00"
COLUMNS = [f"{MARKUP}{FOREIGN}{CONTROL}column-{number}" for number in range(200)]


@pytest.fixture
def worst(notice: MakeNotice) -> Notice:
    finding = {**FINDING, "column": COLUMNS, "segment": f"{MARKUP}={'😀' * 2_000}"}
    return notice(
        subject=f"{MARKUP}\r\nBcc: eve@example.org\r\n{FOREIGN}{CONTROL}{'😀' * 5_000}",
        body=f"{CONTROL}{MARKUP}{FOREIGN}\n" * 60 + "<&>" * 1_000 + "😀" * 5_000,
        findings=[finding] * 20,
        findings_in_all=10_000,
        report=f"https://reports.example.org/{'漢' * 300}",
        runbook=f"https://wiki.example.org/{'漢' * 300}",
        data_version="0" * 64,
    )


def shown(message: Message) -> str:
    return message.title + message.text + "".join(value for _, value in message.facts)


def test_nothing_moves_the_cursor_or_turns_the_reading_order(worst: Notice) -> None:
    said = shown(message_of(worst))
    assert "column" in said
    assert re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said) is None


def test_slack_takes_it_and_data_mentions_nobody(worst: Notice) -> None:
    begun = time.monotonic()
    content = blocks_of(message_of(worst, DASHBOARD))
    assert time.monotonic() - begun < 1
    check_limits(content)
    written = json.dumps({**content, "blocks": content["blocks"][1:]}, ensure_ascii=False)  # headers are plain
    assert written.count("<!channel>") == 2, "our own, in the text and in what notifications show"
    assert re.findall(r"<[^!]", written.replace("<https://", "")) == []
    assert len(content["blocks"][1]["text"]["text"]) > 2_900
    marked = [block["text"] for block in content["blocks"][1:] if "text" in block]
    marked += [part for block in content["blocks"] for part in block.get("fields", block.get("elements", []))]
    assert all(part["verbatim"] for part in marked if part["type"] == "mrkdwn")


@pytest.mark.parametrize("body", ["<" * 10_000, "<" * 1_000 + "a" * 8_000, "a" * 8_000 + "&" * 1_000])
def test_slack_shows_as_much_of_a_text_as_fits_once_it_is_written_out(notice: MakeNotice, body: str) -> None:
    content = blocks_of(message_of(notice(body=body, severity="warning")))
    check_limits(content)
    assert 2_990 < len(content["blocks"][1]["text"]["text"]) <= 3_000


def test_slack_links_a_report_and_a_runbook(notice: MakeNotice) -> None:
    told = notice(report="/storage/reports/a & b.html", runbook="https://wiki.example.org/drift?a=1&b=2")
    fields = [field["text"] for field in blocks_of(message_of(told))["blocks"][2]["fields"]]
    assert "*Runbook*\n<https://wiki.example.org/drift?a=1&amp;b=2>" in fields
    assert "*Report*\n/storage/reports/a &amp; b.html" in fields


def test_teams_takes_it_and_data_makes_no_links(worst: Notice) -> None:
    content = fitting(message_of(worst, DASHBOARD))
    assert len(content) <= 28 * 1024
    body = json.loads(content)["attachments"][0]["content"]["body"]
    assert all("](" not in json.dumps(part) for part in body)
    assert len(body[1]["text"]) >= 150
    assert json.loads(content)["attachments"][0]["content"]["actions"]


def test_teams_gets_the_whole_of_an_ordinary_notice(notice: MakeNotice) -> None:
    message = message_of(notice(body="word " * 1_000), DASHBOARD)
    assert json.loads(fitting(message)) == card_of(message)
    assert "word " * 999 in fitting(message).decode()


def test_pagerduty_takes_it(worst: Notice) -> None:
    event = event_of(message_of(worst, DASHBOARD), KEY)
    check_schema(event)
    assert len(json.dumps(event).encode()) <= 512_000


def test_a_mail_has_no_header_but_ours_and_its_html_no_markup_of_data(worst: Notice, tmp_path: Path) -> None:
    spec = {"kind": "email", "host": "localhost", "from": "a@example.org", "to": ["b@example.org"]}
    with smtp_receiver() as receiver:
        made(tmp_path, **spec, port=receiver.port, security="none", allow_private=True).send(worst)
    (mail,) = receiver.taken
    assert isinstance(mail.message, EmailMessage)
    assert mail.to == ["b@example.org"]
    assert mail.message["Bcc"] is None
    assert all(len(line) <= 998 for line in mail.content.splitlines())
    html = mail.message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "webhook", "url": "$URL", "secret": "$WORD"},
        {"kind": "alertmanager", "url": "HERE"},
        {"kind": "apprise", "urls": ["$SERVICE"]},
        {"kind": "slack", "url": "$URL"},
        {"kind": "teams", "url": "$URL"},
        {"kind": "pagerduty", "url": "HERE", "routing_key": "$WORD"},
    ],
)
def test_every_receiver_of_requests_gets_one_that_is_json(
    worst: Notice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: dict[str, Any]
) -> None:
    with http_receiver() as receiver:
        monkeypatch.setenv("URL", receiver.url)
        monkeypatch.setenv("SERVICE", receiver.url.replace("http", "json"))
        monkeypatch.setenv("WORD", "wordThatNobodyMaySee")
        here = {key: receiver.url if value == "HERE" else value for key, value in spec.items()}
        made(tmp_path, **here, allow_private=True).send(worst)
    (request,) = receiver.taken
    assert request.json
    assert len(request.body) < 512_000 or spec["kind"] == "webhook", "a program of one's own has no limit"


def test_a_file_takes_it(worst: Notice, tmp_path: Path) -> None:
    made(tmp_path, kind="file", folder="box").send(worst)
    assert json.loads((tmp_path / "box" / f"{worst.id}.json").read_text(encoding="utf-8"))["incident"] == 42
