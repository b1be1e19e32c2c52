"""`aimon audit`: prove that the audit log is whole, look into it, hand it to an auditor."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from aimon.errors import UserError
from aimon.govern.audit import anchor_path, exported, imported, open_trail, told
from aimon.govern.audit_anchor import Anchor
from aimon.govern.audit_verify import Verified, verify
from aimon.keyring import open_keyring
from aimon.spec.project import load_project_leniently
from aimon.spreadsheet import as_csv
from aimon.store import open_store
from aimon.store.audit import AuditRow

audit = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
BROKEN = 1


class Format(StrEnum):
    """How the log is exported."""

    JSONL = "jsonl"
    CSV = "csv"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@audit.callback()
def about() -> None:
    """Verify, list and export the log of every change and every denied request."""


@audit.command("verify")
def verify_log(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="An export in JSON lines instead of the database.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow the whole chain of records; names the first that is changed, missing or cut off, and then ends with 1."""
    settings = load_project_leniently(ctx.obj).settings
    if file is None:
        with open_store(settings.database_url, settings.root) as store:
            found = open_trail(settings, store).verify()
    else:
        anchored = Anchor(anchor_path(settings)).read()
        found = verify(_imported(file), open_keyring(settings.root), anchored)
    typer.echo(json.dumps({"ok": found.ok, **asdict(found)}, indent=2) if as_json else _verdict(found))
    if not found.ok:
        raise typer.Exit(BROKEN)


@audit.command("list")
def list_log(
    ctx: typer.Context,
    actor: Annotated[str | None, typer.Option(help="What this one did only, such as user:ann.")] = None,
    action: Annotated[str | None, typer.Option(help="This kind of action only, such as users.create.")] = None,
    subject: Annotated[str | None, typer.Option(help="What was done to this only, such as incident:12.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, the newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what was done and what was denied, the newest first."""
    settings = load_project_leniently(ctx.obj).settings
    with open_store(settings.database_url, settings.root) as store:
        rows = open_trail(settings, store).rows(actor=actor, action=action, subject=subject, limit=limit)
    if as_json:
        typer.echo(json.dumps([told(row) for row in rows], indent=2))
        return
    lines = [f"{row.sequence:>7}  {row.instant[:19]}Z  {_shown(row)}" for row in rows]
    typer.echo("\n".join(lines) or "Nothing is recorded.")


@audit.command("export")
def export(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write there; default: print.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.JSONL,
) -> None:
    """Export every record. JSON lines hold what was sealed, so that `verify --file` proves them elsewhere."""
    settings = load_project_leniently(ctx.obj).settings
    with open_store(settings.database_url, settings.root) as store:
        lines = (_csv if form is Format.CSV else _jsonl)(open_trail(settings, store).scan())
        if out is None:
            for line in lines:
                typer.echo(line, nl=False)
            return
        try:
            with out.open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        except OSError as error:
            raise UserError(f"{out} cannot be written: {error.strerror}; name another file with --out") from error
    typer.echo(f"The audit log is in {out}.")


def _jsonl(rows: Iterable[AuditRow]) -> Iterator[str]:
    return (f"{exported(row)}\n" for row in rows)


def _csv(rows: Iterable[AuditRow]) -> Iterator[str]:
    yield as_csv([field.name for field in fields(AuditRow)], map(asdict, rows))


def _imported(file: Path) -> Iterator[AuditRow]:
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield imported(line)
                except ValueError:
                    raise UserError(
                        f"{file}:{number}: this is no record of an audit export; make one with `aimon audit export`"
                    ) from None
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UserError(f"{file} cannot be read: {said}") from error


def _verdict(found: Verified) -> str:
    if found.ok:
        lines = [f"The audit log is whole: {found.records:,} records, anchored up to record {found.anchored:,}."]
    else:
        sound = f" {found.records:,} records before that are sound." if found.broken is not None else ""
        lines = [f"The audit log is broken: {found.fault}.{sound}"]
    return "\n".join([*lines, *(f"Note: {note}." for note in found.notes)])


def _shown(row: AuditRow) -> str:
    """Who did what, on one line whatever the texts hold."""
    text = f"{row.actor}  {row.action}  {row.subject}  {row.detail}"
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
