"""`aimon schema`: what editors need to complete and check the YAML while it is written."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from aimon.spec.schema import model_schema, platform_schema


class Kind(StrEnum):
    """Which file the schema is of."""

    MODEL = "model"
    PLATFORM = "platform"


def schema(
    kind: Annotated[Kind, typer.Argument(help="A model file, or aimon.yaml.")] = Kind.MODEL,
) -> None:
    """Print the JSON Schema of a model file, or of aimon.yaml.

    `aimon schema > .aimon/model.schema.json` brings a project made by an older version up to date.
    """
    wanted = model_schema() if kind is Kind.MODEL else platform_schema()
    typer.echo(json.dumps(wanted, indent=2, ensure_ascii=False))
