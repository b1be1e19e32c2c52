"""A day's rules: what the user's own rules find among the records of the day and of the days before it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aimon.daily.judging import Judged
from aimon.daily.reference import Reference
from aimon.metrics.metric import Family
from aimon.metrics.own import metric_of
from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.spec.userrules import From, RuleSpec
from aimon.store import records
from aimon.verdict.evaluate import evaluate
from aimon.verdict.measured import Measured
from aimon.verdict.record import Record
from aimon.verdict.userrules import Baseline, breaches, days_read, key_of, series_of


@dataclass(frozen=True, slots=True)
class RulesOfDay:
    """What a model's rules need to know to judge a day."""

    platform: Platform
    spec: ModelSpec
    reference: Reference
    day: date

    def found(self, family: Family, judged: Sequence[Judged]) -> list[Judged]:
        """What the rules on metrics of the family find, given what the family's metrics are on the day."""
        rules = [rule for rule in self.spec.rules if metric_of(self.spec, rule.metric).family is family]
        baseline = baseline_values(self.spec, self.reference) if compare_with_baseline(rules) else {}
        return [Judged(rule.window, each) for rule in rules for each in self._breaches(rule, judged, baseline)]

    def _breaches(self, rule: RuleSpec, judged: Iterable[Judged], baseline: Baseline) -> list[Record]:
        now = [each.record for each in judged if each.window == rule.window and each.record.metric == rule.metric]
        series = series_of([*self._before(rule), *((self.day, record) for record in now)])
        return breaches(rule, self.day, series, baseline=baseline, holidays=self.spec.holidays)

    def _before(self, rule: RuleSpec) -> Iterator[tuple[date, Measured]]:
        if not days_read(rule):
            return
        with self.platform.store.session() as connection:
            for record in records.query(
                connection,
                model=self.spec.model,
                since=self.day - timedelta(days=days_read(rule)),
                until=self.day - timedelta(days=1),
                window=rule.window,
                metric=rule.metric,
            ):
                yield record.day, record


def compare_with_baseline(rules: Iterable[RuleSpec]) -> bool:
    """Whether one of the rules asks what the baseline's values are."""
    return any(rule.from_ is From.BASELINE for rule in rules)


def baseline_values(spec: ModelSpec, reference: Reference) -> Baseline:
    """Every metric of the reference rows themselves."""
    return {key_of(each): each for each in evaluate(spec, reference.grid, reference.profile, reference.profile)}
