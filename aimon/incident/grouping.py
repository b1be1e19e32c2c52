"""Grouping findings by their cause: one column or the columns that move together, one attribute, one budget.

Overall and segment alarms of a column, and all windows, are one cause. Columns that begin to alarm on the same day, or
on the next, are one cause too, because a broken upstream is not a hundred troubles; each stays with its incident.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from aimon.incident.attach import Difference, Origin
from aimon.incident.cause import CHECK_FAMILIES, OF_THE_MODEL, Cause, Kind, check_of, named
from aimon.incident.found import are_past, worst_first
from aimon.incident.nearness import ECHOES_FOR, echoes, is_recent, reaches
from aimon.store import findings, incidents
from aimon.store.findings import Finding
from aimon.store.incidents import Incident
from aimon.verdict.evaluate import LABEL_FEED
from aimon.verdict.record import Family

Key = TypeVar("Key")

TOGETHER = timedelta(days=1)
_KINDS: dict[str, Kind] = {
    Family.QUALITY: Kind.DATA,
    Family.DRIFT: Kind.DRIFT,
    Family.FAIRNESS: Kind.UNFAIR,
    Family.PERFORMANCE: Kind.PERFORMANCE,
    Family.ESTIMATE: Kind.PERFORMANCE,
    Family.OPERATIONS: Kind.OPERATIONS,
    Family.PRIVACY: Kind.BUDGET,
}
_BUDGETS = {"cost_usd": "cost", "tokens": "cost"}


def by_cause(
    connection: Connection, model: str, difference: Difference, origin: Origin
) -> list[tuple[Cause, Difference]]:
    """The news of one model's day, each cause with its own; the cause with the worst finding first."""
    news = difference.news
    hosts = {
        kind: _hosts(connection, model, kind, [each for each in news if kind_of(each) is kind], origin)
        for kind in {kind_of(each) for each in news}
    }

    def cause_of(finding: Finding) -> Cause:
        kind = kind_of(finding)
        return Cause(kind, model, hosts[kind][subject_of(finding)])

    return split(difference, cause_of)


def split(difference: Difference, key_of: Callable[[Finding], Key]) -> list[tuple[Key, Difference]]:
    """The news by key, in the order of each key's worst finding."""
    parts = {key_of(finding): Difference() for finding in difference.news}
    for finding in difference.fresh:
        parts[key_of(finding)].fresh.append(finding)
    for old, new in difference.returned:
        parts[key_of(new)].returned.append((old, new))
    return list(parts.items())


def kind_of(finding: Finding) -> Kind:
    """What went wrong, by the finding's family."""
    if finding.note is not None:
        return Kind.FINDINGS
    if finding.family == Family.OPERATIONS and finding.metric in _BUDGETS:
        return Kind.BUDGET
    if finding.metric == LABEL_FEED:
        return Kind.LABELS
    return _KINDS.get(finding.family, Kind.FINDINGS)


def subject_of(finding: Finding) -> str:
    """What it went wrong with, taken by itself."""
    match kind_of(finding):
        case Kind.FINDINGS:
            return named(check_of(finding.family))
        case Kind.PERFORMANCE | Kind.LABELS:
            return OF_THE_MODEL
        case Kind.BUDGET:
            return _BUDGETS.get(finding.metric, str(finding.family))
        case Kind.OPERATIONS:
            return "latency" if finding.metric.startswith("latency") else finding.metric
    return named(finding.column)


def _hosts(connection: Connection, model: str, kind: Kind, news: Sequence[Finding], origin: Origin) -> dict[str, str]:
    """For each subject among the news, the subject of the incident that it belongs to."""
    alone = {subject_of(each): subject_of(each) for each in news}
    if kind not in (Kind.DATA, Kind.DRIFT, Kind.UNFAIR):
        return alone
    day = news[0].day
    past = are_past(news, origin.label_horizon)
    recent = [
        incident
        for historic in (not past, past)
        for incident in incidents.recent(
            connection, model=model, kind=kind, historic=historic, resolved_since=origin.at - ECHOES_FOR
        )
        if historic == past or (incident.resolved_at is None and reaches(incident, day))
    ]
    over = [incident for incident in recent if not is_recent(incident, origin.at)]
    recent = [incident for incident in recent if is_recent(incident, origin.at)]
    echoing = {
        member: subject
        for member, subject in _owners(connection, kind, over).items()
        if _only_echoes(member, over, news)
    }
    owners = echoing | _owners(connection, kind, recent)
    if kind is Kind.UNFAIR:
        return _with_single_attributes(news, owners)
    fresh = [each for each in worst_first(news) if subject_of(each) not in owners]
    if not fresh:
        return owners
    host = _begun_with(recent, day) or subject_of(fresh[0])
    return owners | {subject_of(each): host for each in fresh}


def _only_echoes(member: str, over: Sequence[Incident], news: Sequence[Finding]) -> bool:
    """Whether all that is found of the subject looks back on what ended long ago."""
    own = [finding for finding in news if subject_of(finding) == member]
    return bool(own) and all(any(echoes(incident, finding) for incident in over) for finding in own)


def _owners(connection: Connection, kind: Kind, recent: Iterable[Incident]) -> dict[str, str]:
    """Which subject belongs to which incident; one that stands outweighs one that was resolved."""
    subjects = {incident.id: incident.subject for incident in recent}
    families = CHECK_FAMILIES[Cause(kind, "", "").check]
    members: dict[int, set[str]] = {number: {subject} for number, subject in subjects.items()}
    for number, family, _, column in findings.identities(connection, list(subjects)):
        if family not in families:
            continue
        members[number].add(named(column))
        if isinstance(column, tuple) and named(column) == subjects[number]:
            members[number] |= {named(part) for part in column}
    return {member: subjects[number] for number in subjects for member in sorted(members[number])}


def _begun_with(recent: Sequence[Incident], day: date) -> str | None:
    """The incident that stands and began about that day."""
    for incident in reversed(recent):
        begun = incident.first_day
        if incident.resolved_at is None and begun is not None and abs(begun - day) <= TOGETHER:
            return incident.subject
    return None


def _with_single_attributes(news: Sequence[Finding], owners: dict[str, str]) -> dict[str, str]:
    """An intersection of attributes belongs to one of them that is unfair by itself."""
    hosts = owners | {
        subject_of(each): owners.get(subject_of(each), subject_of(each))
        for each in news
        if not isinstance(each.column, tuple)
    }
    for each in news:
        if isinstance(each.column, tuple) and subject_of(each) not in hosts:
            parts = [named(part) for part in each.column]
            hosts[subject_of(each)] = next((hosts[part] for part in parts if part in hosts), subject_of(each))
    return hosts
