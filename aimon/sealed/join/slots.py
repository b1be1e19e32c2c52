"""Which record is in which slot of an envelope: what a host tells whoever has the labels, and nobody else.

In: the envelope's header and the ids of its records. Out: rows of labels in the order of the slots.
"""

from collections import Counter

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope, Header


class Slots(BaseModel):
    """The ids of an envelope's records, in the order of the slots."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attributes: tuple[str, ...]
    header: Header
    ids: tuple[str, ...]

    @property
    def records_id(self) -> str:
        """The id of the envelope, which follows from its header."""
        return Envelope(self.header, ()).id


def read_slots(content: bytes, name: str) -> Slots:
    """The slots of a file's bytes; SealedError where it holds none."""
    try:
        found = Slots.model_validate_json(content)
    except ValidationError as error:
        raise SealedError(f"{name} holds no slots; `aimon sealed records` writes them") from error
    if len(found.ids) != found.header.rows:
        raise SealedError(f"{name} names {len(found.ids)} records, and their envelope has {found.header.rows}")
    return found


def in_slots(slots: Slots, rows: pa.Table, id_column: str, name: str) -> pa.Table:
    """A row for each slot: that of the record with its id, or nothing where there is none."""
    if id_column not in rows.schema.names:
        raise SealedError(f"--id: {name} has no column {id_column!r}")
    found = list(map(str, rows.column(id_column).to_pylist()))
    twice = [each for each, count in Counter(found).items() if count > 1]
    if twice:
        raise SealedError(f"{name} has {len(twice)} ids more than once, such as {twice[0]!r}; a record has one label")
    places = {each: place for place, each in enumerate(found)}
    return rows.take(pa.array([places.get(each) for each in slots.ids], pa.int64()))
