import base64
import hashlib
import hmac

import pytest

from aimon.incident.channels.webhook import WebhookChannel
from tests.incident.channels.conftest import MakeNotice
from tests.incident.channels.receivers import http_receiver


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("plain secret", b"plain secret"),
        ("whsec_" + base64.b64encode(b"0123456789").decode(), b"0123456789"),
        ("whsec_not base64", b"whsec_not base64"),
    ],
)
def test_a_receiver_can_check_who_sent_it_and_when(
    notice: MakeNotice, secret: str, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMON_NOW", "2026-11-20T06:00:00+00:00")
    sent = notice()
    with http_receiver() as receiver:
        channel = WebhookChannel(f"{receiver.url}/hook", secret, allow_private=True)
        channel.send(sent)
        channel.send(sent)
    first, second = receiver.taken
    assert (first.headers["webhook-id"], first.headers["webhook-timestamp"]) == (sent.id, "1795154400")
    signed = f"{sent.id}.1795154400.".encode() + first.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert first.headers["webhook-signature"] == f"v1,{expected}"
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == sent.id
    assert first.body == second.body
    assert first.json == sent.payload
