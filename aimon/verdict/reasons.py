"""The reason of a verdict in words. In: an estimate and its limits. Out: one clause that a person can read."""

from aimon.metrics.estimate import Estimate
from aimon.metrics.metric import Basis
from aimon.verdict.limits import Limits


def number(value: float | None) -> str:
    """A number as people read it.

    >>> number(0.123456), number(1234567.0), number(1e-9), number(0.0)
    ('0.123', '1,234,567', '1e-09', '0')
    """
    if value is None:
        return "nothing"
    if abs(value) >= 1000.0 and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def threshold(estimate: Estimate, limits: Limits, *, critical: bool) -> float | None:
    """The limit that counts, in the metric's own unit: a limited change is added to the baseline's value."""
    limit = limits.critical if critical else limits.first
    if limit is None or limits.basis is Basis.VALUE or estimate.change is None:
        return limit
    baseline = estimate.change.baseline
    if limits.basis is Basis.GROWTH:
        return baseline * (1.0 + limit)
    return baseline - limit if limits.basis is Basis.DROP else baseline + limit


def alarm(estimate: Estimate, limits: Limits, *, critical: bool) -> str:
    """Why it is a warning or critical."""
    limit = limits.critical if critical else limits.first
    value, interval = _value(estimate, limits), _interval(estimate, limits)
    return _noted(f"{value}, beyond the limit {number(limit)} with its whole interval ({interval})", estimate)


def watch(estimate: Estimate, limits: Limits) -> str:
    """Why it is only watched."""
    value, interval = _value(estimate, limits), _interval(estimate, limits)
    said = f"{value}, beyond the limit {number(limits.first)}; its interval ({interval}) is not"
    if estimate.bins is not None:
        said = f"{said}, and chance alone gives about {number(chance(estimate))}"
    return _noted(said, estimate)


def doubted(estimate: Estimate, limits: Limits, chance_of_it: float | None) -> str:
    """Why an interval beyond its limit is only watched."""
    value, interval = _value(estimate, limits), _interval(estimate, limits)
    return _noted(
        f"{value}, beyond the limit {number(limits.first)} with its whole interval ({interval}), but among all results "
        f"of the window chance explains it with {number(chance_of_it)}",
        estimate,
    )


def chance(estimate: Estimate) -> float:
    """What PSI is on average without any drift: (1/n + 1/m) (B - 1)."""
    n, m = estimate.n_reference or 1, estimate.n_current or 1
    return (1.0 / n + 1.0 / m) * max((estimate.bins or 1) - 1, 0)


def weak(estimate: Estimate, limits: Limits, probability: float) -> str:
    """Why a drift test says nothing."""
    return _noted(
        f"{number(estimate.n_current)} rows against {number(estimate.n_reference)} would show a change of "
        f"{number(limits.material)} with a probability of {probability:.0%} only",
        estimate,
    )


def wide(estimate: Estimate, limits: Limits) -> str:
    """Why an interval says nothing."""
    return _noted(
        f"{number(estimate.n_current)} rows leave an interval ({_interval(estimate, limits)}) that reaches "
        f"{number(limits.material)}, so a material change cannot be excluded",
        estimate,
    )


def unusual(value: float, low: float, high: float) -> str:
    """Why a value without a limit is a finding."""
    return f"{number(value)} lies outside what the model's own past windows show, {number(low)} to {number(high)}"


def _noted(said: str, estimate: Estimate) -> str:
    return said if estimate.note is None else f"{said}; {estimate.note}"


def _value(estimate: Estimate, limits: Limits) -> str:
    change = estimate.change
    if limits.basis is Basis.VALUE or change is None:
        return number(estimate.value)
    if limits.basis is Basis.GROWTH:
        return f"{number(estimate.value)} is {change.value:+.0%} against the baseline's {number(change.baseline)}"
    way = "below" if change.value < 0 else "above"
    return f"{number(estimate.value)} is {number(abs(change.value))} {way} the baseline's {number(change.baseline)}"


def _interval(estimate: Estimate, limits: Limits) -> str:
    low, high = estimate.low, estimate.high
    if limits.basis is not Basis.VALUE and estimate.change is not None:
        low, high = estimate.change.low, estimate.change.high
        if limits.basis is Basis.DROP:
            low, high = -high, -low
    if low is None or high is None:
        return f"at most {number(high)}" if low is None else f"at least {number(low)}"
    return f"{number(low)} to {number(high)}"
