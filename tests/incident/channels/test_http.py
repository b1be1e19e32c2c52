import logging
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from aimon.incident.channel import DeliveryError
from aimon.incident.channels.http import post
from tests.incident.channels.receivers import DRIP, DROP, HANG, Certificate, http_receiver

SECRET = "T0000/B0000/wordThatNobodyMaySee"


def refusal(url: str, *, allow_private: bool = True, seconds: float = 5) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        post(f"{url}/{SECRET}", b"{}", allow_private=allow_private, seconds=seconds)
    assert "wordThatNobodyMaySee" not in f"{caught.value} {caught.value.__cause__!r}"
    return caught.value


def test_a_success_is_returned_with_what_was_said() -> None:
    with http_receiver(202, text="taken") as receiver:
        answer = post(f"{receiver.url}/x", b'{"a":1}', headers={"x-mine": "1"}, allow_private=True)
    (request,) = receiver.taken
    assert (answer.status, answer.text) == (202, "taken")
    assert (request.path, request.json, request.headers["x-mine"]) == ("/x", {"a": 1}, "1")
    assert request.headers["host"] == receiver.url.removeprefix("http://")


@pytest.mark.parametrize(
    ("status", "permanent", "said"),
    [
        (500, False, "127.0.0.1 answered 500"),
        (503, False, "127.0.0.1 answered 503"),
        (429, False, "127.0.0.1 answered 429: no good"),
        (408, False, "127.0.0.1 answered 408: no good"),
        (401, False, "127.0.0.1 answered 401: no good"),
        (404, False, "127.0.0.1 answered 404: no good"),
        (400, True, "127.0.0.1 answered 400: no good"),
        (413, True, "127.0.0.1 answered 413: no good"),
        (422, True, "127.0.0.1 answered 422: no good"),
    ],
)
def test_only_what_a_retry_cannot_help_is_permanent(status: int, permanent: bool, said: str) -> None:
    with http_receiver(status, text="no  good\n") as receiver:
        error = refusal(receiver.url)
    assert (str(error), error.permanent, error.retry_after) == (said, permanent, None)


@pytest.mark.parametrize(
    ("header", "wish"),
    [
        ("120", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 06:05:00 GMT", timedelta(minutes=5)),
        ("Fri, 20 Nov 2026 05:00:00 GMT", timedelta()),
        ("99999999999", timedelta(days=1)),
        ("soon", None),
    ],
)
def test_a_receiver_says_how_long_it_wants_to_be_left_alone(
    monkeypatch: pytest.MonkeyPatch, header: str, wish: timedelta | None
) -> None:
    monkeypatch.setenv("AIMON_NOW", datetime(2026, 11, 20, 6, tzinfo=UTC).isoformat())
    with http_receiver(429, headers={"retry-after": header}) as receiver:
        assert refusal(receiver.url).retry_after == wish


@pytest.mark.parametrize("behaviour", [HANG, DRIP])
def test_a_receiver_that_does_not_come_to_an_end_is_left_at_the_deadline(behaviour: str) -> None:
    with http_receiver(behaviour) as receiver:
        begun = time.monotonic()
        error = refusal(receiver.url, seconds=0.4)
        assert time.monotonic() - begun < 3
    assert (str(error), error.permanent) == ("127.0.0.1 did not answer in time", False)


def test_a_connection_that_breaks_is_told_and_tried_again() -> None:
    with http_receiver(DROP) as receiver:
        error = refusal(receiver.url)
    assert (str(error), error.permanent) == ("127.0.0.1 broke the connection off", False)


def test_nobody_at_home_is_told_and_tried_again() -> None:
    with http_receiver() as receiver:
        url = receiver.url
    assert str(refusal(url)) == "127.0.0.1 cannot be reached"


def test_a_name_that_nobody_knows_is_told() -> None:
    assert str(refusal("http://nobody.invalid")) == "the name nobody.invalid is not known"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.7",
        "169.254.169.254",
        "[::1]",
        "0.0.0.0",  # noqa: S104
        "2130706433",
        "[::ffff:10.0.0.1]",
        "[::7f00:1]",
    ],
)
def test_private_addresses_are_refused_unless_the_channel_allows_them(host: str) -> None:
    error = refusal(f"http://{host}:9", allow_private=False)
    assert "is a private address or one of this machine" in str(error)
    assert error.permanent


def test_an_address_in_a_form_of_its_own_is_refused_before_anybody_is_asked() -> None:
    error = refusal("http://0177.0.0.1:9", allow_private=False)
    assert (str(error), error.permanent) == ("the address is not one that the web knows", True)


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_to_a_private_address_is_refused_even_where_private_ones_are_allowed(status: int) -> None:
    with http_receiver() as inner, http_receiver(status, headers={"location": f"{inner.url}/admin"}) as outer:
        error = refusal(outer.url)
    assert "is a private address" in str(error)
    assert inner.taken == []


def test_a_redirect_within_the_same_server_is_followed_with_its_content() -> None:
    with http_receiver(308, 200, headers={"location": "/there"}) as receiver:
        post(f"{receiver.url}/here", b"{}", headers={"authorization": "Bearer x"}, allow_private=True)
    assert [(request.path, request.body) for request in receiver.taken] == [("/here", b"{}"), ("/there", b"{}")]
    assert receiver.taken[1].headers["authorization"] == "Bearer x"


def test_endless_redirects_come_to_an_end() -> None:
    with http_receiver(307, headers={"location": "/again"}) as receiver:
        assert str(refusal(receiver.url)) == "127.0.0.1 redirects again and again"
    assert len(receiver.taken) == 4


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_message_is_not_followed(status: int) -> None:
    with http_receiver(status, headers={"location": "/there"}) as receiver:
        assert "write the final address" in str(refusal(receiver.url))
    assert len(receiver.taken) == 1


def test_a_redirect_to_another_kind_of_address_is_not_followed() -> None:
    with http_receiver(307, headers={"location": "file:///etc/passwd"}) as receiver:
        assert "not encrypted or not of the web" in str(refusal(receiver.url))


def test_nothing_is_logged_that_holds_the_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), http_receiver() as receiver:
        post(f"{receiver.url}/{SECRET}", b"{}", allow_private=True)
    assert len(receiver.taken) == 1
    assert "wordThatNobodyMaySee" not in caplog.text


def test_a_certificate_is_checked_against_the_name_though_the_connection_goes_to_the_address(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    port = server.server_address[1]
    try:
        assert str(refusal(f"https://localhost:{port}")) == "localhost has a certificate that is not trusted"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
        assert post(f"https://localhost:{port}/x", b"{}", allow_private=True).status == 204
        assert str(refusal(f"https://127.0.0.1:{port}")) == "127.0.0.1 has a certificate that is not trusted"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
