"""Receivers on loopback: an HTTP server that answers as told, a minimal SMTP server with STARTTLS, TLS and login."""

import base64
import json
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HANG = "hang"
DROP = "drop"
DRIP = "drip"


@dataclass
class Request:
    """What an HTTP server was sent."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpReceiver:
    """An HTTP server. `answers` are used up one by one, the last one for ever: a status, or what to do instead."""

    url: str = ""
    answers: list[Any] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    text: str = "ok"
    taken: list[Request] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)


@contextmanager
def http_receiver(*answers: Any, headers: dict[str, str] | None = None, text: str = "ok") -> Iterator[HttpReceiver]:
    receiver = HttpReceiver(answers=list(answers) or [200], headers=headers or {}, text=text)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            lower = {name.lower(): value for name, value in self.headers.items()}
            receiver.taken.append(Request(self.path, lower, body))
            answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            if answer == HANG:
                receiver.closed.wait(20)
                return
            if answer == DROP:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(200 if answer == DRIP else answer)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            if answer == DRIP:
                self.end_headers()
                while not receiver.closed.wait(0.1):
                    self.wfile.write(b".")
                    self.wfile.flush()
                return
            self.send_header("content-length", str(len(receiver.text)))
            self.end_headers()
            self.wfile.write(receiver.text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mail:
    """One mail that was taken."""

    sender: str
    to: list[str]
    content: bytes
    encrypted: bool
    login: str | None

    @property
    def message(self) -> Message:
        return message_from_bytes(self.content, policy=default)


@dataclass
class SmtpReceiver:
    """A mail server. `refuses` are addresses it does not take, `answer` what it says once a mail was sent to it."""

    port: int = 0
    refuses: dict[str, int] = field(default_factory=dict)
    answer: str = "250 taken"
    login: tuple[str, str] | None = None
    taken: list[Mail] = field(default_factory=list)
    hangs: bool = False
    slow: float = 0.0
    closed: threading.Event = field(default_factory=threading.Event)


@contextmanager
def smtp_receiver(
    certificate: "Certificate | None" = None,
    *,
    tls: bool = False,
    login: tuple[str, str] | None = None,
    refuses: dict[str, int] | None = None,
    answer: str = "250 taken",
    hangs: bool = False,
    slow: float = 0.0,
) -> Iterator[SmtpReceiver]:
    receiver = SmtpReceiver(refuses=refuses or {}, answer=answer, login=login, hangs=hangs, slow=slow)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                _Conversation(self.request, receiver, certificate, tls=tls).hold()
            except (OSError, ValueError):
                return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Conversation:
    """One connection to the mail server, as far as RFC 5321 is needed."""

    def __init__(
        self, connection: socket.socket, receiver: SmtpReceiver, certificate: "Certificate | None", *, tls: bool
    ) -> None:
        self.receiver = receiver
        self.certificate = certificate
        self.encrypted = tls
        self.connection = self._wrapped(connection) if tls else connection
        self.lines = self.connection.makefile("rb")
        self.logged_in: str | None = None
        self.sender = ""
        self.to: list[str] = []

    def hold(self) -> None:
        if self.receiver.hangs:
            self.receiver.closed.wait(20)
            return
        self._say("220 ready")
        try:
            while line := self.lines.readline().decode().strip():
                if self._answer(line):
                    return
        finally:
            self.lines.close()
            self.connection.close()

    def _answer(self, line: str) -> bool:
        verb = line.split(maxsplit=1)[0].upper()
        if verb == "EHLO":
            offers = ["250-here"]
            offers += ["250-STARTTLS"] if self.certificate and not self.encrypted else []
            offers += ["250-AUTH PLAIN"] if self.receiver.login else []
            self._say("\r\n".join([*offers, "250 OK"]))
        elif verb == "STARTTLS":
            self._say("220 go")
            self.lines.close()
            self.connection = self._wrapped(self.connection)
            self.lines, self.encrypted = self.connection.makefile("rb"), True
        elif verb == "AUTH":
            _, name, password = base64.b64decode(line.split()[2]).decode().split("\0")
            good = (name, password) == self.receiver.login
            self.logged_in = name if good else None
            self._say("235 welcome" if good else "535 wrong name or password")
        elif verb == "MAIL":
            self.sender, self.to = _address(line), []
            self._say("250 OK")
        elif verb == "RCPT":
            code = self.receiver.refuses.get(_address(line), 250)
            self.to += [_address(line)] if code == 250 else []
            self._say(f"{code} so it is")
        elif verb == "DATA":
            self._data()
        elif verb == "QUIT":
            self._say("221 bye")
            return True
        else:
            self._say("250 OK")
        return False

    def _data(self) -> None:
        self._say("354 go on")
        content = b""
        while (line := self.lines.readline()) not in (b".\r\n", b""):
            content += line.removeprefix(b".") if line.startswith(b"..") else line
        if self.receiver.answer.startswith("250"):
            mail = Mail(self.sender, self.to, content, self.encrypted, self.logged_in)
            self.receiver.taken.append(mail)
        self._say(self.receiver.answer)

    def _say(self, text: str) -> None:
        if self.receiver.slow:
            self.receiver.closed.wait(self.receiver.slow)
        self.connection.sendall(f"{text}\r\n".encode())

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        assert self.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate.file, self.certificate.key)
        return context.wrap_socket(connection, server_side=True)


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost that signs itself."""

    file: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    asked = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {made.key} -out {made.file}"
    subprocess.run(
        ["openssl", *asked.split(), "-addext", "subjectAltName=DNS:localhost"],
        check=True,
        capture_output=True,
    )
    return made
