"""`aimon incidents`: what is wrong now or was, who looks after it, and how it ended."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from aimon import clock
from aimon.cli import terminal
from aimon.cli.recorded import recorded
from aimon.clock import iso
from aimon.errors import UserError
from aimon.incident import lifecycle, lifecycle_view, silences
from aimon.incident.lifecycle_view import Shown
from aimon.incident.routes import Routing
from aimon.incident.words import described
from aimon.lake.lake import Lake
from aimon.spec.duration import parse_duration
from aimon.spec.project import load_project_leniently
from aimon.store import Store, open_store
from aimon.store.incidents import Incident, Status

incidents = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)

FINDINGS_SHOWN = 20


class Severity(StrEnum):
    """What may be asked for."""

    WARNING = "warning"
    CRITICAL = "critical"


class Format(StrEnum):
    """How incidents are exported."""

    CSV = "csv"
    JSON = "json"


Number = Annotated[int, typer.Argument(metavar="INCIDENT", help="Its number.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OfModel = Annotated[str | None, typer.Option("--model", help="Of this model only.")]
OfSeverity = Annotated[Severity | None, typer.Option("--severity", help="Of this severity only.")]
OfStatus = Annotated[Status | None, typer.Option("--status", help="In this state only.")]
By = Annotated[str | None, typer.Option("--by", help="Who does it; default: the name you are logged in with.")]


@incidents.callback()
def default(ctx: typer.Context) -> None:
    """List, show, acknowledge, assign, silence, resolve, comment and export incidents."""
    if ctx.invoked_subcommand is None:
        list_incidents(ctx)


@incidents.command("list")
def list_incidents(
    ctx: typer.Context,
    model: OfModel = None,
    severity: OfSeverity = None,
    status: OfStatus = None,
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones and those of the past too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List incidents, the newest first: those that are not resolved, unless --all or --status says otherwise."""
    with _store(ctx) as store:
        listed = lifecycle_view.list_incidents(
            store,
            model=model,
            severity=severity,
            status=status,
            historic=None if everything else False,
            standing=not everything and status is None,
            limit=limit,
        )
    if as_json:
        _print_json([lifecycle_view.as_json(incident) for incident in listed])
    else:
        typer.echo(_table(listed))


@incidents.command("show")
def show(ctx: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """Show one incident: what was found, what happened since, who was told."""
    project = load_project_leniently(ctx.obj)
    settings = project.settings
    with open_store(settings.database_url, settings.root) as store:
        shown = lifecycle_view.show_incident(store, number)
    reports = lifecycle_view.reports_of(Lake(settings.lake_location), shown.incident)
    runbook = lifecycle_view.runbook_of(Routing.declared(settings, project.models), shown)
    if as_json:
        _print_json({**shown.as_json(), "reports": reports, "runbook": runbook})
    else:
        typer.echo(terminal.lines(_lines(shown, reports, runbook)))


@incidents.command("ack")
def ack(
    ctx: typer.Context,
    number: Number,
    note: Annotated[str, typer.Option("--note", help="What you are going to do.")] = "",
    by: By = None,
) -> None:
    """Acknowledge an incident: somebody looks after it."""
    with _recorded(ctx, "incidents.acknowledge", f"incident:{number}") as store:
        changed = lifecycle.acknowledge(store, number, by=_actor(by), note=note)
    typer.echo(f"Incident {number} is acknowledged{'' if changed else ' already'}.")


@incidents.command("resolve")
def resolve(
    ctx: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="How it ended.")] = "",
    by: By = None,
) -> None:
    """Resolve an incident: it is over."""
    with _recorded(ctx, "incidents.resolve", f"incident:{number}") as store:
        changed = lifecycle.resolve(store, number, by=_actor(by), reason=reason)
    typer.echo(f"Incident {number} is resolved{'' if changed else ' already'}.")


@incidents.command("reopen")
def reopen(
    ctx: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help="Why it is not over.")] = "",
    by: By = None,
) -> None:
    """Reopen a resolved incident."""
    with _recorded(ctx, "incidents.reopen", f"incident:{number}") as store:
        changed = lifecycle.reopen(store, number, by=_actor(by), reason=reason)
    typer.echo(f"Incident {number} is {'open again' if changed else 'not resolved, so it stays as it is'}.")


@incidents.command("assign")
def assign(
    ctx: typer.Context,
    number: Number,
    to: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is.")],
    by: By = None,
) -> None:
    """Assign an incident to somebody."""
    with _recorded(ctx, "incidents.assign", f"incident:{number}") as store:
        changed = lifecycle.assign(store, number, to=to, by=_actor(by))
    typer.echo(f"Incident {number} is assigned to {to}{'' if changed else ' already'}.")


@incidents.command("silence")
def silence(
    ctx: typer.Context,
    number: Number,
    lasting: Annotated[str, typer.Option("--for", metavar="SPAN", help="How long, such as 12h or 3d.")],
    reason: Annotated[str, typer.Option("--reason", help="Why nobody needs to hear of it.")],
    by: By = None,
) -> None:
    """Hold back what there is to say of an incident's cause for a while."""
    try:
        until = clock.now() + parse_duration(lasting)
    except ValueError as error:
        raise UserError(f"--for: {error}") from None
    with _recorded(ctx, "incidents.silence", f"incident:{number}") as store:
        silenced = lifecycle.silence(store, number, until=until, reason=reason, by=_actor(by))
    typer.echo(f"Incident {number} is silent until {iso(until)} (silence {silenced}).")


@incidents.command("silences")
def list_silences(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the silences that people made; those of aimon.yaml are written there."""
    with _store(ctx) as store:
        listed = silences.list_silences(store, ended=everything)
    if as_json:
        _print_json([lifecycle_view.silence_json(each) for each in listed])
        return
    lines = [
        f"{each.id}  until {iso(each.ends_at)}  {each.author}: {each.reason}  {dict(each.matchers)}" for each in listed
    ]
    typer.echo("\n".join(lines) or "No silences.")


@incidents.command("unsilence")
def unsilence(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="SILENCE", help="The silence's number.")],
    by: By = None,
) -> None:
    """End a silence before its time; what it held back goes out."""
    with _recorded(ctx, "silences.end", f"silence:{number}") as store:
        silences.end_silence(store, number, by=_actor(by))
    typer.echo(f"Silence {number} is over.")


@incidents.command("comment")
def comment(
    ctx: typer.Context, number: Number, text: Annotated[str, typer.Argument(metavar="TEXT")], by: By = None
) -> None:
    """Write a comment into an incident's history."""
    with _recorded(ctx, "incidents.comment", f"incident:{number}") as store:
        lifecycle.comment(store, number, by=_actor(by), text=text)
    typer.echo(f"Commented on incident {number}.")


@incidents.command("export")
def export(
    ctx: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.CSV,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write there; default: print.")] = None,
    model: OfModel = None,
    severity: OfSeverity = None,
    status: OfStatus = None,
) -> None:
    """Export every incident, resolved and historic ones too, as CSV or JSON."""
    with _store(ctx) as store:
        listed = lifecycle_view.list_incidents(store, model=model, severity=severity, status=status)
    if form is Format.CSV:
        text = lifecycle_view.as_csv(listed)
    else:
        text = _json([lifecycle_view.as_json(incident) for incident in listed]) + "\n"
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}; name another file with --out") from error
    typer.echo(f"{len(listed)} incident{'' if len(listed) == 1 else 's'} in {out}.")


@contextmanager
def _store(ctx: typer.Context) -> Iterator[Store]:
    settings = load_project_leniently(ctx.obj).settings
    with open_store(settings.database_url, settings.root) as store:
        yield store


@contextmanager
def _recorded(ctx: typer.Context, action: str, subject: str) -> Iterator[Store]:
    """The store, what is done with it being a record of the audit log."""
    with recorded(ctx) as trail:
        yield trail.audited(trail.actor, action, subject)


def _actor(by: str | None) -> str:
    if by is not None:
        return by
    try:
        return getuser()
    except (KeyError, OSError):
        raise UserError("this machine does not tell who you are; name yourself with --by") from None


def _table(listed: list[Incident]) -> str:
    rows = [(str(each.id), each.severity, _status(each), _days(each), each.title) for each in listed]
    return terminal.table(("ID", "SEVERITY", "STATUS", "DAYS", "WHAT"), rows) if rows else "No incidents."


def _lines(shown: Shown, reports: Mapping[str, str], runbook: str | None) -> Iterator[str]:
    incident = shown.incident
    yield f"Incident {incident.id}: {incident.title}"
    yield f"{incident.severity}, {_status(incident)}, {_days(incident)}; cause {incident.cause}"
    if incident.assignee is not None:
        yield f"Assigned to {incident.assignee}"
    if runbook is not None:
        yield f"Runbook: {runbook}"
    latest = sorted(shown.findings, key=lambda each: (-each.day.toordinal(), each.verdict != "critical"))
    yield f"Findings ({len(latest)}{f', the latest {FINDINGS_SHOWN}' if len(latest) > FINDINGS_SHOWN else ''}):"
    for finding in latest[:FINDINGS_SHOWN]:
        over = "" if finding.cleared_at is None else " (no longer found)"
        yield f"  {finding.day}  {finding.verdict:<8}  {described(finding)}{over}"
    if reports:
        yield f"Reports of {incident.last_day}:"
        yield from (f"  {form:<9}  {location}" for form, location in reports.items())
    if shown.data_versions:
        yield "Rows that were judged:"
        yield from (f"  {day}  sha256 {version}" for day, version in sorted(shown.data_versions.items()))
    yield "History:"
    for event in shown.events:
        said = event.detail.get("text") or event.detail.get("worst") or event.detail.get("reason") or ""
        yield f"  {iso(event.at)}  {event.kind} by {event.actor}{f': {said}' if said else ''}"
    yield f"Notices ({len(shown.notices)}):"
    for notice in shown.notices:
        yield f"  {iso(notice.created_at)}  {notice.status.value:<9}  {notice.channel or '-'}  {notice.subject}"


def _status(incident: Incident) -> str:
    return f"{incident.status.value}{', historic' if incident.historic else ''}"


def _days(incident: Incident) -> str:
    first, last = incident.first_day, incident.last_day
    return str(first) if first == last else f"{first} to {last}"


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _print_json(value: object) -> None:
    typer.echo(_json(value))
