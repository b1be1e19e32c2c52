"""The JSON Schemas of both kinds of file, for editors that complete and check YAML while it is written."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from aimon.spec.duration import format_duration
from aimon.spec.explain import keys_of
from aimon.spec.model import ModelSpec
from aimon.spec.settings import Settings


class _AsWritten(GenerateJsonSchema):
    """Defaults the way a person writes them: 90d, not P90D."""

    def encode_default(self, dft: Any) -> Any:
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def model_schema() -> dict[str, Any]:
    """The schema of a model file."""
    return _schema(ModelSpec, "A model watched by aimon")


def platform_schema() -> dict[str, Any]:
    """The schema of `aimon.yaml`."""
    return _schema(Settings, "The settings of aimon")


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema(schema_generator=_AsWritten)
    keys = keys_of(model)
    properties = {key: value for key, value in schema.pop("properties").items() if key in keys}
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": title, "properties": properties}
