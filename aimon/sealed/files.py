"""Files that hold one thing as JSON. In: a path, what should be there. Out: it, or a sentence that says what to do."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from aimon.errors import SealedError

D = TypeVar("D", bound=BaseModel)


def content_of(path: Path, advice: str | None = None) -> bytes:
    """The file's bytes."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SealedError("; ".join(filter(None, [f"{path} cannot be read: {error.strerror}", advice]))) from error


def read_declared(kind: type[D], path: Path, what: str, advice: str) -> D:
    """What the file declares, such as a `plan`; the advice says where such files come from."""
    content = content_of(path, advice)
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        fault = error.errors()[0]
        why = f": {fault['msg'].removeprefix('Value error, ')}" if fault["type"] == "value_error" else ""
        raise SealedError(f"{path} is no {what}{why}; {advice}") from error
