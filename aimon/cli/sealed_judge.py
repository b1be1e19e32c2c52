"""`aimon sealed federation judge`: verdicts on pooled counts, and on those of sites that agreed to show theirs."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aimon.cli.compare import FOUND, Severity
from aimon.cli.sealed_files import PlanFile, read_counts
from aimon.errors import UserError

if TYPE_CHECKING:
    from aimon.verdict.record import Record


def judge(
    pooled: Annotated[Path, typer.Argument(help="Counts of all sites that `fuse --counts` wrote.")],
    baseline: Annotated[Path, typer.Option(help="Counts to compare with, of `fuse --counts` or `plan --counts`.")],
    plan: PlanFile,
    spec: Annotated[Path, typer.Option(help="The model file.")],
    site: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FILE", help="Counts of one site that agreed to be opened.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every result as JSON.")] = False,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="End with 1 where a pooled result is at least this bad.")
    ] = None,
) -> None:
    """Judge pooled counts, and single sites'; tell gaps that point one way pooled and the other way at every site."""
    from aimon.sealed.plan import read_plan
    from aimon.spec.modelfile import load_model
    from aimon.verdict.pooled import judge_pooled

    grid, model = read_plan(plan).grid, load_model(spec)
    sites = {name: read_counts(path, grid) for name, path in map(_named, site or [])}
    judged = judge_pooled(model, grid, read_counts(baseline, grid), read_counts(pooled, grid), sites)
    turned = judged.turned()
    if as_json:
        parts = {name: [each.as_json() for each in records] for name, records in judged.parts.items()}
        whole = [each.as_json() for each in judged.whole]
        told = {"pooled": whole, "sites": parts, "turned": [str(each) for each in turned]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for name, records in {"pooled": judged.whole, **judged.parts}.items():
            typer.echo("\n".join([f"{name}:", *worse(records)]))
        for each in turned:
            typer.echo(f"turned around: {each}")
    if fail_on is not None and reaches(judged.whole, fail_on):
        raise typer.Exit(FOUND)


def _named(option: str) -> tuple[str, Path]:
    name, equals, path = option.partition("=")
    if not (name and equals and path):
        raise UserError(f"--site: {option!r} is no name and file; write it as north=north.counts")
    return name, Path(path)


def worse(records: "Sequence[Record]") -> Iterator[str]:
    """A line for each warning and critical result; one where there is none."""
    found = [each for each in records if each.verdict.value in (Severity.WARNING, Severity.CRITICAL)]
    for each in found:
        about = " ".join(str(part) for part in (each.metric, each.column, each.group or each.groups) if part)
        segment = "" if each.segment is None else f" in {each.segment}"
        value = "" if each.value is None else f": {each.value:.4g}"
        limit = "" if each.threshold is None else f", limit {each.threshold:.4g}"
        yield f"  {each.verdict.value:<8}  {about}{segment}{value}{limit}"
    if not found:
        yield "  nothing is worse than its limit"


def reaches(records: "Sequence[Record]", severity: Severity) -> bool:
    """Whether a result is at least this bad."""
    verdicts = {each.verdict.value for each in records}
    return not verdicts.isdisjoint({severity.value, Severity.CRITICAL.value})
