"""From records to what a person should know: one finding per column, attribute or metric, worst first, in words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from aimon.metrics.names import column_name, group_name, metric_name
from aimon.metrics.numerals import listing, several
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.change import change
from aimon.report.distribution import spoken
from aimon.report.reference import Place, place_of, reference_values
from aimon.report.sentences import change_sentence, fairness_sentence, measured, metric_sentence
from aimon.report.why import explains
from aimon.verdict.record import Family, Record, Verdict

SEVERITY = {
    Verdict.CRITICAL: 0,
    Verdict.WARNING: 1,
    Verdict.WATCH: 2,
    Verdict.UNSUPPORTED: 3,
    Verdict.INSUFFICIENT: 4,
    Verdict.NOT_ESTIMABLE: 5,
    Verdict.OK: 6,
}
COLUMN_FAMILIES = (Family.DRIFT, Family.QUALITY)
BEYOND_COLUMNS = (
    (Family.FAIRNESS, "unfair by"),
    (Family.PERFORMANCE, "worse in"),
    (Family.ESTIMATE, "expected to be worse in"),
    (Family.OPERATIONS, "over its limit:"),
)
FAMILY_ORDER = list(Family)
TOLD_BY_REASON = {"domain_auc"}
"""Metrics whose reason says more than their number."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one subject: a column, a protected attribute, or a metric of the whole model."""

    family: Family
    subject: str
    name: str
    segment: str | None
    verdict: Verdict
    sentence: str
    evidence: str
    records: tuple[Record, ...]
    also_in: tuple[str, ...] = ()
    part_of: str | None = None
    """The subject that this is one class of, where there is a measure over all classes."""
    also_of: tuple[str, ...] = ()

    @property
    def alarms(self) -> bool:
        return self.verdict.alarms

    @property
    def is_column(self) -> bool:
        """Whether it is about a column, and not about a sum over columns."""
        return any(record.column is not None for record in self.records)

    @property
    def title(self) -> str:
        """The subject, and the segment where the finding is about one."""
        return f"{self.name} in {self.segment}" if self.segment else self.name

    @property
    def joint(self) -> str:
        """What stands between title and sentence: a column is the sentence's subject, other titles are headings."""
        return " " if self.family is Family.DRIFT and self.alarms and self.is_column and not self.segment else ": "

    @property
    def deciding(self) -> Record:
        """The record that gives the verdict."""
        return _deciding(list(self.records))

    @property
    def background(self) -> str:
        """What stands in small type below the sentence: the metric that decides, and where else."""
        of, inside = (
            f"also {word} {listing(list(several))}" if several else ""
            for word, several in (("of", self.also_of), ("in", self.also_in))
        )
        return "; ".join(filter(None, [self.evidence, of, inside]))


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides' counts, and what the reference measured for the whole model."""

    grid: Grid
    baseline: Profile
    current: Profile
    values: Mapping[Place, float]


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings, worst first, and the sentence that sums them up."""

    all: tuple[Finding, ...]
    columns: int

    @property
    def noteworthy(self) -> tuple[Finding, ...]:
        """What alarms, and what is worth watching; in segments and of classes only what the whole does not raise."""
        whole = {(finding.family, finding.subject) for finding in self.all if finding.alarms and not finding.segment}
        return tuple(
            finding
            for finding in self.all
            if (finding.family, finding.part_of) not in whole
            and (
                (finding.alarms and not (finding.segment and (finding.family, finding.subject) in whole))
                or (finding.verdict is Verdict.WATCH and finding.segment is None)
            )
        )

    @property
    def worst(self) -> Verdict:
        """The worst verdict of all; ok where there is nothing."""
        return min((finding.verdict for finding in self.all), key=SEVERITY.__getitem__, default=Verdict.OK)

    def of(self, *families: Family) -> tuple[Finding, ...]:
        """The findings for all rows of these families."""
        return tuple(finding for finding in self.all if finding.family in families and finding.segment is None)

    @property
    def of_columns(self) -> tuple[Finding, ...]:
        """The findings about columns, for all rows."""
        return tuple(finding for finding in self.of(*COLUMN_FAMILIES) if finding.is_column)

    @property
    def headline(self) -> str:
        """One or two sentences: what is wrong, or that nothing is."""
        columns = self.of_columns
        drifted = [finding for finding in columns if finding.alarms]
        names = f": {listing([finding.name for finding in drifted])}" if drifted else ""
        parts = [f"{len(drifted) or 'None'} of {self.columns:,} columns drifted{names}"] if self.columns else []
        for family, verb in BEYOND_COLUMNS:
            told = self.noteworthy
            alarming = [each.name for each in told if each.family is family and each.alarms and not each.segment]
            if alarming:
                parts.append(f"{verb} {listing(alarming)}")
        inside = [finding for finding in self.noteworthy if finding.segment]
        if inside:
            parts.append(f"in segments only: {listing([finding.title for finding in inside], 2)}")
        too_few = sum(finding.verdict is Verdict.INSUFFICIENT for finding in columns)
        if too_few:
            parts.append(f"{several(too_few, 'column')} with too few rows to tell")
        return f"{'; '.join(parts) or 'Nothing to compare'}."


def findings(grid: Grid, records: Sequence[Record], baseline: Profile, current: Profile) -> Findings:
    """Group the records by what they are about and say what each group means."""
    groups: dict[tuple[Family, str, str | None], list[Record]] = defaultdict(list)
    for record in records:
        if not explains(record):
            groups[_subject(record)].append(record)
    sides = Sides(grid, baseline, current, reference_values(grid, baseline))
    found = [_finding(key, group, sides) for key, group in groups.items()]
    columns = {r.column for r in records if r.family is Family.DRIFT and r.column is not None and r.segment is None}
    return Findings(tuple(sorted(_with_segments(found), key=_order)), len(columns))


def _subject(record: Record) -> tuple[Family, str, str | None]:
    """A column's drift and quality are one subject; so are an attribute's measures; other metrics stand alone."""
    family = Family.DRIFT if record.family in COLUMN_FAMILIES and record.column else record.family
    if family is Family.DRIFT and record.column:
        return family, column_name(record.column), record.segment
    if family is Family.FAIRNESS:
        return family, column_name(record.column), record.segment
    return family, measured(record), record.segment


def _finding(key: tuple[Family, str, str | None], records: list[Record], sides: Sides) -> Finding:
    family, subject, segment = key
    ranked = sorted(records, key=lambda record: (SEVERITY[record.verdict], record.group is not None))
    worst = _deciding(ranked)
    sentence = _sentence(family, worst, ranked, sides)
    told = metric_sentence(worst)
    evidence = told if family in (Family.DRIFT, Family.FAIRNESS) and sentence != told else ""
    of_class = family is Family.PERFORMANCE and worst.group is not None
    return Finding(
        family,
        subject,
        spoken(sides.grid, subject),
        segment,
        worst.verdict,
        sentence,
        evidence,
        tuple(ranked),
        part_of=metric_name(worst.metric) if of_class else None,
    )


def _with_segments(found: list[Finding]) -> Iterator[Finding]:
    """The findings, those for all rows with the segments and the classes that raise the same alarm."""
    inside: dict[tuple[Family, str], list[str]] = defaultdict(list)
    classes: dict[tuple[Family, str], list[str]] = defaultdict(list)
    for finding in found:
        if finding.segment and finding.alarms:
            inside[finding.family, finding.subject].append(finding.segment)
        elif finding.part_of and finding.alarms:
            classes[finding.family, finding.part_of].append(group_name(finding.records[0].group or ""))
    for finding in found:
        key = finding.family, finding.subject
        if finding.alarms and not finding.segment:
            yield replace(finding, also_in=tuple(inside[key]), also_of=tuple(classes[key]))
        else:
            yield finding


def _deciding(ranked: list[Record]) -> Record:
    """The record that gives a subject its verdict: of those that could be judged, the worst."""
    judged = [record for record in ranked if record.threshold is not None]
    return (judged or ranked)[0]


def _sentence(family: Family, worst: Record, records: Iterable[Record], sides: Sides) -> str:
    if worst.metric in TOLD_BY_REASON:
        return _found_out(worst) or metric_sentence(worst)
    if family is Family.DRIFT and worst.verdict is Verdict.OK:
        return "no change worth a note"
    if family is Family.DRIFT and isinstance(worst.column, str) and worst.segment is None:
        return _column_sentence(worst, worst.column, sides)
    if family is Family.FAIRNESS:
        return fairness_sentence(worst, records)
    if family is Family.DRIFT:
        return metric_sentence(worst)
    before = sides.values.get(place_of(worst)) if worst.segment is None else None
    return change_sentence(worst, before)


def _found_out(worst: Record) -> str:
    """What the reason says beyond the value and its limit, which stand before it where it alarms."""
    reason = worst.reason or ""
    return reason.partition("; ")[2] if worst.verdict.alarms else reason


def _column_sentence(worst: Record, column: str, sides: Sides) -> str:
    if not worst.verdict.alarms and worst.verdict is not Verdict.WATCH:
        return worst.reason or metric_sentence(worst)
    return str(change(sides.grid, column, sides.baseline, sides.current)) or metric_sentence(worst)


def _order(finding: Finding) -> tuple[int, bool, int, bool, float, str]:
    worst = _deciding(list(finding.records))
    excess = abs(worst.value or 0.0) / worst.threshold if worst.threshold else 0.0
    family = FAMILY_ORDER.index(finding.family)
    return SEVERITY[finding.verdict], finding.segment is not None, family, _is_pair(worst), -excess, finding.title


def _is_pair(record: Record) -> bool:
    return isinstance(record.column, tuple)


def verdict_counts(records: Iterable[Record]) -> Mapping[Verdict, int]:
    """How many records have each verdict, worst first."""
    counts = dict.fromkeys(SEVERITY, 0)
    for record in records:
        counts[record.verdict] += 1
    return {verdict: number for verdict, number in counts.items() if number}
