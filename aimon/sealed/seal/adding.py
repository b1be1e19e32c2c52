"""Adding ciphertexts without any key. In: ciphertexts as bytes. Out: their sum, and digests of what they hold."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa
import tenseal.sealapi as seal

from aimon.errors import SealedError
from aimon.sealed.seal.octets import read, written
from aimon.sealed.seal.parameters import HasContext

HEADER = 16
ZSTD = 2
LARGEST = 64 * 1024 * 1024
FRESH = 2
"""Polynomials of a fresh encryption; each product of ciphertexts adds one."""


def total(parameters: HasContext, ciphertexts: Iterable[bytes]) -> bytes:
    """The sum; the same ciphertexts give the same content in any order."""
    evaluator, result = seal.Evaluator(parameters.context), None
    for content in ciphertexts:
        each = loaded(parameters, content)
        if result is None:
            result = each
        else:
            with no_cancelling():
                evaluator.add_inplace(result, each)
    if result is None:
        raise SealedError("there is nothing to add: no envelope was given")
    return written(result)


@contextmanager
def no_cancelling() -> Iterator[None]:
    """SealedError where SEAL finds a result that hides nothing."""
    try:
        yield
    except RuntimeError as error:
        raise SealedError("ciphertexts cancel each other out: one of them was made from another") from error


def loaded(parameters: HasContext, content: bytes, largest: int = FRESH) -> seal.Ciphertext:
    """The ciphertext, which SEAL holds against the parameters. Products are larger than fresh encryptions."""

    def load(path: str) -> seal.Ciphertext:
        cipher = seal.Ciphertext(parameters.context)
        cipher.load(parameters.context, path)
        return cipher

    cipher = read(load, content, "a ciphertext")
    if not FRESH <= cipher.size() <= largest or cipher.is_transparent():
        raise SealedError("a ciphertext is no fresh encryption or sum of such: it hides nothing or has another size")
    return cipher


def digest(content: bytes) -> str:
    """The SHA-256 of what a ciphertext holds, which does not depend on how well it was compressed."""
    if len(content) <= HEADER or content[5] != ZSTD:
        raise SealedError("a ciphertext cannot be read: it does not begin as one")
    try:
        with pa.CompressedInputStream(pa.BufferReader(content[HEADER:]), "zstd") as stream:
            held = stream.read(LARGEST)
    except OSError as error:
        raise SealedError("a ciphertext cannot be read: it is damaged") from error
    return hashlib.sha256(held).hexdigest()
