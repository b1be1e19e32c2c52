"""`aimon compare`: two files, no set-up. In: paths. Out: findings on the terminal, JSON, one HTML page."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aimon.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime

    from aimon.report.comparison import Comparison
    from aimon.report.findings import Findings

STDOUT = "-"
FOUND = 1


class Severity(StrEnum):
    """From which verdict on the command ends with 1."""

    WARNING = "warning"
    CRITICAL = "critical"


def compare(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="What is normal: Parquet or CSV.")],
    current: Annotated[str, typer.Argument(metavar="CURRENT", help="What to judge by it; may have no labels yet.")],
    spec: Annotated[
        Path | None,
        typer.Option("--spec", metavar="FILE", help="A model file: roles and kinds of columns, groups, limits."),
    ] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write every result as JSON; - prints it alone.")
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one page with plots that stands alone.")
    ] = None,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="End with 1 where something is at least this bad.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show what is fine, and how columns were understood.")] = False,
) -> int:
    """Compare two files: drift, quality, and with a spec fairness and performance.

    Without --spec the kinds of columns are inferred from both files. Columns named exactly prediction, score and label
    are taken for what they say; nothing is taken for a protected attribute. REFERENCE and CURRENT may be files,
    folders or patterns.
    """
    from aimon.clock import now
    from aimon.metrics.known import known_metrics
    from aimon.report.comparison import compare_files
    from aimon.report.findings import findings
    from aimon.spec.modelfile import load_model

    as_of = now()
    declared = load_model(spec, known_metrics()) if spec is not None else None
    compared = compare_files(reference, current, declared)
    found = findings(compared.grid, compared.records, compared.baseline, compared.current)
    if html_file is not None:
        _write(html_file, _page(compared, reference, current, as_of))
    if json_file is not None:
        text = json.dumps(_document(compared, found, as_of), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        if json_file == STDOUT:
            typer.echo(text, nl=False)
        else:
            _write(Path(json_file), text)
    if json_file != STDOUT:
        _show(compared, found, reference, current, every=every)
    return FOUND if fail_on is not None and _reaches(compared, fail_on) else 0


def _reaches(compared: "Comparison", severity: Severity) -> bool:
    verdicts = {record.verdict.value for record in compared.records}
    return not verdicts.isdisjoint({severity.value, Severity.CRITICAL.value})


def _show(compared: "Comparison", found: "Findings", reference: str, current: str, *, every: bool) -> None:
    from rich.console import Console

    from aimon.report.terminal import show

    console = Console(highlight=False)
    facts = [
        f"reference  {reference}  {compared.baseline.rows:,} rows",
        f"current    {current}  {compared.current.rows:,} rows",
    ]
    show(console, found, facts=facts, understood=compared.understood(reasons=every), every=every)


def _page(compared: "Comparison", reference: str, current: str, as_of: "datetime") -> str:
    from aimon.report.page import render_report

    title = f"{Path(current).name} compared with {Path(reference).name}"
    return render_report(
        title,
        compared.spec,
        compared.records,
        compared.baseline,
        compared.current,
        compared.grid,
        as_of=as_of,
        notes=compared.understood(reasons=False),
    )


def _document(compared: "Comparison", found: "Findings", as_of: "datetime") -> dict[str, object]:
    from aimon.report.document import document

    return document(
        compared.spec,
        compared.records,
        reference_rows=compared.baseline.rows,
        current_rows=compared.current.rows,
        as_of=as_of,
    ) | {
        "headline": found.headline,
        "columns": [
            {"column": name, "kind": each.kind, "reason": each.reason} for name, each in compared.inferred.items()
        ],
        "left_out": list(compared.left_out),
    }


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}; name a file in a folder that exists") from error
