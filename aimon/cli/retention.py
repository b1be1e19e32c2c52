"""`aimon retention`: delete what is older than the settings allow, and show the evidence of what was deleted."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from aimon.cli.recorded import recorded
from aimon.clock import now
from aimon.errors import UserError
from aimon.govern.deletions import seal_deletions
from aimon.govern.retention import expire
from aimon.platform import open_platform
from aimon.store import expirations
from aimon.store.expirations import Deletion

retention = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@retention.callback()
def about() -> None:
    """Delete what is older than the settings allow, or show the evidence of what was deleted."""


@retention.command("run")
def run(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be deleted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete everything whose time is over, as `retention` in aimon.yaml says, and keep the evidence."""
    with open_platform(ctx.obj) as platform:
        settings = platform.project.settings
        evidence = expire(
            platform.lake, platform.store, settings.retention, now(), logs=settings.logs_folder, dry_run=dry_run
        )
        if not dry_run:
            with recorded(ctx) as trail:
                seal_deletions(trail, trail.actor)
    if as_json:
        typer.echo(_json({"dry_run": dry_run, "deleted": evidence.expired, "problems": evidence.problems}))
    else:
        typer.echo(_summary(evidence.expired, "would be deleted" if dry_run else "deleted"))
    if evidence.problems:
        raise UserError("\n".join(evidence.problems))


@retention.command("evidence")
def evidence(
    ctx: typer.Context,
    model: Annotated[str | None, typer.Option(help="Of one model; of every one when left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, the latest first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show what was deleted, by which setting and when."""
    with open_platform(ctx.obj) as platform, platform.store.session() as connection:
        found = expirations.query(connection, model=model, limit=limit)
    if as_json:
        typer.echo(_json(found))
        return
    lines = [
        f"{_when(one)}  {one.kind:<16}  {one.model or '-'}  {one.day}  {_size(one)}  {one.policy}" for one in found
    ]
    typer.echo("\n".join(lines) or "Nothing was deleted yet.")


def _json(told: Any) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False, default=lambda each: each.as_json())


def _when(one: expirations.Expiration) -> str:
    return "announced " if one.deleted_at is None else one.deleted_at.date().isoformat()


def _size(one: Deletion) -> str:
    parts = [f"{one.rows:,} rows"] if one.rows is not None else []
    return ", ".join([*parts, f"{one.bytes:,} bytes"] if one.bytes is not None else parts)


def _summary(deleted: Sequence[Deletion], what: str) -> str:
    """A line for each kind: how many days of how many models."""
    if not deleted:
        return f"Nothing {what}: nothing is older than it may be."
    days = Counter((one.kind, one.policy) for one in deleted)
    lines = []
    for (kind, policy), number in days.items():
        own = [one for one in deleted if one.kind == kind]
        models, size = len({one.model for one in own}), sum(one.bytes or 0 for one in own)
        rows = sum(one.rows or 0 for one in own)
        lines.append(
            f"{kind:<16}  {number:>6,} model-days of {models:,} models, {rows:,} rows, {size:,} bytes {what} ({policy})"
        )
    return "\n".join(lines)
