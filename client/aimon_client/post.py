"""One request to the collector. In: lines of one kind. Out: what the server made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

MOST_WAIT_S = 60.0
CONFLICT = 409


class Outcome(Enum):
    """What to do with the lines now."""

    TAKEN = "taken"
    REFUSED = "refused"
    TOO_LARGE = "too large"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Answer:
    """The server's word on one request."""

    outcome: Outcome
    rejected: int = 0
    wait_s: float = 0.0
    reason: str | None = None
    status: int | None = None


class Collector:
    """The server's intake endpoints under one address."""

    def __init__(self, url: str, key: str | None, timeout_s: float) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._timeout = timeout_s
        self._http: httpx.Client | None = None
        self.trace: str | None = None
        """The trace of the record that was logged last, which the next request continues."""

    def send(self, kind: str, lines: Sequence[bytes]) -> Answer:
        """Post the lines; never raises."""
        return self._post(kind, "application/x-ndjson", b"\n".join(lines))

    def send_envelope(self, content: bytes) -> Answer:
        """Post an envelope of sealed counts, which cannot be parted; never raises."""
        answer = self._post("sealed/envelopes", "application/octet-stream", content)
        if answer.outcome is Outcome.TOO_LARGE or answer.status == CONFLICT:
            return replace(answer, outcome=Outcome.REFUSED)
        return answer

    def _post(self, path: str, kind: str, content: bytes) -> Answer:
        import httpx

        headers = {"content-type": kind}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        trace, self.trace = self.trace, None
        if trace is not None:
            headers["traceparent"] = trace
        try:
            if self._http is None:
                self._http = httpx.Client(timeout=self._timeout)
            response = self._http.post(f"{self._url}/api/v1/{path}", content=content, headers=headers)
            answer = understood(response.status_code, response.headers, body_of(response))
            return replace(answer, status=response.status_code)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            self.close()
            return Answer(Outcome.LATER, reason=f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Let the connection go."""
        if self._http is not None:
            self._http.close()
            self._http = None


def body_of(response: "httpx.Response") -> Mapping[str, Any]:
    """The JSON object of the answer; empty where there is none."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def understood(status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> Answer:
    """What a status means for the lines.

    A wrong key or address (401, 403, 404) is somebody's mistake that will be mended: the lines wait for it.

    >>> understood(429, {"retry-after": "7"}, {}).wait_s
    7.0
    """
    reason = str(body.get("detail") or body.get("title") or f"status {status}")
    if 200 <= status < 300:
        rejected = body.get("rejected") or []
        count = len(rejected) if isinstance(rejected, list) else 0
        return Answer(Outcome.TAKEN, rejected=count, reason=str(rejected[0]) if count else None)
    if status == 413:
        return Answer(Outcome.TOO_LARGE, reason=reason)
    if status in (400, 415, 422):
        return Answer(Outcome.REFUSED, reason=reason)
    return Answer(Outcome.LATER, wait_s=seconds(headers.get("retry-after")), reason=reason)


def seconds(header: str | None) -> float:
    """A Retry-After in seconds; a date, or nonsense, is nothing."""
    try:
        return min(max(float(header or 0), 0.0), MOST_WAIT_S)
    except ValueError:
        return 0.0
