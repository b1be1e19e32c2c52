"""Bytes for one site's eyes. In: the sender's private key, the receiver's public one. Out: a box, and back.

X25519, HKDF with SHA-256, AES-256-GCM; `purpose` names session, sender and receiver, so that no box fits elsewhere.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from aimon.errors import SealedError

NONCE = 12


def public_of(private: bytes) -> str:
    """The public half of 32 random bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw().hex()


def boxed(content: bytes, private: bytes, receiver: str, purpose: str) -> bytes:
    """The content, readable by the receiver and the sender only."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_key(private, receiver, purpose)).encrypt(nonce, content, purpose.encode())


def unboxed(box: bytes, private: bytes, sender: str, purpose: str, name: str) -> bytes:
    """What the sender put in; SealedError where it was changed or is for another site or session."""
    try:
        return AESGCM(_key(private, sender, purpose)).decrypt(box[:NONCE], box[NONCE:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise SealedError(
            f"{name} holds a share that cannot be opened here: it is for another site or session"
        ) from error


def _key(private: bytes, public: str, purpose: str) -> bytes:
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(bytes.fromhex(public))
        )
    except ValueError as error:
        raise SealedError("a site's sealing key is none; it must commit again") from error
    return HKDF(SHA256(), 32, None, b"aimon federation\n" + purpose.encode()).derive(shared)
