"""`aimon report`: which reports there are, and one of them in the form and place somebody asks for."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aimon.errors import UserError
from aimon.lake.reports import Form, reports_of_day, reports_of_model

if TYPE_CHECKING:
    from aimon.platform import Platform

STDOUT = "-"


def report(
    ctx: typer.Context,
    model: Annotated[str | None, typer.Option(help="The model; every one when left out.")] = None,
    date_: Annotated[str | None, typer.Option("--date", help="The day, as 2026-11-19; default: the latest.")] = None,
    form: Annotated[Form | None, typer.Option("--format", help="Make the report in this form.")] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE|-", help="Write it there too; - prints it alone.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="List at most this many days of a model.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the reports of model days, or make one.

    A report says what was judged: html, json, csv and pdf are made of stored counts and results, however old the day;
    evidently needs the day's rows. What is made stays in the lake at the same address.
    """
    from aimon.platform import open_platform

    day = _day(date_)
    with open_platform(ctx.obj) as platform:
        if form is None and output is None:
            _list(platform, model, day, limit, as_json=as_json)
            return
        if model is None:
            raise UserError("one report is of one model; name it with --model")
        _make(platform, model, day, form or Form.HTML, output, as_json=as_json)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"--date {text} is not a day; write it as 2026-11-19") from None


def _list(platform: "Platform", model: str | None, day: date | None, limit: int, *, as_json: bool) -> None:
    models = sorted(platform.models) if model is None else [platform.model(model).model]
    found = [
        (name, each, forms)
        for name in models
        for each, forms in list(reports_of_model(platform.lake, name).items())[:limit]
        if day is None or each == day
    ]
    if as_json:
        rows = [
            {"model": name, "day": each.isoformat(), "reports": _where(platform, name, each)} for name, each, _ in found
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max((len(name) for name, _, _ in found), default=0)
    lines = [f"{name:<{width}}  {each}  {' '.join(forms)}" for name, each, forms in found]
    typer.echo("\n".join(lines) or "There are no reports yet; `aimon run` writes them.")


def _where(platform: "Platform", model: str, day: date) -> dict[str, str]:
    return {form.value: location for form, location in reports_of_day(platform.lake, model, day).items()}


def _make(platform: "Platform", model: str, day: date | None, form: Form, output: str | None, *, as_json: bool) -> None:
    from aimon.daily.reporting import make_report

    spec = platform.model(model)
    chosen = day or next(iter(reports_of_model(platform.lake, spec.model)), None)
    if chosen is None:
        raise UserError(f"{model} has no report yet; name a day that was judged with --date")
    made = make_report(platform, spec, chosen, form)
    content = platform.lake.read_bytes(made.key)
    if output == STDOUT:
        sys.stdout.buffer.write(content)
        return
    if output is not None:
        _write(Path(output), content)
    told = {"model": spec.model, "day": chosen.isoformat(), "format": form, "url": made.url, "bytes": made.bytes}
    typer.echo(json.dumps(told | {"sha256": made.sha256}) if as_json else output or made.url)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}; name another file with --output") from error
