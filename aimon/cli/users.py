"""`aimon users`: people with a role, from the machine's own command line. Every change is in the audit log."""

import json
from typing import Annotated, Any

import typer

from aimon import clock
from aimon.access import users as people
from aimon.access.rights import Role
from aimon.cli.recorded import recorded
from aimon.store import users as stored
from aimon.store.users import User

users = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="How they log in.")]
OfRole = Annotated[Role, typer.Argument(help="viewer reads; auditor reads everything; admin changes everything.")]


@users.callback()
def about() -> None:
    """Add people, give them roles, reset their passwords, disable them."""


@users.command("list")
def list_users(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List everybody, those who are disabled too."""
    with recorded(ctx) as trail, trail.store.session() as connection:
        found = stored.everybody(connection)
    if as_json:
        typer.echo(json.dumps([_plain(user) for user in found], indent=2))
        return
    lines = [f"{user.name}  {user.role}{'' if user.disabled_at is None else '  disabled'}" for user in found]
    typer.echo("\n".join(lines) or "There is nobody yet; the first start of the service makes an admin.")


@users.command("add")
def add(
    ctx: typer.Context,
    name: Name,
    role: OfRole = Role.VIEWER,
    email: Annotated[str | None, typer.Option(help="Their address.")] = None,
) -> None:
    """Add somebody. Prints a password for the first login, once; they choose their own then."""
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        user, password = people.add(change, name, role, email=email)
    typer.echo(f"{user.name} is {user.role}. Password for the first login: {password}")


@users.command("role")
def role(ctx: typer.Context, name: Name, role: OfRole) -> None:
    """Give somebody another role. They log in again."""
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        user = people.set_role(change, name, role)
    typer.echo(f"{user.name} is {user.role}.")


@users.command("reset-password")
def reset_password(ctx: typer.Context, name: Name) -> None:
    """Print a new password for the next login, once. Ends every session of theirs."""
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        password = people.reset_password(change, name)
    typer.echo(f"Password for the next login of {people.normal(name)}: {password}")


@users.command("disable")
def disable(ctx: typer.Context, name: Name) -> None:
    """Let somebody in no more. Their sessions end, their keys are refused, their history stays."""
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        user = people.disable(change, name)
    typer.echo(f"{user.name} is disabled.")


@users.command("enable")
def enable(ctx: typer.Context, name: Name) -> None:
    """Let somebody in again."""
    with recorded(ctx) as trail, trail.change(trail.actor) as change:
        user = people.enable(change, name)
    typer.echo(f"{user.name} may log in.")


def _plain(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": user.role,
        "email": user.email,
        "created_at": clock.iso(user.created_at),
        "disabled_at": None if user.disabled_at is None else clock.iso(user.disabled_at),
    }
