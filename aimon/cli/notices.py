"""`aimon notices`: what people were told or not, how the channels are doing, and whether one reaches its receiver."""

import json
from typing import Annotated, Any

import typer

from aimon import clock
from aimon.cli.recorded import recorded
from aimon.cli.terminal import table
from aimon.errors import UserError
from aimon.incident.channel import DeliveryError
from aimon.incident.channels.configured import configured
from aimon.incident.health import Health, health_of, try_channel
from aimon.incident.routes import Routing
from aimon.spec.project import load_project_leniently
from aimon.store import notices as stored
from aimon.store import open_store
from aimon.store.notices import Notice, Status

notices = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SHOWN = ("id", "incident_id", "channel", "severity", "subject", "status", "attempts", "last_error")
INSTANTS = ("created_at", "next_attempt_at", "delivered_at")


@notices.callback()
def default(ctx: typer.Context) -> None:
    """List notices, try again what was given up, show how the channels are doing, try one."""
    if ctx.invoked_subcommand is None:
        list_notices(ctx)


@notices.command("list")
def list_notices(
    ctx: typer.Context,
    status: Annotated[
        Status | None, typer.Option("--status", help="In this state only; dead ones were given up.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="To this channel only.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List notices, the newest first, and what became of them."""
    settings = load_project_leniently(ctx.obj).settings
    with open_store(settings.database_url, settings.root) as store, store.session() as connection:
        found = stored.query(connection, status=status, channel=channel, limit=limit)
    if as_json:
        typer.echo(_json([_as_json(each) for each in found]))
        return
    rows = [(each.id, each.status.value, each.channel or "-", each.last_error or each.subject) for each in found]
    typer.echo(table(("ID", "STATUS", "CHANNEL", "WHAT, OR WHY NOT"), rows) if rows else "No notices.")


@notices.command("channels")
def channels(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show how each channel is doing: resting ones failed too often or were asked for patience."""
    project = load_project_leniently(ctx.obj)
    declared = Routing.declared(project.settings, project.models).channels
    with open_store(project.settings.database_url, project.settings.root) as store, store.session() as connection:
        found = health_of(connection, declared)
    if as_json:
        typer.echo(_json([_health_json(each) for each in found]))
        return
    rows = [(each.told.channel, each.kind or "-", each.state, _said(each)) for each in found]
    typer.echo(table(("CHANNEL", "KIND", "STATE", "LAST"), rows))


@notices.command("retry")
def retry(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Argument(metavar="NOTICE", help="Its id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every one that was given up.")] = False,
) -> None:
    """Try again what was given up; it goes out with the next delivery."""
    if (number is None) is not every:
        raise UserError("name one notice to try again, or ask for --all; aimon notices list --status dead shows them")
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        chosen = [each.id for each in stored.dead(change.connection)] if number is None else [number]
        for each in chosen:
            if not stored.revive(change.connection, each, at=clock.now()):
                raise UserError(f"no notice {each} was given up; aimon notices list --status dead shows which were")
            change.note("notices.retry", f"notice:{each}")
    typer.echo(f"{len(chosen)} notice{'' if len(chosen) == 1 else 's'} will be tried again.")


@notices.command("test")
def test(ctx: typer.Context, channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name.")]) -> None:
    """Send a notice that says it is a trial, at once and from here: the secrets are taken from this environment."""
    project = load_project_leniently(ctx.obj)
    declared = Routing.declared(project.settings, project.models).channels
    kind = declared[channel].kind if channel in declared else ""
    try:
        try_channel(configured(project.settings), channel, kind=kind)
    except DeliveryError as error:
        raise UserError(f"the channel {channel} did not take it: {error}") from None
    typer.echo(f"The channel {channel} took it.")


def _said(each: Health) -> str:
    told = each.told
    if told.failures:
        said = f"failed {told.failures} in a row: {told.last_error}"
    elif each.state == "resting":
        said = "its receiver asked for patience"
    else:
        said = "" if told.delivered_at is None else f"delivered {clock.iso(told.delivered_at)}"
    if each.state != "resting" or told.rests_until_at is None:
        return said
    return f"{said}; rests until {clock.iso(told.rests_until_at)}"


def _as_json(notice: Notice) -> dict[str, Any]:
    instants = {name: getattr(notice, name) for name in INSTANTS}
    return {
        **{name: getattr(notice, name) for name in SHOWN},
        **{name: None if at is None else clock.iso(at) for name, at in instants.items()},
    }


def _health_json(each: Health) -> dict[str, Any]:
    told = each.told
    instants = {"rests_until_at": told.rests_until_at, "delivered_at": told.delivered_at, "failed_at": told.failed_at}
    return {
        "channel": told.channel,
        "kind": each.kind,
        "state": each.state,
        "failures": told.failures,
        "last_error": told.last_error,
        **{name: None if at is None else clock.iso(at) for name, at in instants.items()},
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
