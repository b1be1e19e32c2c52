"""One estimate's verdict. In: the estimate, its limits, what is usual for it. Out: verdict, limit, reason.

The order: what cannot be judged; an alarm, where the whole interval is beyond a limit and chance does not explain it
among all results looked at together; too few rows to tell; a value beyond its limit, which is shown and not notified;
otherwise ok.
"""

from dataclasses import dataclass

from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.metric import Basis, Direction
from aimon.verdict import reasons
from aimon.verdict.discoveries import SIGNIFICANT
from aimon.verdict.history import Band
from aimon.verdict.limits import Limits
from aimon.verdict.power import ASKED, drift_power
from aimon.verdict.record import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of an estimate."""

    verdict: Verdict
    threshold: float | None = None
    low_power: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Badness:
    """A value and its bounds on a scale where more is worse, with the limits on the same scale."""

    value: float
    low: float
    high: float
    warning: float | None
    critical: float | None
    material: float | None

    def beyond(self, bound: float) -> Verdict | None:
        """The severest limit below this bound."""
        if self.critical is not None and bound > self.critical:
            return Verdict.CRITICAL
        return Verdict.WARNING if self.warning is not None and bound > self.warning else None


def judge(
    estimate: Estimate,
    limits: Limits | None,
    *,
    p_adjusted: float | None = None,
    p_beyond: float | None = None,
    band: Band | None = None,
    provisional: bool = False,
) -> Judgement:
    """The verdict of one estimate.

    `p_adjusted` is the adjusted p-value of a primary test, `p_beyond` that of lying beyond the limit by chance.
    `provisional` labels raise no alarm, and neither does a value inside the band of the model's own past windows.
    """
    if estimate.value is None or estimate.obstacle is Obstacle.TOO_FEW_ROWS:
        return _obstructed(estimate)
    badness = None if limits is None else badness_of(estimate, limits)
    if limits is None or badness is None:
        found = _against_band(estimate, band) if limits is None else _no_baseline()
    else:
        found = _against_limits(estimate, limits, badness, p_adjusted if p_beyond is None else p_beyond)
    if found.verdict.alarms:
        return _spared(estimate, found, band, provisional=provisional)
    return _obstructed(estimate, found.threshold) if estimate.obstacle is not None else found


def _obstructed(estimate: Estimate, threshold: float | None = None) -> Judgement:
    obstacle = estimate.obstacle or Obstacle.NO_DENOMINATOR
    return Judgement(Verdict(obstacle.value), threshold, obstacle is Obstacle.TOO_FEW_ROWS, estimate.note)


def _no_baseline() -> Judgement:
    return Judgement(Verdict.OK, reason="the baseline has no value, or too few rows, to compare with")


def badness_of(estimate: Estimate, limits: Limits) -> Badness | None:
    """The estimate on a scale where more is worse; None where its limit bounds a change and there is none to tell."""
    value, low, high = estimate.value, estimate.low, estimate.high
    sign = -1.0 if limits.direction is Direction.LOWER else 1.0
    bars = limits.warning, limits.critical, limits.material
    either = limits.direction is Direction.EITHER
    if limits.basis is not Basis.VALUE:
        if estimate.change is None:
            return None
        value, low, high = estimate.change.value, estimate.change.low, estimate.change.high
        sign, either = (-1.0 if limits.basis is Basis.DROP else 1.0), limits.basis is Basis.MOVE
    elif sign < 0:
        bars = tuple(None if bar is None else -bar for bar in bars)  # type: ignore[assignment]
    if value is None:
        return None
    low, high = (value if low is None else low), (value if high is None else high)
    if either:
        return Badness(abs(value), max(low, -high, 0.0), max(abs(low), abs(high)), *bars)
    return Badness(sign * value, min(sign * low, sign * high), max(sign * low, sign * high), *bars)


def _against_limits(estimate: Estimate, limits: Limits, badness: Badness, chance: float | None) -> Judgement:
    alarm = badness.beyond(badness.low)
    if alarm is not None and (chance is None or chance <= SIGNIFICANT):
        low_power = estimate.bins is not None and _psi_power(estimate, limits) < ASKED
        reason = reasons.alarm(estimate, limits, critical=alarm is Verdict.CRITICAL)
        return Judgement(
            alarm, reasons.threshold(estimate, limits, critical=alarm is Verdict.CRITICAL), low_power, reason
        )
    seen = badness.beyond(badness.value)
    threshold = reasons.threshold(estimate, limits, critical=seen is Verdict.CRITICAL)
    if estimate.bins is not None:
        probability = _psi_power(estimate, limits)
        if probability < ASKED:
            return Judgement(Verdict.INSUFFICIENT, threshold, True, reasons.weak(estimate, limits, probability))
        low_power = False
    else:
        low_power = badness.material is not None and badness.high >= badness.material
    if seen is not None:
        said = reasons.watch(estimate, limits) if alarm is None else reasons.doubted(estimate, limits, chance)
        return Judgement(Verdict.WATCH, threshold, low_power, said)
    if low_power:
        return Judgement(Verdict.INSUFFICIENT, threshold, low_power, reasons.wide(estimate, limits))
    return Judgement(Verdict.OK, threshold, low_power, estimate.note)


def _psi_power(estimate: Estimate, limits: Limits) -> float:
    """The power of a divergence of binned counts to show a material change."""
    if limits.first is None or limits.material is None:
        return 1.0
    return drift_power(
        estimate.n_reference or 0, estimate.n_current or 0, estimate.bins or 1, limits.first, limits.material
    )


def _against_band(estimate: Estimate, band: Band | None) -> Judgement:
    """A metric without a limit, against its own past windows."""
    value = estimate.value
    if band is None or not band.limits or value is None or band.low <= value <= band.high:
        return Judgement(Verdict.OK, reason=estimate.note)
    edge = band.high if value > band.high else band.low
    nearest = estimate.low if value > band.high else estimate.high
    outside = nearest is None or nearest > band.high or nearest < band.low
    verdict = Verdict.WARNING if outside else Verdict.WATCH
    return Judgement(verdict, edge, reason=reasons.unusual(value, band.low, band.high))


def _spared(estimate: Estimate, found: Judgement, band: Band | None, *, provisional: bool) -> Judgement:
    """An alarm, or what it is instead where something speaks against raising it."""
    value = estimate.value or 0.0
    if provisional and estimate.labels:
        against: str | None = "labels are still arriving, so no alarm is raised"
    elif band is not None and band.low <= value <= band.high:
        against = f"the model's own past windows lie between {reasons.number(band.low)} and {reasons.number(band.high)}"
    else:
        return found
    return Judgement(Verdict.WATCH, found.threshold, found.low_power, f"{found.reason}; {against}")
