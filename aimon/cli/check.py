"""`aimon check`: what is declared, what it points to, and every mistake in either."""

import json
import os
from dataclasses import asdict
from typing import Annotated

import typer

from aimon.errors import ConfigError
from aimon.inspection.project import Inspection, inspect_project
from aimon.spec.project import project_root
from aimon.spec.settingsfile import SETTINGS_FILE


def check(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Find every mistake in the configuration, the sources and the connections.

    Reads aimon.yaml, the model files and the AIMON_ variables; opens the database, the lake and every source, and
    compares the declared columns with those that are there. Changes nothing. Ends with 2 if there is a mistake.
    """
    inspection = inspect_project(project_root(ctx.obj), os.environ)
    typer.echo(json.dumps(_as_json(inspection), indent=2, ensure_ascii=False) if as_json else _as_text(inspection))
    if inspection.mistakes:
        raise ConfigError(inspection.mistakes)


def _as_text(inspection: Inspection) -> str:
    lines = [str(inspection.root)]
    width = max((len(checked.name) for checked in inspection.checked), default=0)
    for checked in inspection.checked:
        words = _count(len(checked.mistakes), "mistake") if checked.mistakes else checked.found
        lines.append(f"  {checked.name:<{width}}  {'x' if checked.mistakes else 'ok':<2}  {words}")
    lines += [f"note: {note}" for note in inspection.notes]
    models = sum(checked.file != SETTINGS_FILE for checked in inspection.checked)
    if inspection.mistakes:
        lines.append(f"{_count(len(inspection.mistakes), 'mistake')}:")
    elif models:
        lines.append(f"{_count(models, 'model')}, no mistakes.")
    else:
        lines.append("No mistakes, and no models yet: write one into the folder of the model files.")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(inspection: Inspection) -> dict[str, object]:
    return {
        "root": str(inspection.root),
        "ok": not inspection.mistakes,
        "checked": [
            {"name": checked.name, "file": checked.file, "ok": not checked.mistakes, "found": checked.found}
            for checked in inspection.checked
        ],
        "mistakes": [asdict(mistake) for mistake in inspection.mistakes],
        "notes": [asdict(note) for note in inspection.notes],
    }
