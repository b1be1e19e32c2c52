"""A monitor's figures for other programs. In: a monitor. Out: OpenMetrics text, or a mapping for JSON."""

from typing import Any

from aimon_client.health import SEVERITY
from aimon_client.monitor import Monitor

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def openmetrics(monitor: Monitor) -> str:
    """The exposition that Prometheus scrapes."""
    totals = monitor.totals()
    own = {"model": monitor.model, "version": monitor.version}
    lines = [
        *counter("calls", "Calls of the model.", own, totals.calls),
        *counter("errors", "Calls that failed.", own, totals.errors),
        *counter("low_confidence", "Predictions below the confidence limit.", own, totals.low_confidence),
        *counter("input_tokens", "Tokens sent, cached ones included.", own, totals.input_tokens),
        *counter("output_tokens", "Tokens received, reasoning included.", own, totals.output_tokens),
        *counter("cost_usd", "Cost in US dollars.", own, float(totals.cost_usd)),
        *family("health", "gauge", "0 healthy or unknown, 1 degraded, 2 unhealthy."),
        sample("health", own, SEVERITY[monitor.status().health]),
        *latencies(monitor, own),
        "# EOF",
    ]
    return "\n".join(lines) + "\n"


def as_json(monitor: Monitor) -> dict[str, Any]:
    """The same and more, for a log or a page."""
    totals, status, advice, hour = monitor.totals(), monitor.status(), monitor.should_retrain(), monitor.last_hour()
    return {
        "model": monitor.model,
        "version": monitor.version,
        "health": str(status.health),
        "reason": status.reason,
        "calls": totals.calls,
        "errors": totals.errors,
        "low_confidence": totals.low_confidence,
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "cost_usd": str(totals.cost_usd),
        "unpriced_calls": totals.unpriced_calls,
        "last_hour": {"calls": hour.calls, "latency_p95": monitor.p95(), "classes": dict(hour.classes)},
        "shifts": [{"metric": each.metric, "value": each.value, "alarm": each.alarm} for each in monitor.shifts()],
        "feedback": {"count": monitor.feedback.count, "biased": monitor.feedback.biased,
                     "disagreements": monitor.feedback.disagreements},
        "should_retrain": {"yes": advice.yes, "reasons": list(advice.reasons)},
        "alerts": [{"kind": each.kind, "message": each.message, "at": each.at} for each in monitor.alerts()],
    }  # fmt: skip


def family(name: str, kind: str, text: str) -> list[str]:
    """What OpenMetrics wants to know before the first sample."""
    return [f"# TYPE aimon_model_{name} {kind}", f"# HELP aimon_model_{name} {text}"]


def counter(name: str, text: str, labels: dict[str, str], value: float) -> list[str]:
    """A sum that only grows."""
    return [*family(name, "counter", text), sample(f"{name}_total", labels, value)]


def latencies(monitor: Monitor, labels: dict[str, str]) -> list[str]:
    """The latency as a histogram in seconds."""
    latency = monitor.latency
    buckets = [sample("latency_seconds_bucket", {**labels, "le": f"{at}"}, latency.at_most(at)) for at in BOUNDS_S]
    return [
        *family("latency_seconds", "histogram", "How long a call took."),
        *buckets,
        sample("latency_seconds_bucket", {**labels, "le": "+Inf"}, latency.count),
        sample("latency_seconds_count", labels, latency.count),
        sample("latency_seconds_sum", labels, latency.total),
    ]


def sample(name: str, labels: dict[str, str], value: float) -> str:
    """One line."""
    written = ",".join(f'{key}="{escaped(text)}"' for key, text in labels.items())
    return f"aimon_model_{name}{{{written}}} {value}"


def escaped(text: str) -> str:
    """A label's value as the format wants it."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
