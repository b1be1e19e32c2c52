"""A day of a sealed model: its envelopes are added, and what its owner handed back is judged or kept like any other.

With released counts everything after the profile is as for plain rows. With verdicts the records are the owner's, and
nothing here has seen a count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property

from aimon.clock import SLOTS_PER_DAY, day_end
from aimon.daily.counting import Counted, KeptCounts, keep_counts
from aimon.daily.judging import Judged, earlier_records, keep_judged
from aimon.daily.model_day import ModelDay
from aimon.daily.recalled import told_day
from aimon.daily.reporting import Artifact, write_reports
from aimon.daily.revision import revise
from aimon.daily.sealed_answers import Answer, answer_of
from aimon.daily.window import WINDOWS
from aimon.errors import DataError
from aimon.govern.audit import open_trail
from aimon.govern.sealed import note_sum
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.profile.profile import Profile
from aimon.sealed.day_scores import make_scores
from aimon.sealed.day_trend import make_trend
from aimon.sealed.evaluator import Manifest
from aimon.sealed.join.day import JoinedDay
from aimon.sealed.joins import make_joins
from aimon.sealed.scores import ScoreManifest
from aimon.sealed.sums import make_sum, noted, registered
from aimon.sealed.trend import SlopeManifest
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource
from aimon.store import sealed
from aimon.store.sealed import StoredEnvelope, StoredSum

MAKER = "aimon"
"""Who adds, in the audit log."""


class SealedDay(ModelDay):
    """One UTC day of one sealed model."""

    unjoined: str | None = None
    """Why the day's labels were not joined, if that was asked for."""

    @cached_property
    def envelopes(self) -> list[StoredEnvelope]:
        """The day's envelopes."""
        return registered(self.platform.store, self.spec.model, self.day, "scores" if self._is_scored else "cube")

    @property
    def _is_scored(self) -> bool:
        return isinstance(self.spec.source, SealedSource) and self.spec.source.release == "scores"

    def add(self) -> StoredSum | None:
        """Add or score the envelopes, once the day is over; None where there is nothing to add yet."""
        if self.as_of < day_end(self.day):
            return None
        manifest = self._made()
        if manifest is None:
            return None
        joined, self.unjoined = self._join()
        with open_trail(self.platform.project.settings, self.platform.store).change(MAKER) as change:
            joined_id = None if joined is None else joined.manifest.id
            made, before = noted(change.connection, manifest, self.spec.model, self.day, joined_id)
            if before is None or before.counts_id != manifest.id:
                note_sum(change, manifest)
                weighted = self._trend()
                if weighted is not None:
                    note_sum(change, weighted)
            if joined is not None and (before is None or before.joined_id != joined_id):
                for each in joined.joins:
                    note_sum(change, each.manifest)
        self.__dict__.pop("sum", None)
        return made

    def _made(self) -> Manifest | ScoreManifest | None:
        """The sum, or the scores of every window."""
        platform, model = self.platform, self.spec.model
        if not self._is_scored:
            return make_sum(platform.store, platform.lake, model, self.day)
        spans = {window.name: window.days for window in WINDOWS}
        return make_scores(platform.store, platform.lake, platform.root, self.spec, self.day, spans)

    def _trend(self) -> SlopeManifest | None:
        """The weighted sum of the last days, where the model's file asks for a trend."""
        source = self.spec.source
        if not isinstance(source, SealedSource):
            return None
        return make_trend(self.platform.store, self.platform.lake, source, self.spec.model, self.day)

    def _join(self) -> tuple[JoinedDay | None, str | None]:
        """Join the labels that have come, where the model's file says that some will; why there is nothing to join."""
        source = self.spec.source
        if not isinstance(source, SealedSource) or source.join is None:
            return None, None
        segments = self.spec.columns.segments
        return make_joins(self.platform.store, self.platform.lake, self.spec.model, self.day, segments)

    @cached_property
    def sum(self) -> StoredSum | None:
        """The day's last sum."""
        with self.platform.store.session() as connection:
            return sealed.sum_of(connection, self.spec.model, self.day)

    @property
    def waiting(self) -> str | None:
        """Why nothing can be judged yet; None where the owner has answered."""
        if self.sum is None:
            over = self.as_of >= day_end(self.day)
            return "no envelope of it has come" if over else "sealed counts are added once the day is over"
        return None if self.sum.answer is not None else "the owner of the key has not answered yet"

    @property
    def withheld(self) -> str | None:
        """Why the owner withholds the day, if they do."""
        return self.sum.reason if self.sum is not None and self.sum.answer == "withheld" else None

    @cached_property
    def answer(self) -> Answer:
        """What the owner handed back; DataError where there is nothing."""
        stored, why = self.sum, self.waiting or self.withheld
        if stored is None or why is not None:
            raise DataError(f"{self.spec.model} {self.day}: {why}")
        return answer_of(self.platform, stored)

    @property
    def gives_counts(self) -> bool:
        """Whether the owner handed back counts."""
        return self.answer.release == "counts"

    @cached_property
    def counted(self) -> Counted:
        """The counts that the owner handed back; of the whole day, because sums are released by day."""
        return whole_day(self.answer.profile())

    @cached_property
    def counts(self) -> Counted:
        """What the day is judged by: the last answer, also where counts of an earlier one are stored."""
        return self.counted

    @cached_property
    def judged(self) -> Mapping[Family, Sequence[Judged]]:
        """Judged here by the released counts, or by the owner."""
        if self.gives_counts:
            return super().judged
        found: dict[Family, list[Judged]] = {}
        for each in self.answer.judged():
            found.setdefault(each.record.family, []).append(each)
        return found

    @property
    def data_version(self) -> str | None:
        """The manifest of the day's sum."""
        return None if self.sum is None else self.sum.manifest_id

    def count(self) -> KeptCounts:
        """Store the counts that were handed back."""
        self._is_fresh = True
        return keep_counts(self.platform, self.spec, self.day, self.counted)

    def judge(self, family: Family) -> Sequence[Judged]:
        """Judge the family here, or keep what the owner found; their rules are among it."""
        if self.gives_counts:
            return super().judge(family)
        judged = self.judged.get(family, ())
        self._before += earlier_records(self.platform, self.spec, self.day, family)
        keep_judged(
            self.platform,
            self.spec,
            self.day,
            family,
            judged,
            baseline_id=self.answer.baseline_id,
            grid_id=None,
            as_of=self.answer.as_of,
            run_id=self.run_id,
        )
        return judged

    def report(self) -> Mapping[Form, Artifact]:
        """Write the day's reports; without counts they are words and numbers, and nothing is drawn."""
        if self.gives_counts:
            return super().report()
        answer = self.answer
        judged = [each for of_family in self.judged.values() for each in of_family]
        revision = revise(self.platform.lake, self.spec.model, self.day, answer.as_of, self._before, judged)
        told = told_day(self.spec, judged, self.day, answer.as_of, answer.baseline_id or "")
        return write_reports(self.platform, replace(told, facts=(*told.facts, *revision.sentences)))


def whole_day(profile: Profile) -> Counted:
    """Counts of a day that are not parted into slots."""
    rest = {slot: Profile(profile.grid_id) for slot in range(1, SLOTS_PER_DAY)}
    return Counted(profile.grid_id, {0: profile, **rest})


def is_sealed(spec: ModelSpec) -> bool:
    """Whether the model's rows are sealed."""
    return isinstance(spec.source, SealedSource)


def day_of(
    platform: Platform,
    spec: ModelSpec,
    day: date,
    as_of: datetime,
    run_id: str | None = None,
    *,
    outcomes_only: bool = False,
) -> ModelDay:
    """The model's day, of rows or of sealed counts."""
    kind = SealedDay if is_sealed(spec) else ModelDay
    return kind(platform, spec, day, as_of=as_of, run_id=run_id, outcomes_only=outcomes_only)
