"""What a server multiplies and rotates with, as a file. It opens nothing. In: a path. Out: an evaluator of scores."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from aimon.errors import SealedError
from aimon.sealed.files import content_of
from aimon.sealed.framing import framed, parts
from aimon.sealed.seal.real import DRIFT, RealServer

EVALUATION = "evaluation.key"
MAGIC = b"aimon-evaluation-1\n"


class About(BaseModel):
    """Whose keys they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: str
    parameters: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluator, and the id of the pair that it belongs to."""

    key_id: str
    server: RealServer


def evaluation_bytes(key_id: str, relinearization: bytes, galois: bytes) -> bytes:
    """The file."""
    about = About(key_id=key_id, parameters=DRIFT.name)
    return framed(MAGIC, about.model_dump_json().encode(), [relinearization, galois])


def read_evaluation(path: Path) -> Evaluation:
    """The evaluator of a file; SealedError where it holds none."""
    header, blobs = parts(MAGIC, content_of(path), str(path), "evaluation key; `aimon sealed keygen --scores` makes it")
    try:
        about = About.model_validate_json(header)
    except ValidationError as error:
        raise SealedError(f"{path} is of another version; make new keys with `aimon sealed keygen --scores`") from error
    if about.parameters != DRIFT.name or len(blobs) != 2:
        raise SealedError(f"{path} is of another parameter set than scores are made with")
    return Evaluation(about.key_id, RealServer(DRIFT, *blobs))
