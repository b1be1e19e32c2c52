"""A collector on loopback that can be told to be dead, slow, full or broken. It keeps what it took, by id."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aimon.sealed.envelope import Envelope, read_envelope


class FakeCollector:
    """What the server does next: `status`, after `delay_s`; `refuse` says why a record is unusable."""

    def __init__(self) -> None:
        self.status = 200
        self.delay_s = 0.0
        self.retry_after: str | None = None
        self.most_bytes = 10_000_000
        self.taken: dict[str, list[dict[str, Any]]] = {"predictions": [], "labels": [], "feedback": []}
        self.envelopes: list[Envelope] = []
        self.requests: list[tuple[float, str, int]] = []
        self.keys: set[str | None] = set()
        self.port = 0
        self._server: ThreadingHTTPServer | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def times_taken(self) -> Counter[str]:
        return Counter(record["id"] for record in self.taken["predictions"])

    def answer(self, kind: str, body: bytes, key: str | None) -> tuple[int, dict[str, Any]]:
        if kind == "envelopes":
            return self._envelope(body)
        lines = body.split(b"\n")
        with self._lock:
            self.keys.add(key)
            self.requests.append((time.monotonic(), kind, len(lines)))
            if len(body) > self.most_bytes:
                return 413, {"detail": "the body is too large"}
            if self.status != 200:
                return self.status, {"detail": "not now"}
            records = [json.loads(line) for line in lines]
            bad = [place for place, record in enumerate(records) if record.get("prediction") == "rubbish"]
            self.taken[kind] += [record for place, record in enumerate(records) if place not in bad]
            rejected = [{"index": place, "field": "prediction", "reason": "not a class"} for place in bad]
            return 200, {"accepted": len(records) - len(bad), "rejected": rejected}

    def _envelope(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """As the server does: each once, and a sender's numbers upwards."""
        with self._lock:
            if len(body) > self.most_bytes:
                return 413, {"detail": "the body is too large"}
            if self.status != 200:
                return self.status, {"detail": "not now"}
            envelope = read_envelope(body, "the envelope")
            before = [each for each in self.envelopes if each.header.sender == envelope.header.sender]
            if any(each.id == envelope.id for each in before):
                return 200, {"known": True}
            if any(each.header.number >= envelope.header.number for each in before):
                return 409, {"detail": "the number was taken"}
            self.envelopes.append(envelope)
            return 200, {"known": False}

    def start(self) -> None:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                time.sleep(collector.delay_s)
                status, answer = collector.answer(self.path.split("/")[-1], body, self.headers["authorization"])
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                if collector.retry_after:
                    self.send_header("retry-after", collector.retry_after)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        ThreadingHTTPServer.daemon_threads = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def collecting() -> Iterator[FakeCollector]:
    collector = FakeCollector()
    collector.start()
    try:
        yield collector
    finally:
        collector.stop()


def eventually(holds: Any, seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return bool(holds())
