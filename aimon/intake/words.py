"""Labels on their way into the operations database and back: encrypted, where the project asks for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from aimon.encryption.datakeys import DataKeys, Find
from aimon.encryption.envelope import opened_value, sealed_value
from aimon.store import words
from aimon.store.words import Label

PLACE = "labels"


def put_labels(connection: Connection, said: Sequence[Label], keys: DataKeys | None) -> int:
    """Keep the newer words; how many were."""
    if keys is None or not keys.encrypting:
        return words.put_labels(connection, said)
    own = {model: keys.sealing_within(connection, model) for model in sorted({each.model for each in said})}
    return words.put_labels(
        connection,
        [replace(each, label=sealed_value(own[each.model], each.label, PLACE, each.model, each.id)) for each in said],
    )


def opened_label(find: Find | None, model: str, name: str, label: Any) -> Any:
    """The label of one prediction, out of its envelope if it is in one."""
    return opened_value(find, label, PLACE, model, name)
