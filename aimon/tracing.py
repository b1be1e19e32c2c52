"""Spans by OpenTelemetry, where `OTEL_EXPORTER_OTLP_ENDPOINT` says to whom; nothing at all elsewhere.

A step of a day is a span. Predictions came in requests that had ended long before, so the step is linked with their
traces and is no part of any of them.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SERVICE = "OTEL_SERVICE_NAME"
MOST_LINKS = 64


def current() -> str | None:
    """The span that this thread is in, as `traceparent` says it; None where nobody traces."""
    api: Any = sys.modules.get("opentelemetry.trace")
    context = None if api is None else api.get_current_span().get_span_context()
    if context is None or not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


@contextmanager
def span(name: str, **attributes: str) -> Iterator[None]:
    """A span around the block; one that fails says so, without the text of the error."""
    tracer = _tracer()
    if tracer is None:
        yield
        return
    from opentelemetry.trace import Status, StatusCode

    told = {f"aimon.{key}": value for key, value in attributes.items()}
    with tracer.start_as_current_span(
        name, attributes=told, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield
        except BaseException as error:
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def link(traces: Iterable[str]) -> None:
    """Link the span that this thread is in with these traces."""
    if _tracer() is None:
        return
    from opentelemetry.trace import get_current_span

    for trace in list(dict.fromkeys(traces))[:MOST_LINKS]:
        context = _context(trace)
        if context is not None:
            get_current_span().add_link(context)


def _context(trace: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    api: Any = sys.modules["opentelemetry.trace"]
    found = TraceContextTextMapPropagator().extract({"traceparent": trace})
    context = api.get_current_span(found).get_span_context()
    return context if context.is_valid else None


@cache
def _tracer() -> Any:
    """The tracer of this process; None where no receiver is named, or nothing can send to it."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:  # `aimon serve` says so; work on a day does not fail for it
        return None
    resource = Resource.create({"service.name": os.environ.get(SERVICE, "aimon")})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("aimon")
