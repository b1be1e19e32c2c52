"""A host's own key as a file: what it signs with. In: a name. Out: a file for the host, a line for the owner."""

import os
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from aimon.errors import SealedError
from aimon.sealed.files import read_declared
from aimon.sealed.signature import Signer


class SenderFile(BaseModel):
    """The secret half, with the sender's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: str = Field(min_length=1, max_length=100)
    seed: str = Field(pattern=r"^[0-9a-f]{64}$", repr=False)

    @property
    def signer(self) -> Signer:
        """What signs."""
        return Signer(bytes.fromhex(self.seed))


def new_sender(path: Path, sender: str) -> SenderFile:
    """Draw a key for a host, into a file that was not there before."""
    made = SenderFile(sender=sender, seed=secrets.token_hex(32))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(made.model_dump_json() + "\n")
    except FileExistsError:
        raise SealedError(f"{path} is there already; a key is never overwritten: choose another name") from None
    return made


def read_sender(path: Path) -> SenderFile:
    """The key of a file."""
    return read_declared(SenderFile, path, "sender's key", "make one with `aimon sealed sender`")


def signer_of(path: Path, sender: str) -> Signer:
    """What signs for a sender, of its file; SealedError where the file is another's."""
    read = read_sender(path)
    if read.sender != sender:
        raise SealedError(f"{path} is the key of {read.sender}, not of {sender}")
    return read.signer
