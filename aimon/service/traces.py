"""Traces by OpenTelemetry, where `OTEL_EXPORTER_OTLP_ENDPOINT` says to whom. Needs the extra `tracing`.

A span a request, continued from the caller's `traceparent`. No bodies, no headers, no exceptions' texts leave; numbers
go by `/metrics` and the log stays where it is.
"""

import os
from collections.abc import Mapping
from importlib.util import find_spec

from fastapi.telemetry import TelemetryConfig

from aimon.errors import UserError
from aimon.tracing import ENDPOINTS


def traces(environment: Mapping[str, str] = os.environ) -> TelemetryConfig:
    """What the application is told about traces."""
    wanted = any(environment.get(name) for name in ENDPOINTS)
    return {
        "tracing": wanted,
        "auto_configure": wanted,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
    }


def refuse_traces_without_exporter(environment: Mapping[str, str] = os.environ) -> None:
    """Say what to install where traces are wanted and cannot be sent."""
    named = next((name for name in ENDPOINTS if environment.get(name)), None)
    if named is not None and not _can_export():
        raise UserError(f"{named} asks for traces, and OpenTelemetry is not installed; install aimon[tracing]")


def _can_export() -> bool:
    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http.trace_exporter") is not None
    except ModuleNotFoundError:
        return False
