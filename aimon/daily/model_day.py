"""A model's day: read, validate, count, judge, report. Each step may be run alone and again, and finds what it needs.

Everything a step computes is kept on the object, so that a chain of steps reads and counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from aimon.daily.counting import Counted, KeptCounts, count_day, keep_counts, recount_outcomes, stored_counts, withdraw
from aimon.daily.ingest import ingest
from aimon.daily.insight_told import told_before
from aimon.daily.judging import Judged, earlier_records, judge_windows, keep_records
from aimon.daily.labels import relabel
from aimon.daily.recalled import judged_day
from aimon.daily.reference import Reference, ensure_reference
from aimon.daily.reporting import Artifact, write_reports
from aimon.daily.revision import revise
from aimon.daily.sampled import day_sample
from aimon.daily.userrules import RulesOfDay
from aimon.lake.manifest import DayManifest
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.store.records import StoredRecord
from aimon.validate.day import read_validation, validate_day
from aimon.validate.finding import Validation


@dataclass
class ModelDay:
    """One UTC day of one model, as known at `as_of`.

    With `outcomes_only`, counting looks for labels that have come since, and counts only what they decide.
    """

    platform: Platform
    spec: ModelSpec
    day: date
    as_of: datetime
    run_id: str | None = None
    outcomes_only: bool = False
    _is_fresh: bool = field(default=False, init=False)
    _before: list[StoredRecord] = field(default_factory=list, init=False)
    _is_asked: bool = field(default=False, init=False)

    @cached_property
    def reference(self) -> Reference:
        return ensure_reference(self.platform, self.spec)

    @cached_property
    def counted(self) -> Counted:
        """The day's counts, from the lake's copy of its rows; DataError where these were found to be unusable."""
        validation = read_validation(self.platform.lake, self.spec.model, self.day)
        if validation is not None:
            validation.refuse_unusable()
        return count_day(self.platform, self.spec, self.day, self.reference.grid)

    @cached_property
    def counts(self) -> Counted:
        """What the day is judged by: counts made now where it is read or counted now, else the stored ones."""
        stored = None if self._is_fresh else stored_counts(self.platform, self.spec, self.day, self.reference.grid)
        return self.counted if stored is None else stored

    @cached_property
    def judged(self) -> Mapping[Family, Sequence[Judged]]:
        """Every result of every window that ends with the day, by family."""
        afresh = self._is_fresh or self._is_asked
        told = None if afresh else told_before(self.platform, self.spec, self.day, self.reference.baseline_id)
        return judge_windows(self.platform, self.spec, self.reference, self.counts, self.day, self.as_of, told=told)

    @property
    def data_version(self) -> str | None:
        """The digest of the day's rows in the lake; None while there are none."""
        manifest = self.platform.lake.manifest(self.spec.model, self.day)
        return None if manifest is None else manifest.rows_digest

    def ingest(self) -> DayManifest:
        """Copy the day's rows into the lake."""
        self._is_fresh = True
        return ingest(self.platform, self.spec, self.day, self.as_of)

    def validate(self) -> Validation:
        """Hold the day's rows against the model's suite and keep what was found.

        Where they cannot be used, that takes the place of all that was computed of the day before.
        """
        reference = self.reference
        suite = self.platform.suites.of(self.spec, reference.grid, reference.baseline_id, reference.profile)
        found = validate_day(self.platform.lake, suite, self.spec.model, self.day, as_of=self.as_of)
        if not found.usable:
            withdraw(self.platform, self.spec, self.day)
        return found

    def count(self) -> KeptCounts:
        """Count the day and store the counts."""
        if self.outcomes_only and stored_counts(self.platform, self.spec, self.day, self.reference.grid) is not None:
            relabel(self.platform, self.spec, self.day, self.as_of, reread=True)
            return recount_outcomes(self.platform, self.spec, self.day, self.reference.grid)
        self._is_fresh = True
        return keep_counts(self.platform, self.spec, self.day, self.counted)

    def judge(self, family: Family) -> Sequence[Judged]:
        """Judge one family over every window and keep its records in the place of the earlier ones."""
        judged = self.judged.get(family, ())
        judged = [*judged, *RulesOfDay(self.platform, self.spec, self.reference, self.day).found(family, judged)]
        self._before += earlier_records(self.platform, self.spec, self.day, family)
        keep_records(
            self.platform, self.spec, self.reference, self.day, family, judged, as_of=self.as_of, run_id=self.run_id
        )
        return judged

    def ask(self) -> Sequence[Judged]:
        """Ask whole rows what counts cannot tell, and keep the estimates and explanations."""
        self._is_asked = True
        return self.judge(Family.ESTIMATE)

    @property
    def sampled(self) -> int:
        """How many rows of the day are kept whole."""
        sample = day_sample(self.platform, self.spec, self.day)
        return 0 if sample is None else len(sample)

    def report(self) -> Mapping[Form, Artifact]:
        """Write the day's reports from what was judged."""
        judged = [each for of_family in self.judged.values() for each in of_family]
        revision = revise(self.platform.lake, self.spec.model, self.day, self.as_of, self._before, judged)
        whole = judged_day(self.spec, self.reference, self.counts.profile, judged, self.day, self.as_of)
        return write_reports(self.platform, replace(whole, facts=revision.sentences))
