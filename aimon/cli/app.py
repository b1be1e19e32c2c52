"""The command line itself: global options, commands that are imported when called, mistakes as one sentence."""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from aimon.cli.registry import Command, all_commands
from aimon.errors import UserError

MISTAKE = 2


class LazyGroup(TyperGroup):
    """Lists every command by its line in the registry, and imports only the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(self._known)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        known = self._known.get(cmd_name)
        return None if known is None else TyperCommand(cmd_name, help=known.help, short_help=known.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        self.commands = {known: self.get_command(ctx, known) for known in self._known}  # the names to suggest
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed if name is None else _build(name, self._known[name]), rest

    @property
    def _known(self) -> dict[str, Command]:
        if not hasattr(self, "_found"):
            self._found = all_commands()
        return self._found


app = typer.Typer(cls=LazyGroup, add_completion=False, rich_markup_mode=None)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aimon {version('aimon')}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    root: Annotated[
        Path | None,
        typer.Option(
            "--root",
            "-C",
            metavar="DIR",
            envvar="AIMON_ROOT",
            exists=True,
            file_okay=False,
            help="The project's folder; default: the current one.",
        ),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """Watch machine-learning models in production: drift, performance, fairness, cost."""
    ctx.obj = root


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process: 0 done, 1 a finding, 2 a mistake that its text explains."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code."""
    try:
        result = typer.main.get_command(app).main(list(arguments) or ["--help"], "aimon", standalone_mode=False)
    except UserError as error:
        typer.echo(str(error), err=True)
        return MISTAKE
    except typer.TyperException as error:
        typer.echo(_usage_sentence(error), err=True)
        return MISTAKE
    return result if isinstance(result, int) else 0


def _usage_sentence(error: typer.TyperException) -> str:
    """What is wrong with the arguments, on one line, and where to read on."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "aimon"
    said = " ".join(error.format_message().split()).replace("Value error, ", "")
    return f"{path}: {said if said.endswith(('.', '?')) else f'{said}.'} Try `{path} --help`."


def _build(name: str, command: Command) -> Any:
    """The command as typer runs it."""
    loaded = command.load()
    if not isinstance(loaded, typer.Typer):
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name, help=loaded.__doc__)(loaded)
        loaded = single
    built = typer.main.get_command(loaded)
    built.name = name
    return built
