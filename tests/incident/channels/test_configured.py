import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from aimon.incident.channel import DeliveryError
from aimon.incident.channels.configured import ConfiguredChannel, configured
from aimon.spec.channels import ChannelSpec
from aimon.spec.settings import Settings
from tests.incident.channels.conftest import MakeNotice
from tests.incident.channels.receivers import http_receiver, smtp_receiver

SECRET = "wordThatNobodyMaySee"


def made(root: Path, **spec: Any) -> ConfiguredChannel:
    parsed = TypeAdapter(ChannelSpec).validate_python(spec)
    return ConfiguredChannel(parsed, root=root, outbox=root / "outbox", dashboard="https://aimon.example.org")


def refusal(channel: ConfiguredChannel, notice: Any) -> str:
    with pytest.raises(DeliveryError) as caught:
        channel.send(notice)
    assert SECRET not in f"{caught.value}{caught.value.__cause__!r}"
    return str(caught.value)


def test_without_channels_there_is_the_file(tmp_path: Path, notice: MakeNotice) -> None:
    channels = configured(Settings(root=tmp_path, outbox="box"))
    assert list(channels) == ["file"]
    channels["file"].send(notice())
    assert json.loads((tmp_path / "box" / f"{notice().id}.json").read_text())["incident"] == 42


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"kind": "slack", "url": "$URL"}, f"/{SECRET}"),
        ({"kind": "teams", "url": "${URL}"}, f"/{SECRET}"),
        ({"kind": "webhook", "url": "$URL", "secret": "$WORD"}, f"/{SECRET}"),
        ({"kind": "webhook", "url": "HERE/hook", "secret": "$WORD"}, "/hook"),
        ({"kind": "pagerduty", "url": "HERE", "routing_key": "$WORD"}, "/v2/enqueue"),
        ({"kind": "alertmanager", "url": "HERE", "token": "$WORD"}, "/api/v2/alerts"),
        ({"kind": "alertmanager", "url": "HERE"}, "/api/v2/alerts"),
    ],
)
def test_a_declared_channel_reaches_its_receiver_and_never_tells_its_secret(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch, spec: dict[str, str], path: str
) -> None:
    with http_receiver(200, 400, text=f"no {SECRET} and no /{SECRET}") as receiver:
        monkeypatch.setenv("URL", f"{receiver.url}/{SECRET}")
        monkeypatch.setenv("WORD", SECRET)
        here = {key: value.replace("HERE", receiver.url) for key, value in spec.items()}
        channel = made(tmp_path, **here, allow_private=True)
        channel.send(notice())
        if "$" in str(spec):
            assert refusal(channel, notice()).startswith("127.0.0.1 answered 400: no ***")
        assert "is a private address" in refusal(made(tmp_path, **here), notice())
    assert receiver.taken[0].path == path


def test_mail_is_sent_with_what_is_declared(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = {"kind": "email", "host": "localhost", "from": "a@example.org", "to": ["b@example.org"]}
    with smtp_receiver() as receiver:
        made(tmp_path, **base, port=receiver.port, security="none", allow_private=True).send(notice())
    assert receiver.taken[0].to == ["b@example.org"]
    monkeypatch.setenv("NAME", "ann")
    monkeypatch.setenv("WORD", SECRET)
    with smtp_receiver() as receiver:
        login = {"username": "$NAME", "password": "$WORD"}
        said = refusal(made(tmp_path, **base, **login, port=receiver.port, allow_private=True), notice())
    assert said == "localhost does not offer what the channel needs, STARTTLS or a login"


def test_a_secret_that_is_not_set_is_named_and_waited_for(tmp_path: Path, notice: MakeNotice) -> None:
    said = refusal(made(tmp_path, kind="slack", url="$NOT_SET_ANYWHERE"), notice())
    assert said == "$NOT_SET_ANYWHERE is not set in the environment; set it where notices are delivered"


def test_a_secret_that_is_no_address_is_told_without_it(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("URL", SECRET)
    assert "does not hold a web address" in refusal(made(tmp_path, kind="slack", url="$URL"), notice())


def test_a_folder_of_its_own(tmp_path: Path, notice: MakeNotice) -> None:
    made(tmp_path, kind="file", folder="elsewhere").send(notice())
    assert len(list((tmp_path / "elsewhere").iterdir())) == 2


def test_without_apprise_its_channel_says_what_to_install(
    tmp_path: Path, notice: MakeNotice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setenv("URL", f"json://{SECRET}")
    said = refusal(made(tmp_path, kind="apprise", urls=["$URL"]), notice())
    assert said == "the package apprise is not installed; install aimon[apprise]"
