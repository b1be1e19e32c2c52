"""E-mail: a message in text and HTML, handed to a server by SMTP, encrypted from the beginning or by STARTTLS."""

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

from aimon import clock
from aimon.incident.channel import DeliveryError
from aimon.incident.channels.address import resolve
from aimon.incident.channels.message import CRITICAL, Message, cut, message_of
from aimon.store.notices import Notice

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SECONDS = 20.0
SUBJECT = 200
_COLOURS = {"critical": "#b3261e", "warning": "#9a6700", "info": "#0b57d0"}
_PERMANENT = range(550, 555)


class EmailChannel:
    """Sends mail. The Message-ID is the notice's id, by which mail programs and archives deduplicate."""

    def __init__(
        self,
        host: str,
        *,
        port: int,
        security: str,
        sender: str,
        to: Sequence[str],
        login: tuple[str, str] | None = None,
        allow_private: bool = False,
        dashboard: str | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.security = security
        self.sender = sender
        self.to = tuple(to)
        self.login = login
        self.allow_private = allow_private
        self.dashboard = dashboard

    def send(self, notice: Notice) -> None:
        mail = mail_of(message_of(notice, self.dashboard), self.sender, self.to)
        address = resolve(self.host, self.port, allow_private=self.allow_private)
        with _explained(self.host), self._connected(address) as server:
            if self.login is not None:
                server.login(*self.login)
            refused = server.send_message(mail, self.sender, list(self.to))
        if refused:
            raise DeliveryError(
                f"{self.host} refused {len(refused)} of {len(self.to)} addresses: {', '.join(sorted(refused))}",
                permanent=True,
            )

    @contextmanager
    def _connected(self, address: str) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = _Encrypted(address, self.host, self.port, context)
        else:
            server = _Plain(address, self.host, self.port)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            yield server
            server.quit()
        finally:
            server.close()


class _Plain(smtplib.SMTP):
    """Connects to the address that was checked and goes by the name; one deadline holds for the whole conversation."""

    def __init__(self, address: str, host: str, port: int) -> None:
        self.address = address
        self.deadline = time.monotonic() + SECONDS
        super().__init__(host, port, timeout=SECONDS)

    def send(self, s: "ReadableBuffer | str") -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self.sock is not None:
            self.sock.settimeout(left)
        super().send(s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        return socket.create_connection((self.address, port), timeout)


class _Encrypted(_Plain):
    """The same, encrypted from the beginning."""

    def __init__(self, address: str, host: str, port: int, context: ssl.SSLContext) -> None:
        self.context = context
        super().__init__(address, host, port)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


def mail_of(message: Message, sender: str, to: Sequence[str]) -> EmailMessage:
    """The mail in text and HTML. Mails of one incident are one thread."""
    domain = sender.rpartition("@")[2]
    mail = EmailMessage()
    mail["Subject"] = cut(message.title, SUBJECT)
    mail["From"] = f"aimon <{sender}>"
    mail["To"] = ", ".join(to)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    if message.incident is not None:
        mail["References"] = f"<incident-{message.incident}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.severity == CRITICAL:
        mail["Importance"] = "high"
    facts = "".join(f"{name}: {value}\n" for name, value in message.facts)
    link = "" if message.link is None else f"\n{message.link}\n"
    mail.set_content(f"{message.text}\n\n{facts}{link}\n{clock.iso(message.at)}, notice {message.id}\n")
    mail.add_alternative(_html(message), subtype="html")
    return mail


def _html(message: Message) -> str:
    paragraphs = "".join(
        f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in message.text.split("\n\n") if part
    )
    rows = "".join(
        f'<tr><th style="text-align:left;padding-right:1em">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in message.facts
    )
    colour = _COLOURS.get(message.severity, "#444444")
    link = "" if message.link is None else f'<p><a href="{escape(message.link)}">Open the dashboard</a></p>'
    return (
        '<!doctype html><html lang="en"><body style="font-family:sans-serif;line-height:1.4">'
        f'<h2 style="font-size:1.1em;border-left:4px solid {colour};padding-left:.5em">{escape(message.title)}</h2>'
        f"{paragraphs}<table>{rows}</table>{link}"
        f'<p style="color:#666666">{clock.iso(message.at)}, notice {escape(message.id)}</p></body></html>'
    )


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Turn what can go wrong into a sentence that holds no password; what the server says is part of it."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        said = ", ".join(f"{address} ({code})" for address, (code, _) in sorted(error.recipients.items()))
        raise DeliveryError(
            f"{host} refused every address: {said}", permanent=all(code in _PERMANENT for code in codes)
        ) from None
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"{host} refused the name or password ({error.smtp_code})") from None
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error if isinstance(error.smtp_error, str) else error.smtp_error.decode("utf-8", "replace")
        said = " ".join(text.split())[:200]
        raise DeliveryError(
            f"{host} answered {error.smtp_code}: {said}", permanent=error.smtp_code in _PERMANENT
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise DeliveryError(f"{host} does not offer what the channel needs, STARTTLS or a login") from None
    except TimeoutError:
        raise DeliveryError(f"{host} did not answer in time") from None
    except ssl.SSLCertVerificationError:
        raise DeliveryError(f"{host} has a certificate that is not trusted") from None
    except (smtplib.SMTPException, OSError) as error:
        if "timed out" in str(error):  # smtplib has made it into a lost connection
            raise DeliveryError(f"{host} did not answer in time") from None
        raise DeliveryError(f"{host} cannot be reached or broke the connection off") from None
