"""`aimon keys`: keys of programs. A key is printed once, when it is made; what is kept is only its keyed hash."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from aimon import clock
from aimon.access import keys as programs
from aimon.access.rights import Scope
from aimon.cli.recorded import recorded
from aimon.errors import UserError
from aimon.spec.duration import parse_duration
from aimon.store import api_keys
from aimon.store.api_keys import ApiKey

keys = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Prefix = Annotated[str, typer.Argument(metavar="PREFIX", help="The first part of the key, as `list` shows it.")]


@keys.callback()
def about() -> None:
    """Make, rotate and revoke the keys that programs show to the API."""


@keys.command("list")
def list_keys(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List every key, without its secret."""
    with recorded(ctx) as trail, trail.store.session() as connection:
        found = api_keys.every(connection)
    if as_json:
        typer.echo(json.dumps([_plain(key) for key in found], indent=2))
        return
    lines = [f"{key.prefix}  {programs.state(key):<8}  {','.join(key.scopes)}  {key.name}" for key in found]
    typer.echo("\n".join(lines) or "There is no key.")


@keys.command("create")
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it allows; may be given several times.")],
    expires: Annotated[str | None, typer.Option(help="When it is over, such as 90d; default: never.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, once."""
    ends = None if expires is None else clock.now() + _span(expires)
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        key, text = programs.create(change, trail.keyring, name, set(scope), expires_at=ends)
    _show(key, text, as_json=as_json)


@keys.command("rotate")
def rotate(
    ctx: typer.Context,
    prefix: Prefix,
    overlap: Annotated[str, typer.Option(help="How long the old key works beside the new one, such as 24h.")] = "24h",
    as_json: AsJson = False,
) -> None:
    """Make a key that takes the place of another, and print it, once."""
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        key, text = programs.rotate(change, trail.keyring, prefix, overlap=_span(overlap))
    _show(key, text, as_json=as_json)


@keys.command("revoke")
def revoke(ctx: typer.Context, prefix: Prefix) -> None:
    """Let nobody in with this key any more, at once."""
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        revoked = programs.revoke(change, prefix)
    typer.echo(f"Key {prefix} is revoked{'' if revoked else ' already'}.")


def _show(key: ApiKey, text: str, *, as_json: bool) -> None:
    typer.echo(json.dumps({**_plain(key), "key": text}, indent=2) if as_json else text)


def _plain(key: ApiKey) -> dict[str, Any]:
    told = {name: clock.iso(value) if name.endswith("_at") and value else value for name, value in asdict(key).items()}
    del told["mac"], told["user_id"]
    return {**told, "scopes": list(key.scopes), "state": programs.state(key)}


def _span(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UserError(str(error)) from error
