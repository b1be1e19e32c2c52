"""The server as the owner's agent sees it: sums that wait, envelopes, and where answers go. In: an address, a key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Any, Self

import httpx

from aimon.errors import ConflictError, SealedError, UserError
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import Aggregate, read_aggregate
from aimon.sealed.join.day import JoinedDay, read_joined_day
from aimon.sealed.scores import Scores, read_scores
from aimon.sealed.trend import Slope, read_slope
from aimon.store.sealed import Question

API = "/api/v1/sealed"
SECONDS = 60.0


class ServerError(UserError):
    """The server could not be asked, or refused; the next pass asks again."""


class NotThereError(ServerError):
    """The server has no such thing."""


@dataclass(frozen=True, slots=True)
class Waiting(Question):
    """A day's sum that waits for its owner."""

    model: str
    day: date
    manifest_id: str


class Server:
    """The sealed part of a server's API."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        headers = {"authorization": f"Bearer {key}"}
        try:
            self._http = httpx.Client(base_url=self.url, headers=headers, timeout=SECONDS)
        except httpx.InvalidURL as error:
            raise UserError(f"--server: {url} is no address; write it as https://aimon.example.org") from error

    def waiting(self) -> list[Waiting]:
        """The sums that wait, by model and day."""
        items = self._asked("GET", "/sums").json()["items"]
        return [Waiting(each["model"], date.fromisoformat(each["day"]), each["manifest_id"]) for each in items]

    def sum(self, waiting: Waiting) -> Aggregate:
        """The sum itself; SealedError where it is another one by now."""
        content = self._asked("GET", f"/sums/{waiting.model}/{waiting.day}").content
        found = read_aggregate(content, f"the sum of {waiting.model} {waiting.day}")
        if found.manifest.id != waiting.counts_id:
            raise SealedError(f"the sum of {waiting.model} {waiting.day} is not the one that was announced")
        return found

    def joined(self, waiting: Waiting) -> JoinedDay:
        """The joined labels; SealedError where they are others by now."""
        content = self._asked("GET", f"/joins/{waiting.model}/{waiting.day}").content
        found = read_joined_day(content, f"the labels of {waiting.model} {waiting.day}")
        if found.manifest.id != waiting.joined_id:
            raise SealedError(f"the labels of {waiting.model} {waiting.day} are not those that were announced")
        return found

    def scores(self, waiting: Waiting) -> Scores:
        """The day's scores; SealedError where they are others by now."""
        content = self._asked("GET", f"/scores/{waiting.model}/{waiting.day}").content
        found = read_scores(content, f"the scores of {waiting.model} {waiting.day}")
        if found.manifest.id != waiting.counts_id or found.manifest.day != waiting.day:
            raise SealedError(f"the scores of {waiting.model} {waiting.day} are not those that were announced")
        return found

    def trend(self, waiting: Waiting) -> Slope:
        """The weighted sum of the days up to this one; NotThereError where there is none."""
        name = f"the trend of {waiting.model} {waiting.day}"
        found = read_slope(self._asked("GET", f"/trends/{waiting.model}/{waiting.day}").content, name)
        if max(found.manifest.rows) != waiting.day:
            raise SealedError(f"{name} ends with another day")
        return found

    def envelopes(self, aggregate: Aggregate) -> list[Envelope]:
        """The envelopes that the sum's manifest names."""
        return self.named(aggregate.manifest.inputs)

    def named(self, ids: Iterable[str]) -> list[Envelope]:
        """The envelopes of these ids."""
        return [self._envelope(each) for each in ids]

    def _envelope(self, envelope_id: str) -> Envelope:
        found = read_envelope(self._asked("GET", f"/envelopes/{envelope_id}").content, f"envelope {envelope_id[:16]}")
        if found.id != envelope_id:
            raise SealedError(f"envelope {envelope_id[:16]} is not the one that was asked for")
        return found

    def answer(self, waiting: Waiting, content: bytes) -> bool:
        """Hand an answer back; False where the sum had one already."""
        path, headers = f"/sums/{waiting.model}/{waiting.day}/answer", {"content-type": "application/json"}
        told: dict[str, Any] = self._asked("POST", path, content=content, headers=headers).json()
        return not told["known"]

    def _asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            response = self._http.request(method, f"{API}{path}", **more)
        except httpx.HTTPError as error:
            raise ServerError(f"{self.url} cannot be reached: {type(error).__name__}: {error}") from error
        if response.is_success:
            return response
        try:
            said = str(response.json()["detail"])
        except (ValueError, KeyError, TypeError):
            said = f"status {response.status_code}"
        if response.status_code == httpx.codes.CONFLICT:
            raise ConflictError(said)
        if response.status_code == httpx.codes.NOT_FOUND:
            raise NotThereError(f"{self.url} has none: {said}")
        raise ServerError(f"{self.url} refused {method} {API}{path}: {said}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
