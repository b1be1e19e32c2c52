"""What sites send each other: files that anybody may carry. In: a body, blobs, the sender's key. Out: signed bytes.

Nothing in a message is secret but what is sealed for one site. Every message after the first is checked against the
key that its sender committed to.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aimon.errors import SealedError
from aimon.sealed.federation.charter import SiteName
from aimon.sealed.framing import framed, parts
from aimon.sealed.signature import Signer, is_signed

MAGIC = b"aimon-federation-1\n"
Hash = r"^[0-9a-f]{64}$"


class Body(BaseModel):
    """The readable part of a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    site: SiteName
    digests: tuple[str, ...] = ()


class Commit(Body):
    """A promise of what will be revealed, and the keys that this site signs and receives with.

    `alone` agrees that sums of this site's envelopes only may be opened.
    """

    kind: Literal["commit"] = "commit"
    charter_id: str = Field(pattern=Hash)
    signing_key: str = Field(pattern=Hash)
    sealing_key: str = Field(pattern=Hash)
    promise: str = Field(pattern=Hash)
    alone: bool


class Reveal(Body):
    """The key share's public half, and for each other site its share of the secret, sealed for it alone."""

    kind: Literal["reveal"] = "reveal"
    session: str = Field(pattern=Hash)
    salt: str = Field(pattern=Hash)
    dealt_to: tuple[SiteName, ...]


class Part(Body):
    """A part of the decryption of one sum, for these sites together."""

    kind: Literal["partial"] = "partial"
    session: str = Field(pattern=Hash)
    manifest_id: str = Field(pattern=Hash)
    openers: tuple[SiteName, ...]


T = TypeVar("T", bound=Body)


@dataclass(frozen=True, slots=True)
class Message(Generic[T]):
    """A body with its blobs, as it was read; `name` is what the reader calls it."""

    name: str
    header: bytes
    body: T
    blobs: tuple[bytes, ...]
    signature: str

    @property
    def id(self) -> str:
        """The SHA-256 of the body, which holds the digests of the blobs."""
        return hashlib.sha256(self.header).hexdigest()

    def check_signed(self, public: str) -> None:
        """SealedError where the message is not of the holder of this key."""
        if not is_signed(MAGIC + self.header, self.signature, public):
            raise SealedError(f"{self.name} was not signed by {self.body.site}, or was changed since; ask for it again")


def write_message(body: Body, blobs: Sequence[bytes], signer: Signer) -> bytes:
    """The message as a file."""
    named = body.model_copy(update={"digests": tuple(hashlib.sha256(blob).hexdigest() for blob in blobs)})
    header = named.model_dump_json().encode()
    return framed(MAGIC, header, [*blobs, bytes.fromhex(signer.sign(MAGIC + header))])


def read_message(content: bytes, name: str, kind: type[T]) -> Message[T]:
    """The message of a file's bytes; SealedError with what is wrong with it, by its name."""
    wanted = kind.model_fields["kind"].default
    what = f"{wanted} message; make one with `aimon sealed federation {wanted}`"
    header, found = parts(MAGIC, content, name, what)
    try:
        body = kind.model_validate_json(header)
    except ValidationError as error:
        raise SealedError(f"{name} is no {what}") from error
    if not found:
        raise SealedError(f"{name} is not signed")
    *blobs, signature = found
    digests = tuple(hashlib.sha256(blob).hexdigest() for blob in blobs)
    if digests != body.digests:
        raise SealedError(f"{name} was changed or cut on its way: it does not hold what it names; ask for it again")
    return Message(name, header, body, tuple(blobs), signature.hex())


def promise(salt: bytes, offered: bytes) -> str:
    """What stands in a commit for an offer that nobody may see yet."""
    return hashlib.sha256(salt + offered).hexdigest()
