"""The models ever declared. A model keeps its key through every rename, and is retired by a flag, never deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from aimon import clock
from aimon.errors import StoreError
from aimon.spec.model import ModelSpec
from aimon.store.locks import lock
from aimon.store.tables import registry as table


class Change(StrEnum):
    """What a declaration was to the registry."""

    NONE = "none"
    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """One model as it was last declared. `key` is its first name, under which its history is kept."""

    model: str
    key: str
    version: str
    task: str
    owner: str | None
    formerly: tuple[str, ...]
    retired: bool
    label_horizon_s: int | None
    file: str
    yaml_sha256: str
    first_seen_at: datetime
    changed_at: datetime


def declare(connection: Connection, spec: ModelSpec, *, file: str, yaml_sha256: str) -> Change:
    """Bring the registry up to the model's file, and say what that changed."""
    lock(connection, "registry")
    fields = {
        "model": spec.model,
        "version": spec.version,
        "task": spec.task.value,
        "owner": spec.owner,
        "formerly": list(spec.formerly),
        "retired": spec.retired,
        "label_horizon_s": int(spec.label_horizon.total_seconds()),
        "file": file,
        "yaml_sha256": yaml_sha256,
        "changed_at": clock.now(),
    }
    known = get(connection, spec.model)
    if known is None:
        return _add_or_rename(connection, spec, fields)
    if (known.yaml_sha256, known.file, known.label_horizon_s) == (yaml_sha256, file, fields["label_horizon_s"]):
        return Change.NONE
    connection.execute(update(table).where(table.c.model == spec.model).values(fields))
    return Change.CHANGED


def _add_or_rename(connection: Connection, spec: ModelSpec, fields: dict[str, Any]) -> Change:
    former = next((known for name in spec.formerly if (known := get(connection, name)) is not None), None)
    if former is not None:
        connection.execute(update(table).where(table.c.model == former.model).values(fields))
        return Change.RENAMED
    heir = connection.execute(select(table.c.model).where(table.c.key == spec.model)).scalar_one_or_none()
    if heir is not None:
        raise StoreError(
            f"{fields['file']}: the name {spec.model} belongs to the history of {heir}, which was called so once; "
            "give the new model a name that was never used"
        )
    connection.execute(insert(table).values(**fields, key=spec.model, first_seen_at=clock.now()))
    return Change.ADDED


def get(connection: Connection, model: str) -> RegisteredModel | None:
    """The model of that name, if there was ever one."""
    row = connection.execute(select(table).where(table.c.model == model)).one_or_none()
    return None if row is None else _registered(row)


def label_horizon(connection: Connection, key: str) -> timedelta:
    """How long the labels of the model with that key take; none for a model that was never declared."""
    seconds: int | None = connection.execute(select(table.c.label_horizon_s).where(table.c.key == key)).scalar()
    return timedelta(seconds=seconds or 0)


def models(connection: Connection, *, retired: bool | None = False) -> list[RegisteredModel]:
    """The models in service, in the order of their names; `retired=True` gives the retired ones, None all."""
    wanted = select(table).order_by(table.c.model)
    if retired is not None:
        wanted = wanted.where(table.c.retired == retired)
    return [_registered(row) for row in connection.execute(wanted)]


def _registered(row: Row[Any]) -> RegisteredModel:
    return RegisteredModel(**{**row._mapping, "formerly": tuple(row.formerly)})  # noqa: SLF001 - the documented name
