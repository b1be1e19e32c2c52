import time
from email.message import EmailMessage
from typing import Any

import pytest

import aimon.incident.channels.email as module
from aimon.incident.channel import DeliveryError
from aimon.incident.channels.email import EmailChannel
from tests.incident.channels.conftest import MakeNotice
from tests.incident.channels.receivers import Certificate, Mail, smtp_receiver

TO = ["ann@example.org", "bob@example.org"]
LOGIN = ("aimon", "wordThatNobodyMaySee")


def channel(port: int, **changes: Any) -> EmailChannel:
    given: dict[str, Any] = {"security": "none", "sender": "aimon@example.org", "to": TO, "allow_private": True}
    return EmailChannel("localhost", port=port, **{**given, **changes})


def part(mail: Mail, kind: str) -> str:
    assert isinstance(mail.message, EmailMessage)
    body = mail.message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def refusal(sent: EmailChannel, notice: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sent.send(notice)
    assert "wordThatNobodyMaySee" not in str(caught.value)
    return caught.value


def test_a_mail_says_it_in_text_and_in_html(notice: MakeNotice) -> None:
    with smtp_receiver() as receiver:
        channel(receiver.port, dashboard="https://aimon.example.org").send(notice(body="a < b\nNext: look."))
    (mail,) = receiver.taken
    assert (mail.sender, mail.to) == ("aimon@example.org", TO)
    headers = mail.message
    assert headers["Subject"] == "[critical] loans: income drifted (PSI 0.312, limit 0.25)"
    assert headers["Message-ID"] == "<20261120T060000-1f3a9c2b0d4e@example.org>"
    assert headers["References"] == "<incident-42@example.org>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Importance"] == "high"
    assert "a < b\nNext: look.\n\nModel: loans\n" in part(mail, "plain")
    assert "https://aimon.example.org/incidents/42" in part(mail, "plain")
    assert "<p>a &lt; b<br>Next: look.</p>" in part(mail, "html")
    assert 'href="https://aimon.example.org/incidents/42"' in part(mail, "html")


def test_data_cannot_add_headers(notice: MakeNotice) -> None:
    with smtp_receiver() as receiver:
        channel(receiver.port).send(notice(subject="hello\r\nBcc: eve@example.org\n", severity="warning"))
    (mail,) = receiver.taken
    assert mail.message["Subject"] == "hello Bcc: eve@example.org"
    assert mail.message["Bcc"] is None
    assert mail.to == TO


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_connection_is_encrypted_and_the_certificate_checked_before_the_password_is_told(
    notice: MakeNotice, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    with smtp_receiver(certificate, tls=security == "tls", login=LOGIN) as receiver:
        sender = channel(receiver.port, security=security, login=LOGIN)
        assert str(refusal(sender, notice())) == "localhost has a certificate that is not trusted"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
        sender.send(notice())
        wrong = channel(receiver.port, security=security, login=("aimon", "wordThatNobodyMaySee2"))
        error = refusal(wrong, notice())
    (mail,) = receiver.taken
    assert (mail.encrypted, mail.login) == (True, "aimon")
    assert (str(error), error.permanent) == ("localhost refused the name or password (535)", False)


def test_a_server_without_encryption_gets_nothing_from_a_channel_that_wants_it(notice: MakeNotice) -> None:
    with smtp_receiver() as receiver:
        error = refusal(channel(receiver.port, security="starttls"), notice())
    assert str(error) == "localhost does not offer what the channel needs, STARTTLS or a login"
    assert receiver.taken == []


@pytest.mark.parametrize(("answer", "permanent"), [("451 later", False), ("554 never", True)])
def test_what_the_server_answers_decides_whether_it_is_tried_again(
    notice: MakeNotice, answer: str, permanent: bool
) -> None:
    with smtp_receiver(answer=answer) as receiver:
        error = refusal(channel(receiver.port), notice())
    assert (str(error), error.permanent) == (f"localhost answered {answer.replace(' ', ': ')}", permanent)


def test_an_address_that_is_refused_is_named_and_the_others_get_the_mail(notice: MakeNotice) -> None:
    with smtp_receiver(refuses={"bob@example.org": 550}) as receiver:
        error = refusal(channel(receiver.port), notice())
    assert (str(error), error.permanent) == ("localhost refused 1 of 2 addresses: bob@example.org", True)
    assert [mail.to for mail in receiver.taken] == [["ann@example.org"]]


@pytest.mark.parametrize(("code", "permanent"), [(550, True), (450, False)])
def test_nobody_there_is_permanent_only_if_the_server_says_so(notice: MakeNotice, code: int, permanent: bool) -> None:
    with smtp_receiver(refuses=dict.fromkeys(TO, code)) as receiver:
        error = refusal(channel(receiver.port), notice())
    assert str(error).startswith("localhost refused every address: ann@example.org")
    assert error.permanent is permanent


@pytest.mark.parametrize("behaviour", [{"hangs": True}, {"slow": 0.2}])
def test_a_server_that_hangs_or_dawdles_is_left(
    notice: MakeNotice, monkeypatch: pytest.MonkeyPatch, behaviour: dict[str, Any]
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.5)
    with smtp_receiver(**behaviour) as receiver:
        begun = time.monotonic()
        assert str(refusal(channel(receiver.port), notice())) == "localhost did not answer in time"
        assert time.monotonic() - begun < 3
    assert receiver.taken == []


def test_nobody_at_home_is_told(notice: MakeNotice) -> None:
    with smtp_receiver() as receiver:
        port = receiver.port
    assert str(refusal(channel(port), notice())) == "localhost cannot be reached or broke the connection off"


def test_a_private_server_is_refused_unless_allowed(notice: MakeNotice) -> None:
    with smtp_receiver() as receiver:
        error = refusal(channel(receiver.port, allow_private=False), notice())
    assert "is a private address" in str(error)
    assert receiver.taken == []
