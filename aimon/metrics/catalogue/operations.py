"""The operational metrics: how the service ran."""

from aimon.metrics.metric import NO_LIMIT, Direction, Family, Metric, Scope
from aimon.spec.model import Limit


def _metric(
    name: str,
    formula: str,
    unit: str,
    interval: str,
    limit: Limit = NO_LIMIT,
    why: str = "No default limit: it describes.",
    direction: Direction = Direction.HIGHER,
) -> Metric:
    return Metric(
        name=name,
        family=Family.OPERATIONS,
        formula=formula,
        unit=unit,
        direction=direction,
        scopes=(Scope.MODEL,),
        interval=interval,
        limit=limit,
        ideal=0.0 if direction is Direction.HIGHER else None,
        why=why,
    )


_WILSON, _RANKS = "95 %, Wilson", "95 %, order statistics"
_CALM = " Where the baseline was beyond the warning limit already, the limits bound the rise above it."

OPERATIONS = (
    _metric("volume", "rows of the window", "rows", "exact", direction=Direction.LOWER),
    _metric(
        "volume_slope",
        "least-squares slope of the rows a day, of sealed models with `trend`",
        "rows a day",
        "none",
        direction=Direction.NEITHER,
    ),
    _metric(
        "volume_forecast", "rows of the day a week ahead, on that line", "rows", "none", direction=Direction.NEITHER
    ),
    _metric(
        "error_rate",
        "calls that failed / calls",
        "share of rows",
        _WILSON,
        Limit(warning=0.01, critical=0.05),
        "One failed call in a hundred is degraded service, one in twenty unhealthy." + _CALM,
    ),
    _metric(
        "low_confidence_rate",
        "rows with a confidence below 0.7 / rows with a score; the confidence of a binary score s is max(s, 1 - s)",
        "share of rows",
        _WILSON,
        Limit(warning=0.15, critical=0.2),
        "More than 15 % of unsure answers is degraded, more than 20 % unhealthy." + _CALM,
    ),
    _metric("latency_p50", "median latency, to a grid step", "seconds", _RANKS),
    _metric(
        "latency_p95",
        "latency that 95 % of the calls do not exceed, to a grid step",
        "seconds",
        _RANKS,
        Limit(warning=1.0),
        "A second is where people notice that they wait." + _CALM,
    ),
    _metric("latency_p99", "latency that 99 % of the calls do not exceed, to a grid step", "seconds", _RANKS),
    _metric("tokens", "tokens used in the window", "tokens", "exact"),
    _metric("cost_usd", "cost of the window's calls", "US dollars", "exact"),
)
