"""Models by the names that people use: a renamed model's history lies under its first name."""

from sqlalchemy import Connection

from aimon.errors import MissingError
from aimon.platform import Platform
from aimon.store import registry


def key_of(platform: Platform, connection: Connection, name: str) -> str:
    """The name under which the model's history is kept. Raises `MissingError` where there was never such a model."""
    known = registry.get(connection, name)
    if known is not None:
        return known.key
    declared = platform.project.models.get(name)
    if declared is None:
        declared = next((spec for spec in platform.project.models.values() if name in spec.formerly), None)
    if declared is None:
        raise MissingError(f"there is no model {name}; GET models lists those there are")
    return declared.model if declared.model == name else name
