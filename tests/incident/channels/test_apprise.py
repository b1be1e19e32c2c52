import logging
from pathlib import Path

import pytest

from tests.incident.channels.conftest import MakeNotice
from tests.incident.channels.receivers import http_receiver
from tests.incident.channels.test_configured import SECRET, made, refusal


@pytest.mark.parametrize(
    ("severity", "kind", "sort"),
    [("critical", "opened", "failure"), ("warning", "opened", "warning"), ("critical", "resolved", "success")],
)
def test_apprise_takes_the_title_the_text_and_the_sort_to_its_service(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch, severity: str, kind: str, sort: str
) -> None:
    with http_receiver() as receiver:
        monkeypatch.setenv("URL", f"{receiver.url.replace('http', 'json')}/{SECRET}")
        told = notice(severity=severity, kind=kind, body="a < b\n**next**")
        made(tmp_path, kind="apprise", urls=["$URL"]).send(told)
    (request,) = receiver.taken
    assert request.path == f"/{SECRET}"
    assert (request.json["title"], request.json["message"]) == (told.subject, told.body)
    assert request.json["type"] == sort


def test_what_a_service_refuses_is_told_and_nothing_is_logged(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), http_receiver(400) as receiver:
        monkeypatch.setenv("URL", f"{receiver.url.replace('http', 'json')}/{SECRET}")
        said = refusal(made(tmp_path, kind="apprise", urls=["$URL"]), notice())
    assert said.startswith("one of the services did not take the message: ")
    assert "400" in said
    assert len(receiver.taken) == 1
    assert SECRET not in caplog.text


def test_a_text_that_is_too_long_for_a_service_is_one_message_that_is_cut(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_receiver() as receiver:
        monkeypatch.setenv("URL", receiver.url.replace("http", "json"))
        made(tmp_path, kind="apprise", urls=["$URL"]).send(notice(body="word " * 20_000))
    (request,) = receiver.taken
    assert 1_000 < len(request.json["message"]) < 50_000


def test_an_address_that_apprise_does_not_know_is_told_without_it(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = made(tmp_path, kind="apprise", urls=["$URL"])
    for url in (SECRET, f"nosuchservice://{SECRET}"):
        monkeypatch.setenv("URL", url)
        assert refusal(channel, notice()) == "urls[0] is not an address that apprise knows"
