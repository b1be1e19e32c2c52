"""The track record of estimates: what was estimated without labels against what the labels said once they were mature.

In: stored records, estimated and realised. Out: back-tests and, by metric and segment, how often the interval held.
Both kinds of record are kept for every window, so the track record needs no store of its own and cannot go stale.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from aimon.metrics.estimate import Estimate
from aimon.metrics.interval import Measure, share_of
from aimon.verdict.measured import Past

PREFIX = "estimated_"
COVERAGE = "estimate_coverage"
LATEST = 90
LEAST_TO_DISTRUST = 10
DISTRUSTED = 0.8
_MATURE = "mature"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """One estimate and what came of it. `low` and `high` allow for labels of part of the rows only."""

    day: date
    metric: str
    segment: str | None
    value: float
    low: float
    high: float
    realised: float

    @property
    def held(self) -> bool:
        """Whether the realised value lay in the interval."""
        return self.low <= self.realised <= self.high


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The back-tests of one metric and segment, of windows that share no day, oldest first."""

    tests: tuple[BackTest, ...]

    @property
    def held(self) -> Measure:
        """The share of intervals that held, with its Wilson interval."""
        return share_of(sum(test.held for test in self.tests), len(self.tests), "no estimate could be tested yet")

    @property
    def bias(self) -> float | None:
        """The mean of estimated minus realised; above 0 the estimates flatter."""
        return sum(test.value - test.realised for test in self.tests) / len(self.tests) if self.tests else None

    @property
    def trusted(self) -> bool:
        """False where at least ten tests show that the intervals hold less than 80 % of the time."""
        high = self.held.high
        return len(self.tests) < LEAST_TO_DISTRUST or high is None or high >= DISTRUSTED

    @property
    def sentence(self) -> str:
        """The record in words.

        >>> TrackRecord(()).sentence
        'no earlier estimate could be tested yet'
        """
        if not self.tests or self.bias is None:
            return "no earlier estimate could be tested yet"
        held, n = sum(test.held for test in self.tests), len(self.tests)
        way = "above" if self.bias > 0 else "below"
        if n == 1:
            kept = "held" if held else "did not hold"
            return f"the one earlier estimate {kept}; it was {abs(self.bias):.3g} {way} what came"
        return f"of the last {n} estimates {held} held; on average they were {abs(self.bias):.3g} {way} what came"

    def estimate(self, metric: str) -> Estimate:
        """The share of intervals that held, to be shown beside the next estimate of the metric."""
        held = self.held
        return Estimate(
            metric=COVERAGE,
            column=metric,
            value=held.value,
            low=held.low,
            high=held.high,
            n_current=held.n,
            described=True,
            obstacle=held.obstacle,
            note=self.sentence,
        )


def back_test(records: Iterable[Past], window: str) -> list[BackTest]:
    """Every estimate of that window that has a mature realised value beside it, by day.

    Realised values may come from a part of the rows: the interval is then widened by the chance of drawing that part.
    """
    estimated: dict[tuple[date, str, str | None], Past] = {}
    realised: dict[tuple[date, str, str | None], Past] = {}
    for record in records:
        if record.window != window or record.value is None or record.group is not None or record.column is not None:
            continue
        if record.metric.startswith(PREFIX):
            estimated[record.day, record.metric.removeprefix(PREFIX), record.segment] = record
        elif record.maturity == _MATURE:
            realised[record.day, record.metric, record.segment] = record
    tests = (_test(estimated[key], realised[key]) for key in estimated if key in realised)
    found = [test for test in tests if test is not None]
    return sorted(found, key=lambda test: (test.day, test.metric, test.segment or ""))


def track_records(tests: Sequence[BackTest], *, days: int = 1) -> Mapping[tuple[str, str | None], TrackRecord]:
    """The last 90 back-tests by metric and segment. Of windows of several days only those without a common day."""
    found: dict[tuple[str, str | None], list[BackTest]] = {}
    for test in sorted(tests, key=lambda test: test.day, reverse=True):
        kept = found.setdefault((test.metric, test.segment), [])
        if len(kept) < LATEST and (not kept or kept[-1].day - test.day >= timedelta(days=days)):
            kept.append(test)
    return {key: TrackRecord(tuple(reversed(kept))) for key, kept in found.items()}


def _test(estimated: Past, realised: Past) -> BackTest | None:
    value, low, high = estimated.value, estimated.low, estimated.high
    if value is None or low is None or high is None or realised.value is None:
        return None
    extra = _partial_labels(estimated, realised)
    return BackTest(
        day=estimated.day,
        metric=realised.metric,
        segment=estimated.segment,
        value=value,
        low=value - sqrt((value - low) ** 2 + extra),
        high=value + sqrt((high - value) ** 2 + extra),
        realised=realised.value,
    )


def _partial_labels(estimated: Past, realised: Past) -> float:
    """The squared half-width from labels of some rows only: the realised interval's, by the share without."""
    rows, labelled = estimated.n_current, realised.n_current
    if not rows or not labelled or realised.low is None or realised.high is None:
        return 0.0
    without = max(0.0, 1.0 - labelled / rows)
    return without * ((realised.high - realised.low) / 2.0) ** 2
