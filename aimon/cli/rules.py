"""`aimon rules`: the rules that the model files declare, and what they would have done."""

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from aimon.daily.rulestrial import Trial, try_rules
from aimon.errors import UserError
from aimon.incident.lifecycle_view import as_json as incident_json
from aimon.platform import open_platform
from aimon.spec.day import parse_day
from aimon.spec.model import ModelSpec
from aimon.spec.project import load_project_leniently
from aimon.spec.wording import did_you_mean, quoted
from aimon.verdict.record import Record

rules = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OfModel = Annotated[str | None, typer.Option("--model", help="Of this model only.")]
SHOWN = 30


@rules.callback()
def default(ctx: typer.Context) -> None:
    """List the rules of your own, or try them on the stored history."""
    if ctx.invoked_subcommand is None:
        list_rules(ctx)


@rules.command("list")
def list_rules(ctx: typer.Context, model: OfModel = None, as_json: AsJson = False) -> None:
    """List the rules that the model files declare."""
    chosen = _chosen(load_project_leniently(ctx.obj).models, model)
    declared = [(spec.model, rule) for spec in chosen for rule in spec.rules]
    if as_json:
        rows = [{"model": name, **rule.model_dump(mode="json", by_alias=True)} for name, rule in declared]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(f"{name}  {rule.name}  {rule.severity}: {rule}" for name, rule in declared) or "No rules.")


@rules.command("test")
def try_them(
    ctx: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, such as 2026-09-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day.")],
    model: OfModel = None,
    as_json: AsJson = False,
) -> None:
    """Try the rules on the records of the past: what would have fired, and whom it would have bothered.

    Days are read as they are stored, so they must have been run before. Nothing is kept and nobody is told.
    """
    since, until = _day("--from", first), _day("--to", last)
    with open_platform(ctx.obj) as platform:
        chosen = _chosen(platform.project.models, model)
        if not any(spec.rules for spec in chosen):
            raise UserError("no rules are declared; write some under rules: in a model file")
        trial = try_rules(platform, chosen, since, until)
    if as_json:
        typer.echo(json.dumps(_as_json(trial, since, until), indent=2, ensure_ascii=False))
        return
    for each in trial.fired[:SHOWN]:
        typer.echo(f"{each.day}  {each.record.verdict:<8}  {each.model}: {_place(each.record)}{each.record.reason}")
    if len(trial.fired) > SHOWN:
        typer.echo(f"... and {len(trial.fired) - SHOWN} more")
    became = (
        _count(len(trial.fired), "breach", "es"),
        _count(len(trial.incidents), "incident"),
        _count(trial.notices, "notice"),
    )
    typer.echo(f"{_count(trial.judged, 'day')} of records from {since} to {until}: {', '.join(became)}.")


def _chosen(models: dict[str, ModelSpec], name: str | None) -> list[ModelSpec]:
    if name is None:
        return list(models.values())
    if name not in models:
        raise UserError(f"there is no model {quoted(name)}; {did_you_mean(name, models)}")
    return [models[name]]


def _day(option: str, text: str) -> date:
    try:
        return parse_day(text)
    except ValueError as error:
        raise UserError(f"{option}: {error}") from None


def _place(record: Record) -> str:
    parts = [record.metric, record.column, record.group, record.segment]
    return " ".join(" x ".join(part) if isinstance(part, tuple) else part for part in parts if part is not None) + ": "


def _as_json(trial: Trial, since: date, until: date) -> dict[str, Any]:
    return {
        "from": since.isoformat(),
        "to": until.isoformat(),
        "days": trial.judged,
        "fired": [
            {"model": each.model, "day": each.day.isoformat(), "window": each.window, **asdict(each.record)}
            for each in trial.fired
        ],
        "incidents": [incident_json(incident) for incident in trial.incidents],
        "notices": trial.notices,
    }


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number} {noun}{'' if number == 1 else plural}"
