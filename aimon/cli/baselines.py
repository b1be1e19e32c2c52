"""`aimon baselines`: what models are compared with. Propose, approve, activate; every act is in the audit log."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import typer

from aimon.cli.recorded import CommandTrail, recorded
from aimon.clock import iso
from aimon.daily import baselines as acts
from aimon.daily.reference import describe
from aimon.errors import UserError
from aimon.platform import Platform, open_platform
from aimon.store import baselines as stored
from aimon.store.baselines import StoredBaseline

baselines = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

Model = Annotated[str, typer.Argument(metavar="MODEL", help="The model.")]
BaselineId = Annotated[str, typer.Argument(metavar="BASELINE", help="The baseline, by its id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the audit log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@baselines.callback()
def about() -> None:
    """What models are compared with: list, create from a period or a file, approve, activate."""


@contextmanager
def opened(ctx: typer.Context) -> Iterator[tuple[Platform, CommandTrail]]:
    """The platform, and the trail of what is done."""
    with open_platform(ctx.obj) as platform, recorded(ctx) as trail:
        yield platform, trail


@baselines.command("list")
def list_baselines(ctx: typer.Context, model: Model, as_json: AsJson = False) -> None:
    """List every baseline the model ever had, the oldest first."""
    with open_platform(ctx.obj) as platform, platform.store.session() as connection:
        found = stored.of_model(connection, platform.model(model).model)
    if as_json:
        typer.echo(json.dumps([_plain(each) for each in found], indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(_line(each) for each in found) or f"{model} has no baseline yet; its first run makes one.")


@baselines.command("show")
def show(ctx: typer.Context, model: Model, baseline: BaselineId) -> None:
    """Show one baseline: what it was made of, who approved it and when, and the hash that pins it."""
    with open_platform(ctx.obj) as platform, platform.store.session() as connection:
        found = stored.get(connection, platform.model(model).model, baseline)
    typer.echo(json.dumps(_plain(found), indent=2, ensure_ascii=False))


@baselines.command("create")
def create(
    ctx: typer.Context,
    model: Model,
    reason: Reason,
    from_: Annotated[str | None, typer.Option("--from", help="The first day of a period, as 2026-09-01.")] = None,
    to: Annotated[str | None, typer.Option(help="The last day of the period.")] = None,
    path: Annotated[str | None, typer.Option(help="A Parquet or CSV file of reference rows instead.")] = None,
    new_grid: Annotated[bool, typer.Option("--new-grid", help="Cut a new grid from these rows.")] = False,
) -> None:
    """Propose a baseline. It changes nothing until it is approved and activated."""
    wanted = _wanted(from_, to, path)
    with opened(ctx) as (platform, trail):
        spec = platform.model(model)
        counts = acts.count_reference(platform, spec, wanted, new_grid=new_grid)
        with trail.change(trail.actor) as change:
            made = acts.propose(platform, spec, change, counts, reason)
    typer.echo(f"{made.id} is proposed: {made.rows:,} rows, {describe(dict(made.reference))}, grid {made.grid_id}.")


@baselines.command("approve")
def approve(ctx: typer.Context, model: Model, baseline: BaselineId, reason: Reason) -> None:
    """Stand for a proposed baseline."""
    with opened(ctx) as (platform, trail), trail.change(trail.actor) as change:
        approved = acts.approve(change, platform.model(model).model, baseline, reason)
    typer.echo(f"{approved.id} is approved by {approved.approved_by}.")


@baselines.command("activate")
def activate(ctx: typer.Context, model: Model, baseline: BaselineId, reason: Reason) -> None:
    """Compare the model with this baseline from now on, and archive the one that was. Old records stay as they are."""
    with opened(ctx) as (platform, trail):
        spec = platform.model(model)
        again = acts.prepare(platform, spec, baseline)
        with trail.change(trail.actor) as change:
            active = acts.activate(change, spec.model, baseline, reason)
    told = f"{active.id} is active."
    if again.counted or again.expired:
        told += f" Its grid is new: {len(again.counted)} days were counted again"
        told += f", {len(again.expired)} have expired and stay on the old one." if again.expired else "."
    typer.echo(told)


def _wanted(first: str | None, last: str | None, path: str | None) -> acts.Period | str:
    if path is not None and first is None and last is None:
        return path
    if path is None and first is not None and last is not None:
        period = acts.Period(_day(first, "--from"), _day(last, "--to"))
        if period.first > period.last:
            raise UserError(f"--from {first} is after --to {last}; swap them")
        return period
    raise UserError("name the reference rows with --from D and --to D, or with --path FILE")


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{option} {text} is not a day; write it as 2026-09-01") from None


def _line(each: StoredBaseline) -> str:
    approved = f"approved by {each.approved_by}" if each.approved_by else "not approved"
    return f"{each.id}  {each.status:<8}  {each.rows:,} rows  {describe(dict(each.reference))}  {approved}"


def _plain(each: StoredBaseline) -> dict[str, Any]:
    moments = ("created_at", "approved_at", "activated_at", "archived_at")
    told = {name: getattr(each, name) for name in each.__dataclass_fields__}
    return {**told, **{name: None if told[name] is None else iso(told[name]) for name in moments}}
