"""The trace that the model's thread is in, where its program uses OpenTelemetry. Nothing is imported for it."""

import sys
from typing import Any


def traceparent() -> str | None:
    """The current span as W3C says it, so that what the collector does with a record belongs to the same trace."""
    api: Any = sys.modules.get("opentelemetry.trace")
    if api is None:
        return None
    try:
        context = api.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
    except Exception:  # somebody else's library: a trace is not worth a fault in the model's thread
        return None
