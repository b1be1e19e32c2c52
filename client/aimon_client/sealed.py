"""Reports predictions as encrypted counts. In: rows of a model, and something that seals them. Out: envelopes.

Rows stay in memory until they are sealed; only envelopes touch the disk or the network. What seals is handed in: this
distribution knows neither keys nor counting (`aimon.sealed.host.Sealer` does).
"""

import os
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from aimon_client.backoff import Backoff
from aimon_client.client import own_folder, rfc3339
from aimon_client.spill import alive

if TYPE_CHECKING:
    import httpx

REFUSED = (400, 409, 413, 415, 422)
"""What the same envelope would be told again. Everything else is tried later."""


class Seals(Protocol):
    """Counts records and encrypts the counts."""

    def seal(self, records: Sequence[Mapping[str, Any]], /) -> Sequence[bytes]:
        """The envelopes of the records, in the order in which they have to arrive."""


@dataclass(frozen=True, slots=True)
class SealedStats:
    """What became of the rows and envelopes so far."""

    logged: int = 0
    dropped: int = 0
    sealed: int = 0
    sent: int = 0
    refused: int = 0
    last_error: str | None = None


class SealedClient:
    """Takes predictions of one model and returns at once; seals every so many `rows` or `seconds`, whichever is first.

    Envelopes wait in a folder of its own while the server is away, and follow later, also by another process.
    It never raises into the model: what goes wrong is in `stats`.
    """

    def __init__(
        self,
        url: str,
        sealer: Seals,
        *,
        key: str | None = None,
        rows: int = 8_192,
        seconds: float = 600.0,
        queued: int = 100_000,
        folder: Path | str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._url = f"{url.rstrip('/')}/api/v1/sealed/envelopes"
        self._sealer = sealer
        self._key = key if key is not None else os.environ.get("AIMON_API_KEY")
        self._rows, self._seconds, self._most, self._timeout = rows, seconds, queued, timeout
        self._folder = Path(folder) if folder is not None else own_folder() / "sealed"
        self._name = f"{os.getpid()}.{secrets.token_hex(4)}"
        self._number = 0
        self._waiting: list[dict[str, Any]] = []
        self._stats = SealedStats()
        self._lock, self._work = threading.Lock(), threading.Lock()
        self._wake, self._closed = threading.Event(), False
        self._http: httpx.Client | None = None
        self._thread: threading.Thread | None = None

    def log(
        self,
        prediction: Any,
        *,
        features: Mapping[str, Any] | None = None,
        timestamp: datetime | None = None,
        **roles: Any,
    ) -> None:
        """Report one prediction; `roles`: score, label, latency, error, query, judge."""
        record = {
            **roles,
            "prediction": prediction,
            "timestamp": timestamp or rfc3339(time.time()),
            "features": dict(features or {}),
        }
        with self._lock:
            full = self._closed or len(self._waiting) >= self._most
            self._stats = replace(self._stats, logged=self._stats.logged + 1, dropped=self._stats.dropped + full)
            if full:
                return
            self._waiting.append(record)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="aimon-sealed", daemon=True)
                self._thread.start()
            if len(self._waiting) >= self._rows:
                self._wake.set()

    def flush(self) -> bool:
        """Seal and send what waits; true when the server has all of it."""
        with self._work:
            self._seal()
            return self._send()

    def close(self) -> bool:
        """Seal and send what waits, leave the rest in the folder, and take no more."""
        with self._lock:
            self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(self._timeout)
        done = self.flush()
        if self._http is not None:
            self._http.close()
        return done

    @property
    def stats(self) -> SealedStats:
        """What became of the rows and envelopes so far."""
        return self._stats

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        backoff, due = Backoff(), time.monotonic() + self._seconds
        while not self._closed:
            until = min(due, backoff.until) if backoff.until else due
            self._wake.wait(max(until - time.monotonic(), 0.0))
            self._wake.clear()
            now = time.monotonic()
            with self._work:
                if len(self._waiting) >= self._rows or now >= due:
                    self._seal()
                    due = now + self._seconds
                if now < backoff.until:
                    continue
                if self._send():
                    backoff.worked()
                else:
                    backoff.failed(now)

    def _seal(self) -> None:
        """Turn the rows into files. Rows that cannot be sealed are dropped: they must not lie anywhere in the clear."""
        with self._lock:
            rows, self._waiting = self._waiting, []
        if not rows:
            return
        try:
            for content in self._sealer.seal(rows):
                self._keep(content)
            self._count(sealed=len(rows))
        except Exception as error:  # whatever a sealer raises must not reach the model
            self._count(dropped=len(rows), last_error=f"{type(error).__name__}: {error}")

    def _keep(self, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._number += 1
        path = self._folder / f"{self._name}.{self._number:09d}.sealed"
        draft = path.with_suffix(".draft")
        draft.write_bytes(content)
        draft.rename(path)

    def _send(self) -> bool:
        """Send the files of this process, and those of processes that live no more; false where one is to wait."""
        for path in sorted(self._folder.glob("*.sealed")):
            owner = path.name.partition(".")[0]
            if not path.name.startswith(f"{self._name}.") and owner.isdigit() and alive(int(owner)):
                continue
            try:
                status, said = self._post(path.read_bytes())
            except OSError:
                continue  # another process was faster
            if status in REFUSED:
                self._count(refused=1, last_error=said)
            elif not 200 <= status < 300:
                self._count(last_error=said)
                return False
            else:
                self._count(sent=1)
            path.unlink(missing_ok=True)
        return True

    def _post(self, content: bytes) -> tuple[int, str]:
        import httpx

        headers = {"content-type": "application/octet-stream"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        try:
            if self._http is None:
                self._http = httpx.Client(timeout=self._timeout)
            response = self._http.post(self._url, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return 0, f"{type(error).__name__}: {error}"
        return response.status_code, response.text[:500]

    def _count(self, *, last_error: str | None = None, **more: int) -> None:
        with self._lock:
            added = {name: getattr(self._stats, name) + count for name, count in more.items()}
            self._stats = replace(self._stats, **added, last_error=last_error or self._stats.last_error)
