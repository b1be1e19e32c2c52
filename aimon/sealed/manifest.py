"""What a sealed evaluation says of itself: a manifest, named by its content. In: a header. Out: the manifest."""

import hashlib
import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from aimon.errors import SealedError


class Identified(BaseModel):
    """A manifest that cannot change without becoming another one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def id(self) -> str:
        """The SHA-256 of the manifest."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


Kind = TypeVar("Kind", bound=Identified)


def read_manifest(kind: type[Kind], header: bytes, name: str) -> Kind:
    """The manifest of the header of a file; SealedError by the file's name."""
    try:
        return kind.model_validate_json(header)
    except ValidationError as error:
        raise SealedError(f"{name}: its manifest was changed, or is of another version") from error
