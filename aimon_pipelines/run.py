"""`aimon run`: days of a model, or of every model, materialised through Dagster in this process."""

import json
from datetime import date, datetime
from typing import Annotated

import typer

from aimon.clock import instant
from aimon.errors import UserError
from aimon.platform import Platform, open_platform

DAY_HELP = "as 2026-11-19"


def day(text: str | None, option: str) -> date | None:
    """A day from the command line."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"{option} {text} is not a day; write it as 2026-11-19") from None


def moment(text: str | None) -> datetime | None:
    """An instant from the command line."""
    if text is None:
        return None
    try:
        return instant(text)
    except ValueError:
        raise UserError(f"--as-of {text} is not an instant; write it as 2026-11-19T06:00:00Z") from None


def span(single: date | None, first: date | None, last: date | None) -> tuple[date, date]:
    """The first and last day asked for."""
    if single is not None and (first, last) == (None, None):
        return single, single
    if single is None and first is not None and last is not None:
        if first > last:
            raise UserError(f"--from {first} is after --to {last}; swap them")
        return first, last
    raise UserError("name the days with --date D, or with --from D and --to D")


def chosen(platform: Platform, model: str | None) -> list[str]:
    """The model asked for, or all that are not retired."""
    if model is not None:
        return [platform.model(model).model]
    return sorted(key for key, spec in platform.models.items() if not spec.retired)


def run(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="The model; every one when left out.")] = None,
    date_: Annotated[str | None, typer.Option("--date", help=f"One day, {DAY_HELP}.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help=f"The first day, {DAY_HELP}.")] = None,
    to: Annotated[str | None, typer.Option(help=f"The last day, {DAY_HELP}.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Replay what was known at this instant.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Read, count, judge and report model days, and open incidents for what they show."""
    first, last = span(day(date_, "--date"), day(from_, "--from"), day(to, "--to"))
    known = moment(as_of)
    with open_platform(context.obj) as platform:
        models = chosen(platform, model)
        from aimon_pipelines.execution import run_model_days
        from aimon_pipelines.instance import open_instance

        with open_instance(platform.root) as instance:
            outcomes = {name: run_model_days(platform, instance, name, first, last, known) for name in models}
    failures = {key: reason for ran in outcomes.values() for key, reason in ran.failures.items()}
    if as_json:
        runs = {name: ran.run_id for name, ran in outcomes.items()}
        typer.echo(json.dumps({"runs": runs, "failed": failures}))
    else:
        done = (last - first).days + 1
        typer.echo(f"{len(models)} models, {done} days each, {first} to {last}: {len(failures)} model days failed")
    if failures:
        raise UserError("\n".join(f"{key}: {reason}" for key, reason in sorted(failures.items())))
