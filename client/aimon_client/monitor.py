"""Watches one model in its own process, with or without a server. In: calls and feedback. Out: health, alerts, figures.

The memory is bounded however long it runs: an hour of minutes, a reference, histograms, the latest ids. One lock guards
it all; a call holds it for a few microseconds. Judging happens when somebody asks, and once a minute for the alerts.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aimon_client.alerts import Alert, Alerts
from aimon_client.budget import Budget
from aimon_client.feedback import Feedback
from aimon_client.health import Health, HealthRules, Status
from aimon_client.histogram import Histogram
from aimon_client.minutes import LastHour, Minute
from aimon_client.prices import Prices, Usage
from aimon_client.shift import REFERENCE_CALLS, Shift, class_shift, confidence_shift

log = logging.getLogger("aimon_client")

LOW_CONFIDENCE = 0.7
P95_LIMIT_S = 1.0
HEALTH_MINUTES = 15
SHIFT_MINUTES = 60
RETRAIN_ACCURACY = 0.8
RETRAIN_FEEDBACK = 50
LONGEST_CLASS = 100


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether the model should be trained again, and why."""

    yes: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the monitor began."""

    calls: int
    errors: int
    low_confidence: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    unpriced_calls: int


class Monitor:
    """Counts what a model does and says how it is.

    `prices`, `daily_budget` and `weekly_budget` (US dollars) are for models that are paid by the token. `on_alert` is
    called with each alert, in the thread of the call that brought it.
    """

    def __init__(
        self,
        model: str = "model",
        version: str = "1",
        *,
        prices: Prices | None = None,
        daily_budget: Decimal | None = None,
        weekly_budget: Decimal | None = None,
        on_alert: Callable[[Alert], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.model = model
        self.version = version
        self.latency = Histogram()
        self.feedback = Feedback()
        self.reference = Minute(0)
        self._prices = prices or Prices()
        self._budgets = [
            Budget(amount, period)
            for amount, period in ((daily_budget, "daily"), (weekly_budget, "weekly"))
            if amount is not None
        ]
        self._on_alert = on_alert
        self._clock = clock
        self._hour = LastHour()
        self._rules = HealthRules()
        self._alerts = Alerts()
        self._lock = threading.RLock()
        self._judged_minute = -1
        self._calls = self._errors = self._low = self._input = self._output = self._unpriced = 0
        self._cost = Decimal(0)

    def record(
        self,
        prediction: Any = None,
        *,
        confidence: float | None = None,
        latency: float | None = None,
        error: bool = False,
        usage: Usage | None = None,
        id: str | None = None,  # noqa: A002 - the word of the contract
    ) -> None:
        """Count one call."""
        at = self._clock()
        with self._lock:
            minute = self._hour.at(at)
            counted = (minute, self.reference) if self.reference.calls < REFERENCE_CALLS else (minute,)
            for each in counted:
                count_call(each, prediction, confidence, latency, error)
            self._calls += 1
            self._errors += error
            self._low += confidence is not None and confidence < LOW_CONFIDENCE
            if latency is not None:
                self.latency.add(latency)
            if id is not None and is_class(prediction):
                self.feedback.predicted(id, prediction)
        if usage is not None:
            self._spend(usage, at)
        if minute.number != self._judged_minute:
            self._judge(at, minute.number)

    def say(self, id: str, label: Any, kind: str = "review") -> bool:  # noqa: A002
        """Count a person's word, a review, dispute or sample; false where the prediction is not known any more."""
        with self._lock:
            return self.feedback.said(id, label, kind)

    def status(self) -> Status:
        """The health of the last quarter of an hour, with its reason."""
        with self._lock:
            return self._rules.judge(self._hour.last(HEALTH_MINUTES, self._clock()))

    def p95(self) -> float | None:
        """The latency in seconds that 95 % of the last hour's calls stayed within."""
        with self._lock:
            return self.last_hour().latency.quantile(0.95)

    def last_hour(self) -> Minute:
        """The counts of the last 60 minutes."""
        with self._lock:
            return self._hour.last(SHIFT_MINUTES, self._clock())

    def shifts(self) -> list[Shift]:
        """How confidence and classes differ from the reference, where there is enough to tell."""
        with self._lock:
            if self.reference.calls < REFERENCE_CALLS:
                return []
            now = self.last_hour()
            found = (confidence_shift(self.reference, now), class_shift(self.reference, now))
            return [shift for shift in found if shift is not None]

    def alerts(self) -> list[Alert]:
        """The latest, oldest first."""
        with self._lock:
            return list(self._alerts.raised)

    def totals(self) -> Totals:
        """The sums since the beginning."""
        with self._lock:
            return Totals(self._calls, self._errors, self._low, self._input, self._output, self._cost, self._unpriced)

    def should_retrain(self) -> Advice:
        """Whether to train again: what people said is clearly too low, or what goes in and out clearly moved."""
        reasons = [f"{shift} against the first {self.reference.calls} calls" for shift in self.shifts() if shift.alarm]
        accuracy = self.feedback.accuracy()
        if accuracy is not None and self.feedback.count >= RETRAIN_FEEDBACK and not self.feedback.biased:
            value, _, high = accuracy
            if high < RETRAIN_ACCURACY:
                reasons.append(f"people agree with {value:.0%} of {self.feedback.count} predictions drawn at random")
        return Advice(bool(reasons), tuple(reasons))

    def _spend(self, usage: Usage, at: float) -> None:
        with self._lock:
            self._input += usage.input
            self._output += usage.output
            cost = self._prices.cost(self.model, usage, datetime.fromtimestamp(at, UTC).date())
            if cost is None:
                self._unpriced += 1
                return
            self._cost += cost
            passed = [spent for budget in self._budgets if (spent := budget.add(cost, at)) is not None]
        for spent in passed:
            self._raise(f"budget {spent.period} {spent.spent >= spent.budget}", str(spent), at)

    def _judge(self, at: float, minute: int) -> None:
        """Once a minute: what deserves an alert."""
        self._judged_minute = minute
        status = self.status()
        if status.health in (Health.DEGRADED, Health.UNHEALTHY):
            self._raise(f"health {status.health}", f"{self.model} is {status.health}: {status.reason}", at)
        for shift in self.shifts():
            if shift.alarm:
                self._raise(shift.metric, f"{self.model}: {shift}", at)
        slow = self.p95()
        if slow is not None and slow > P95_LIMIT_S and self.last_hour().calls >= REFERENCE_CALLS // 10:
            self._raise("latency", f"{self.model}: 95 % of calls take up to {slow:.2f} s (limit {P95_LIMIT_S:g} s)", at)

    def _raise(self, kind: str, message: str, at: float) -> None:
        with self._lock:
            alert = self._alerts.raise_once(kind, message, at)
        if alert is None:
            return
        log.warning("%s", message, extra={"model": self.model, "kind": kind})
        if self._on_alert is not None:
            try:
                self._on_alert(alert)
            except Exception:
                log.exception("on_alert failed")


def count_call(minute: Minute, prediction: Any, confidence: float | None, latency: float | None, error: bool) -> None:
    """Count one call into a minute."""
    minute.calls += 1
    minute.errors += error
    if confidence is not None and confidence == confidence:  # noqa: PLR0124 - NaN is no confidence
        minute.add_confidence(confidence, LOW_CONFIDENCE)
    if latency is not None:
        minute.latency.add(latency)
    if is_class(prediction):
        minute.add_class(prediction)


def is_class(prediction: Any) -> bool:
    """Whether it can name a class: a truth value, a whole number, a short text; an essay or a real number cannot."""
    return isinstance(prediction, bool | int) or (isinstance(prediction, str) and len(prediction) <= LONGEST_CLASS)
