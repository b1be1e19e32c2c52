"""Every command by name: where its function is, and its line in `aimon --help`. Nothing is imported before its turn.

Other distributions add commands through the entry-point group `aimon.commands`. Each entry point names a `Command`
in a module that is quick to import; what the command itself needs belongs in the module the `Command` names.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from aimon.errors import UserError

GROUP = "aimon.commands"


@dataclass(frozen=True, slots=True)
class Command:
    """`target` is "module:name" of a function, or of a `typer.Typer` that holds several."""

    target: str
    help: str

    def load(self) -> Any:
        """Import the function or the `typer.Typer`."""
        module, _, name = self.target.partition(":")
        return getattr(import_module(module), name)


COMMANDS = {
    "init": Command("aimon.cli.init:init", "Make a starter project: settings, one model file, comments."),
    "check": Command("aimon.cli.check:check", "Find every mistake in the configuration, sources and connections."),
    "compare": Command("aimon.cli.compare:compare", "Compare two files: drift, quality, fairness, performance."),
    "models": Command("aimon.cli.models:models", "List the declared models, or show one."),
    "baselines": Command("aimon.cli.baselines:baselines", "List what models are compared with; approve, activate."),
    "incidents": Command("aimon.cli.incidents:incidents", "List incidents, show, acknowledge, resolve, export them."),
    "notices": Command("aimon.cli.notices:notices", "List notices, see how channels do, try them again."),
    "report": Command("aimon.cli.report:report", "List the reports of model days, or make one: HTML, PDF, JSON, CSV."),
    "rules": Command("aimon.cli.rules:rules", "List the rules of your own, or try them on the stored history."),
    "retention": Command("aimon.cli.retention:retention", "Delete what is older than the settings allow; evidence."),
    "serve": Command("aimon.cli.serve:serve", "Serve the API: take predictions, tell what was found."),
    "sealed": Command("aimon.cli.sealed:sealed", "Seal counts for their owner's eyes alone; add, verify, open."),
    "users": Command("aimon.cli.users:users", "Add people, give them roles, reset passwords, disable them."),
    "keys": Command("aimon.cli.keys:keys", "Make, rotate and revoke the keys that programs show to the API."),
    "encryption": Command("aimon.cli.encryption:encryption", "Show, rotate, destroy the keys that rows lie under."),
    "audit": Command("aimon.cli.audit:audit", "Verify that the audit log is whole, list it, export it."),
    "schema": Command("aimon.cli.schema:schema", "Print the JSON Schema of a kind of file, for editors."),
}


def all_commands() -> dict[str, Command]:
    """The commands of this distribution and of all others, by name in the order of the help."""
    others = {point.name: _declared(point) for point in entry_points(group=GROUP)}
    return COMMANDS | dict(sorted(others.items()))


def _declared(point: EntryPoint) -> Command:
    try:
        declared = point.load()
    except Exception as error:  # somebody else's package: whatever it raises must not take the other commands away
        return Command(f"{__name__}:refuse", f"(cannot be loaded: {error})")
    return declared if isinstance(declared, Command) else Command(f"{__name__}:refuse", "(declares no command)")


def refuse() -> None:
    """Stand in for a command whose package is broken."""
    raise UserError(
        "the package that brings this command is broken; reinstall it, or see `aimon --help` for the reason"
    )
