"""`aimon init`: a project to start from."""

import json
from pathlib import Path
from typing import Annotated

import typer

from aimon.cli.starter import AIMON_YAML, GITIGNORE, MODEL_YAML
from aimon.errors import UserError
from aimon.spec.project import project_root
from aimon.spec.schema import model_schema, platform_schema


def init(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where to make it; default: the project's folder.")
    ] = None,
) -> None:
    """Make a starter project: settings, one model file with comments, and what editors need to check both.

    Nothing that exists is overwritten.
    """
    root = folder or project_root(ctx.obj)
    files = {
        "aimon.yaml": AIMON_YAML,
        "models/loan-approval.yaml": MODEL_YAML,
        ".aimon/platform.schema.json": json.dumps(platform_schema(), indent=2) + "\n",
        ".aimon/model.schema.json": json.dumps(model_schema(), indent=2) + "\n",
        ".gitignore": GITIGNORE,
    }
    present = [name for name in files if (root / name).exists() and name != ".gitignore"]
    if present:
        raise UserError(
            f"{root / present[0]} exists already and is left as it is; name an empty folder: aimon init DIR"
        )
    for name, text in files.items():
        _write(root / name, text)
    typer.echo(f"A project was made in {root.resolve()}:")
    for name in files:
        typer.echo(f"  {name}")
    typer.echo("Next: write your model and where its predictions are into models/loan-approval.yaml,")
    typer.echo(f"then run `aimon -C {root} check`." if folder else "then run `aimon check`.")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if path.name == ".gitignore" else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}; choose another folder") from error
