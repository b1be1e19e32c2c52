"""`aimon encryption`: the keys that rows are encrypted with. Show them, rotate them, destroy them."""

import json
from collections import Counter
from typing import Annotated, Any

import typer

from aimon.cli.recorded import recorded
from aimon.clock import iso
from aimon.errors import ConflictError, MissingError
from aimon.platform import Platform, open_platform
from aimon.store import data_keys
from aimon.store.data_keys import StoredKey

encryption = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
PLAIN = ""


@encryption.callback()
def about() -> None:
    """Show, rotate and destroy the keys that rows are encrypted with where they lie."""


@encryption.command("status")
def status(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show every key, and how many days of rows in the lake open with it; which days are not encrypted."""
    with open_platform(ctx.obj) as platform:
        encrypting = platform.keys.encrypting
        with platform.store.session() as connection:
            keys = data_keys.every(connection)
        days = {model: _days(platform, model) for model in platform.lake.models()}
        told = [_told(platform, key, days.get(key.model, Counter())) for key in keys]
    plain = {model: found[PLAIN] for model, found in days.items() if found[PLAIN]}
    if as_json:
        typer.echo(json.dumps({"encrypt_rows": encrypting, "keys": told, "plain_days": plain}, indent=2))
        return
    typer.echo(
        f"What is written from now on is {'encrypted' if encrypting else 'not encrypted (encrypt_rows is false)'}."
    )
    for key in told:
        unknown = "" if key["secret_known"] else ", its secret is not known here"
        typer.echo(f"{key['model']}  {key['id']}  {key['state']}  {key['days']:,} days{unknown}")
    for model, number in plain.items():
        typer.echo(f"{model}  not encrypted  {number:,} days")


@encryption.command("rotate")
def rotate(
    ctx: typer.Context,
    model: Annotated[str | None, typer.Option(help="Of one model; of every one that has a key when left out.")] = None,
) -> None:
    """Write by new keys from now on, and wrap all keys by the platform's present secret.

    What lies there already opens with the old keys; days that are materialised again are written by the new ones.
    """
    with open_platform(ctx.obj) as platform, recorded(ctx) as trail:
        with platform.store.session() as connection:
            having = {key.model for key in data_keys.every(connection) if key.state == "in use"}
        if model is not None and model not in having:
            raise MissingError(f"{model} has no key in use; it gets one when its rows are first written encrypted")
        wanted = sorted(having) if model is None else [model]
        with trail.change(trail.actor) as change:
            made = platform.keys.rotate(change.connection, wanted)
            for key in made:
                change.note("encryption.rotate", key.model, key=key.id, wrapped_by=key.wrapped_by)
        with platform.store.engine.connect() as connection:
            data_keys.settle(connection)
    lines = [f"{key.model} is written by the key {key.id} from now on." for key in made]
    typer.echo("\n".join(lines) or "There is no key yet; the first is made when rows are first written encrypted.")


@encryption.command("destroy")
def destroy(
    ctx: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Whose keys.")],
    only_retired: Annotated[bool, typer.Option("--retired", help="Only those that were rotated out.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, nobody is to read those rows ever again.")] = False,
) -> None:
    """Destroy a model's keys, and so every copy of the rows that they sealed. Nobody can undo this."""
    with open_platform(ctx.obj) as platform, recorded(ctx) as trail:
        with platform.store.session() as connection:
            keys = [key for key in data_keys.every(connection, model) if key.state != "destroyed"]
        doomed = [key.id for key in keys if key.state == "retired" or not only_retired]
        if not doomed:
            raise MissingError(f"{model} has no {'retired ' if only_retired else ''}key to destroy")
        if not yes:
            found = _days(platform, model)
            days = sum(found[key] for key in doomed)
            raise ConflictError(
                f"{days:,} days of rows of {model} open with the keys {', '.join(doomed)} only, and so do its samples, "
                "waiting predictions and labels of that time; add --yes to destroy them for good"
            )
        with trail.change(trail.actor) as change:
            gone = data_keys.destroy(change.connection, model, only_retired=only_retired)
            change.note("encryption.destroy", model, keys=gone)
        with platform.store.engine.connect() as connection:
            data_keys.settle(connection)
    typer.echo(f"Destroyed {', '.join(gone)}. What {model} kept by {'it' if len(gone) == 1 else 'them'} is gone.")


def _days(platform: Platform, model: str) -> Counter[str]:
    """How many of the model's days open with each key."""
    manifests = (platform.lake.manifest(model, day) for day in platform.lake.days(model))
    return Counter(found.key or PLAIN for found in manifests if found is not None)


def _told(platform: Platform, key: StoredKey, days: Counter[str]) -> dict[str, Any]:
    return {
        "id": key.id,
        "model": key.model,
        "state": key.state,
        "days": days[key.id],
        "secret_known": platform.keys.is_known(key),
        "created_at": iso(key.created_at),
        "retired_at": None if key.retired_at is None else iso(key.retired_at),
        "destroyed_at": None if key.destroyed_at is None else iso(key.destroyed_at),
    }
