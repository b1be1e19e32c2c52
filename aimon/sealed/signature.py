"""Who sent it: Ed25519. In: a seed, an envelope. Out: a signed header, and a refusal where the sender is another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope, Header, header_bytes

PURPOSE = b"aimon envelope\n"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs as one host. The seed is 32 random bytes that nobody else knows."""

    seed: bytes = field(repr=False)

    @property
    def public(self) -> str:
        """What others check signatures with."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """The signature as hexadecimal text."""
        return self._key.sign(message).hex()

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def is_signed(message: bytes, signature: str, public: str) -> bool:
    """Whether the signature is of this message, by the holder of this key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed(header: Header, signer: Signer) -> Header:
    """The header with the sender's signature over all else that it says."""
    return header.model_copy(update={"signature": signer.sign(_message(header))})


def check_senders(envelopes: Iterable[Envelope], senders: Mapping[str, str]) -> None:
    """SealedError where an envelope is of nobody that is known, or was not signed by who it names.

    A process of a host may add a name of its own: `host/process` is signed by `host`.
    """
    for header in (each.header for each in envelopes):
        public = senders.get(header.sender) or senders.get(header.sender.partition("/")[0])
        if public is None:
            raise SealedError(f"{header.name} is of nobody known here: {', '.join(sorted(senders))}")
        if header.signature is None:
            raise SealedError(f"{header.name} is not signed; whoever has the public key could have made it")
        if not is_signed(_message(header), header.signature, public):
            raise SealedError(f"{header.name} was not signed by {header.sender}, or was changed since")


def _message(header: Header) -> bytes:
    return PURPOSE + header_bytes(header.model_copy(update={"signature": None}))
