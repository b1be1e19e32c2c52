"""Incidents as they are shown and exported: a filtered list, one incident with all that is behind it, JSON and CSV."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from aimon.clock import iso
from aimon.errors import MissingError
from aimon.incident import words
from aimon.incident.cause import Cause, Kind
from aimon.incident.routes import Facts, Routing
from aimon.lake.lake import Lake
from aimon.lake.reports import reports_of_day
from aimon.spreadsheet import as_csv as spreadsheet
from aimon.store import Store, findings, incidents, notices
from aimon.store.findings import StoredFinding
from aimon.store.incidents import Incident, IncidentEvent, Status
from aimon.store.notices import Notice
from aimon.store.silences import StoredSilence

COLUMNS = tuple(field.name for field in fields(Incident))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One incident with its evidence, its history and what people were told."""

    incident: Incident
    findings: tuple[StoredFinding, ...]
    events: tuple[IncidentEvent, ...]
    notices: tuple[Notice, ...]

    @property
    def data_versions(self) -> dict[str, str]:
        """The digest of the rows that were judged, by day."""
        told = [(event.detail.get("day"), event.detail.get("data_version")) for event in self.events]
        return {str(day): str(version) for day, version in told if day and version}

    def as_json(self) -> dict[str, Any]:
        """All of it, without the bodies of the notices."""
        told = [
            {name: _plain(getattr(each, name)) for name in ("id", "channel", "status", "subject", "created_at")}
            for each in self.notices
        ]
        return {
            **as_json(self.incident),
            "findings": [_plain_row(each) for each in self.findings],
            "events": [_plain_row(each) for each in self.events],
            "notices": told,
            "data_versions": self.data_versions,
        }


def list_incidents(
    store: Store,
    *,
    model: str | None = None,
    severity: str | None = None,
    status: Status | None = None,
    historic: bool | None = None,
    standing: bool = False,
    before: int | None = None,
    limit: int | None = None,
) -> list[Incident]:
    """Incidents, the newest first; each argument narrows. `before` is the last number of the page read before."""
    with store.session() as connection:
        return incidents.query(
            connection,
            model=model,
            severity=severity,
            status=status,
            historic=historic,
            standing=standing,
            before=before,
            limit=limit,
        )


def show_incident(store: Store, incident_id: int) -> Shown:
    """The incident of that number. Raises `UserError` where there is none."""
    with store.session() as connection:
        incident = incidents.get(connection, incident_id)
        if incident is None:
            raise MissingError(f"there is no incident {incident_id}; list them to see which there are")
        return Shown(
            incident=incident,
            findings=tuple(findings.of_incident(connection, incident_id)),
            events=tuple(incidents.events(connection, incident_id)),
            notices=tuple(notices.of_incident(connection, incident_id)),
        )


def reports_of(lake: Lake, incident: Incident) -> dict[str, str]:
    """Where the reports of the incident's last day are, by form; none where it has no day or they expired."""
    if incident.last_day is None:
        return {}
    found = reports_of_day(lake, incident.model, incident.last_day)
    return {form.value: location for form, location in found.items()}


def runbook_of(routing: Routing, shown: Shown) -> str | None:
    """The page that says what to do."""
    families = frozenset(finding.family for finding in shown.findings)
    return routing.runbook(Facts(severity=shown.incident.severity, model=shown.incident.model, families=families))


def words_of(shown: Shown, run_id: str | None) -> str:
    """What happened and where to look next, in the words of a notice; of an alert by hand, its title."""
    incident = shown.incident
    standing = [finding for finding in shown.findings if finding.cleared_at is None] or shown.findings
    if not standing or incident.first_day is None or incident.last_day is None:
        return incident.title
    worst_first = sorted(standing, key=lambda finding: (finding.verdict != "critical", -finding.day.toordinal()))
    cause = Cause(Kind(incident.kind), incident.model, incident.subject)
    return words.body(cause, worst_first, (incident.first_day, incident.last_day), run_id)


def as_json(incident: Incident) -> dict[str, Any]:
    """The incident as the API and `--json` print it."""
    return _plain_row(incident)


def silence_json(silence: StoredSilence) -> dict[str, Any]:
    """The silence as `--json` prints it."""
    return {name: _plain(value) for name, value in asdict(silence).items()}


def as_csv(listed: Iterable[Incident]) -> str:
    """A table with a heading."""
    return spreadsheet(COLUMNS, map(as_json, listed))


def _plain_row(row: Incident | IncidentEvent | StoredFinding) -> dict[str, Any]:
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else value
