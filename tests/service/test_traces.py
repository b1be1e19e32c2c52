"""Traces, received by a real receiver of OTLP."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider

from aimon import clock
from aimon.access.rights import Scope
from aimon.errors import UserError
from aimon.platform import open_platform
from aimon.service import traces
from aimon.service.server import open_door
from aimon.service.traces import refuse_traces_without_exporter
from aimon_client import Client
from tests.service.people import invite, known_key
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


def wait_for(spans: list[Any], trace: str) -> None:
    """Until a span of the trace has come."""
    deadline = time.monotonic() + 20
    while not any(span.trace_id.hex() == trace for span in spans) and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_request_continues_the_trace_of_its_caller(root: Path, received: tuple[str, list[Any]]) -> None:
    endpoint, spans = received
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with serving(root, **variables) as (_, address):
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "Authorization": "Bearer aimon_secret"}
        httpx.get(f"{address}/api/v1/monitoring/health", headers=headers)
        wait_for(spans, TRACE)

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


COLLECTED = """\
model: collected
task: binary
source: {kind: collector}
columns: {id: id, timestamp: at, prediction: decision, features: [income]}
baseline: {path: reference/alpha.parquet}
"""


def test_a_prediction_is_followed_from_the_model_to_the_day_that_it_is_counted_in(
    root: Path, received: tuple[str, list[Any]]
) -> None:
    endpoint, spans = received
    (root / "models" / "collected.yaml").write_text(COLLECTED)
    with open_platform(root) as platform:
        invite(open_door(platform))
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    tracer = TracerProvider().get_tracer("a model server")
    day = clock.today().isoformat()
    with serving(root, **variables) as (_, address):
        client = Client(address, key=known_key(Scope.INGEST), spill=root / "spill")
        with client, tracer.start_as_current_span("predict") as own:
            client.log("collected", 1, features={"income": 3.5}, id="a")
            assert client.flush(30)
        trace = own.get_span_context().trace_id.to_bytes(16).hex()
        wait_for(spans, trace)

    run = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", str(root), "run", "--model", "collected"]
    ended = subprocess.run(
        [*run, "--date", day], env={**os.environ, **variables}, capture_output=True, text=True, timeout=240, check=False
    )
    requests = [span for span in spans if span.trace_id.hex() == trace]
    steps = [span for span in spans if span.name == "predictions"]

    assert [span.parent_span_id.hex() for span in requests] == [own.get_span_context().span_id.to_bytes(8).hex()]
    assert len(steps) == 1, ended.stderr[-2_000:]
    told = {each.key: each.value.string_value for each in steps[0].attributes}
    assert (told["aimon.model"], told["aimon.day"]) == ("collected", day)
    assert steps[0].trace_id.hex() != trace
    assert [(each.trace_id.hex(), each.span_id) for each in steps[0].links] == [(trace, requests[0].span_id)]


def test_where_nobody_traces_nothing_is_told_or_loaded(root: Path) -> None:
    code = (
        "import sys\n"
        "from aimon import tracing\n"
        "import aimon_client.trace\n"
        "with tracing.span('step', model='m'):\n"
        "    tracing.link(['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'])\n"
        "print(tracing.current(), aimon_client.trace.traceparent(), 'opentelemetry' in sys.modules)\n"
    )
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=quiet, capture_output=True, text=True, timeout=60, check=True
    )

    assert ended.stdout == "None None False\n"
