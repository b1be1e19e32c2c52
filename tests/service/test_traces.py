"""Traces, received by a real receiver of OTLP."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from aimon.errors import UserError
from aimon.service import traces
from aimon.service.traces import refuse_traces_without_exporter
from tests.service.test_server import serving

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def received() -> Iterator[tuple[str, list[Any]]]:
    """The address of a receiver, and the spans that came."""
    spans: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = ExportTraceServiceRequest.FromString(body)
            spans.extend(span for each in told.resource_spans for scope in each.scope_spans for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", spans
        server.shutdown()
        thread.join()


def test_a_request_continues_the_trace_of_its_caller(root: Path, received: tuple[str, list[Any]]) -> None:
    endpoint, spans = received
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with serving(root, **variables) as (_, address):
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "Authorization": "Bearer aimon_secret"}
        httpx.get(f"{address}/api/v1/monitoring/health", headers=headers)
        deadline = time.monotonic() + 20
        while not any(span.trace_id.hex() == TRACE for span in spans) and time.monotonic() < deadline:
            time.sleep(0.05)

    (own,) = [span for span in spans if span.trace_id.hex() == TRACE]
    told = {each.key: each.value for each in own.attributes}
    assert own.parent_span_id.hex() == PARENT
    assert told["http.route"].string_value == "/api/v1/monitoring/health"
    assert told["http.response.status_code"].int_value == 200
    assert "aimon_secret" not in str(spans)


def test_traces_that_cannot_be_sent_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_traces_without_exporter({})
    monkeypatch.setattr(traces, "find_spec", lambda _: None)

    with pytest.raises(UserError) as caught:
        refuse_traces_without_exporter({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})

    assert str(caught.value) == (
        "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, and OpenTelemetry is not installed; install aimon[tracing]"
    )
