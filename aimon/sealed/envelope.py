"""What travels from a host to the server. In: ciphertexts and what must be known of them. Out: one file of bytes.

The header is readable: it names the model, the day, the key and the layout, so that a server can sort and refuse
without reading any count. `sender` and `number` name the envelope: the same ones are the same envelope, sent again.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aimon.errors import SealedError
from aimon.sealed.framing import framed, parts
from aimon.sealed.seal.adding import digest
from aimon.spec.model import ModelName

MAGIC = b"aimon-sealed-1\n"


Kind = Literal["cube", "scores", "records", "labels", "mask"]
"""Counts, exact or for scores; or of single records: who they are, how they turned out, which ones are wanted."""


class Header(BaseModel):
    """What anybody may read of an envelope. Labels and masks name the envelope `of` the records that they are about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = "cube"
    of: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    model: ModelName
    version: str = Field(min_length=1, max_length=100)
    day: date
    slot: int = Field(ge=0, le=3)
    key_id: str = Field(pattern=r"^[0-9a-f]{16}$")
    layout_id: str = Field(pattern=r"^[0-9a-f]{16}$")
    parameters: str
    sender: str = Field(min_length=1, max_length=100)
    number: int = Field(ge=0)
    rows: int = Field(ge=0)
    tags: dict[str, str] = {}
    present: tuple[str, ...]
    digests: tuple[str, ...] = Field(min_length=1)
    signature: str | None = Field(default=None, pattern=r"^[0-9a-f]{128}$")

    @property
    def name(self) -> str:
        """How a person calls the envelope."""
        return f"envelope {self.number} of {self.sender}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A header and the ciphertexts it speaks of."""

    header: Header
    ciphertexts: tuple[bytes, ...]

    @property
    def id(self) -> str:
        """The SHA-256 of the header, which holds the digests of the ciphertexts."""
        return hashlib.sha256(header_bytes(self.header)).hexdigest()

    def to_bytes(self) -> bytes:
        """The file."""
        return framed(MAGIC, header_bytes(self.header), self.ciphertexts)


def header_bytes(header: Header) -> bytes:
    """The header as canonical JSON."""
    return json.dumps(header.model_dump(mode="json"), sort_keys=True, separators=(",", ":")).encode()


def read_envelope(content: bytes, name: str) -> Envelope:
    """The envelope of a file's bytes; SealedError with what is wrong with it, by its name."""
    header, ciphertexts = parts(MAGIC, content, name, "sealed envelope; write one with `aimon sealed encrypt`")
    try:
        envelope = Envelope(Header.model_validate_json(header), ciphertexts)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the header"
        raise SealedError(
            f"{name}: {place}: {fault['msg']}; the header was changed or is of another version"
        ) from error
    check_digests(envelope, name)
    return envelope


def check_digests(envelope: Envelope, name: str) -> None:
    """SealedError where a ciphertext is not the one that the header speaks of."""
    digests = envelope.header.digests
    if len(digests) != len(envelope.ciphertexts):
        held = len(envelope.ciphertexts)
        raise SealedError(f"{name}: the header names {len(digests)} ciphertexts and there are {held}; it was cut")
    for place, (ciphertext, expected) in enumerate(zip(envelope.ciphertexts, digests, strict=True), 1):
        if digest(ciphertext) != expected:
            raise SealedError(f"{name}: ciphertext {place} is not the one that was sealed; send the envelope again")
