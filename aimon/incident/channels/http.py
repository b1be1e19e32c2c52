"""Requests by HTTP: one deadline, checked addresses, and errors that name the host and nothing of the address's rest.

The transport is used without a client, because a client logs whole addresses, and in some of them lies the secret.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from aimon import clock
from aimon.incident.channel import DeliveryError
from aimon.incident.channels.address import resolve

if TYPE_CHECKING:
    import httpx

SECONDS = 10.0
LARGEST_ANSWER = 65_536
MOST_REDIRECTS = 3
LONGEST_PATIENCE = timedelta(days=1)
REDIRECTS_THAT_KEEP_THE_METHOD = (307, 308)
MENDED_BY_PEOPLE = (401, 403, 404, 407, 410)
"""Answers to a wrong address or key: not the notice's fault, so it waits until somebody mends the configuration."""

TRY_AGAIN = (408, 421, 423, 425, 429)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said."""

    status: int
    headers: Mapping[str, str]
    text: str


def post(
    url: str,
    content: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    allow_private: bool = False,
    seconds: float = SECONDS,
) -> Answer:
    """Send the content and return the answer if it is a success. Raises `DeliveryError` for everything else."""
    deadline = time.monotonic() + seconds
    target, private = _parsed(url), allow_private
    sent = {"content-type": "application/json", "user-agent": "aimon", **(headers or {})}
    for _ in range(MOST_REDIRECTS + 1):
        answer = _exchange("POST", target, content, sent, private, deadline)
        if answer.status not in REDIRECTS_THAT_KEEP_THE_METHOD:
            return _judged(answer, target.host)
        onward = _parsed(urljoin(str(target), answer.headers.get("location", "")))
        if onward.scheme not in ("http", "https") or (target.scheme, onward.scheme) == ("https", "http"):
            raise DeliveryError(f"{target.host} redirects to an address that is not encrypted or not of the web")
        if (onward.host, onward.port) != (target.host, target.port):
            private = False  # what the configuration allows is its own address, not where that one points
            sent = {name: value for name, value in sent.items() if name.lower() != "authorization"}
        target = onward
    raise DeliveryError(f"{target.host} redirects again and again")


def ask(url: str, form: Mapping[str, str] | None = None, *, allow_private: bool = False) -> Answer:
    """What an address says to a GET, or to a form that is posted; whatever its status is. Redirects are not followed.

    Raises `DeliveryError` where nobody answers.
    """
    import httpx

    sent = {"user-agent": "aimon", "accept": "application/json"}
    if form is not None:
        sent["content-type"] = "application/x-www-form-urlencoded"
    content = b"" if form is None else urlencode(form).encode()
    deadline = time.monotonic() + SECONDS
    return _exchange("GET" if form is None else "POST", httpx.URL(url), content, sent, allow_private, deadline)


def _parsed(url: str) -> "httpx.URL":
    import httpx

    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        raise DeliveryError("the address is not one that the web knows", permanent=True) from None


def _exchange(
    method: str, target: "httpx.URL", content: bytes, headers: Mapping[str, str], allow_private: bool, deadline: float
) -> Answer:
    """One request to the address that the name has now."""
    import httpx

    port = target.port or (443 if target.scheme == "https" else 80)
    address = resolve(target.host, port, allow_private=allow_private)
    left = max(0.1, deadline - time.monotonic())
    request = httpx.Request(
        method,
        target.copy_with(host=address),
        content=content,
        headers={**headers, "host": target.netloc.decode()},
        extensions={
            "timeout": {"connect": left, "read": left, "write": left, "pool": left},
            "sni_hostname": target.host,
        },
    )
    try:
        with httpx.HTTPTransport(verify=target.scheme == "https") as transport:
            response = transport.handle_request(request)
            try:
                return Answer(response.status_code, response.headers, _read(response, deadline))
            finally:
                response.close()
    except httpx.TimeoutException:
        raise DeliveryError(f"{target.host} did not answer in time") from None
    except httpx.ConnectError as error:
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        why = "has a certificate that is not trusted" if untrusted else "cannot be reached"
        raise DeliveryError(f"{target.host} {why}") from None
    except httpx.HTTPError:
        raise DeliveryError(f"{target.host} broke the connection off") from None


def _read(response: "httpx.Response", deadline: float) -> str:
    """The beginning of the answer; one that comes drop by drop is cut off at the deadline."""
    import httpx

    content = b""
    for piece in response.iter_raw():
        content += piece
        if len(content) >= LARGEST_ANSWER:
            break
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer takes too long")
    return content[:LARGEST_ANSWER].decode("utf-8", "replace")


def _judged(answer: Answer, host: str) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    said = f"{host} answered {answer.status}"
    excerpt = " ".join(answer.text.split())[:200]
    if 300 <= answer.status < 400:
        raise DeliveryError(f"{said}, a redirect that would lose the message; write the final address")
    if excerpt and answer.status < 500:
        said += f": {excerpt}"
    mended = answer.status in MENDED_BY_PEOPLE
    again = answer.status >= 500 or answer.status in TRY_AGAIN
    raise DeliveryError(said, retry_after=_patience(answer) if again else None, permanent=not (again or mended))


def _patience(answer: Answer) -> timedelta | None:
    """How long the receiver wants to be left alone: seconds, or until a date."""
    said = answer.headers.get("retry-after", "").strip()
    if not said:
        return None
    if said.isdecimal():
        return min(timedelta(seconds=min(int(said), 10**6)), LONGEST_PATIENCE)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max(until - clock.now(), timedelta()), LONGEST_PATIENCE)
