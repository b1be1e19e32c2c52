"""Polynomials modulo a product of primes, as SEAL stores them. In: SEAL's bytes. Out: arrays of residues, and back.

SEAL multiplies them; nothing of number theory is written here. An array holds a row of coefficients for each prime.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import tenseal.sealapi as seal
from numpy.typing import NDArray

from aimon.sealed.seal.octets import load_key, written
from aimon.sealed.seal.parameters import Parameters

Residues = NDArray[np.uint64]
"""A row for each prime, a column for each coefficient."""

OUTER = struct.Struct("<HBBBBHQ")
MAGIC, HEADER, MAJOR, MINOR = 0xA15E, 16, 4, 3
RAW, ZSTD = 0, 2
PLAIN_HEAD, CIPHER_HEAD = struct.Struct("<32sQd"), struct.Struct("<32s?QQQdQ")
INNER = HEADER + 8
RING_BITS = 60
"""The size of the prime that a ring has beside its own, because SEAL keeps one for switching keys."""


def content(blob: bytes) -> bytes:
    """What SEAL's bytes hold, without its header and compression."""
    if blob[5] != ZSTD:
        return blob[HEADER:]
    with pa.CompressedInputStream(pa.BufferReader(blob[HEADER:]), "zstd") as stream:
        held: bytes = stream.read()
    return held


def cipher_polynomials(blob: bytes) -> NDArray[np.uint64]:
    """The polynomials of a ciphertext or a public key: (polynomial, prime, coefficient)."""
    held = content(blob)
    _, _, size, degree, primes, _, _ = CIPHER_HEAD.unpack_from(held)
    words = np.frombuffer(held, "<u8", offset=CIPHER_HEAD.size + INNER)
    return words.reshape(size, primes, degree).astype(np.uint64)


def cipher_blob(polynomials: NDArray[np.uint64], parms_id: Sequence[int], *, transformed: bool) -> bytes:
    """A ciphertext or a public key, uncompressed: the same polynomials always give the same bytes."""
    size, primes, degree = polynomials.shape
    head = CIPHER_HEAD.pack(_id_bytes(parms_id), transformed, size, degree, primes, 1.0, 1)
    return _framed(head, polynomials)


def plain_blob(residues: NDArray[np.uint64], parms_id: Sequence[int]) -> bytes:
    """A plaintext, uncompressed; transformed ones name their level by its `parms_id`, others have zeros there."""
    return _framed(PLAIN_HEAD.pack(_id_bytes(parms_id), residues.size, 1.0), residues)


def _framed(head: bytes, values: NDArray[np.uint64]) -> bytes:
    words = np.ascontiguousarray(values, "<u8").tobytes()
    inner = _outer(HEADER + 8 + len(words)) + struct.pack("<Q", values.size) + words
    return _outer(HEADER + len(head) + len(inner)) + head + inner


def _outer(size: int) -> bytes:
    return OUTER.pack(MAGIC, HEADER, MAJOR, MINOR, RAW, 0, size)


def _id_bytes(parms_id: Sequence[int]) -> bytes:
    return struct.pack("<4Q", *parms_id)


@dataclass(frozen=True, slots=True)
class Ring:
    """Polynomials of one degree modulo these primes and x^degree + 1."""

    degree: int
    primes: tuple[int, ...]

    @property
    def modulus(self) -> int:
        """The product of the primes."""
        product = 1
        for prime in self.primes:
            product *= prime
        return product

    def residues(self, coefficients: Iterable[int]) -> Residues:
        """The polynomial of these coefficients, which may be negative or of any size."""
        whole = np.array(list(coefficients), object)
        return np.array([whole % prime for prime in self.primes], np.uint64)

    def integers(self, residues: Residues) -> list[int]:
        """The coefficients, each from 0 to below the modulus."""
        modulus, whole = self.modulus, np.zeros(self.degree, object)
        for prime, row in zip(self.primes, residues, strict=True):
            others = modulus // prime
            whole += row.astype(object) * (others * pow(others, -1, prime))
        return list(whole % modulus)

    def add(self, *terms: Residues) -> Residues:
        """The sum."""
        result = terms[0]
        for term in terms[1:]:
            result = (result + term) % self._column
        return result

    def negative(self, residues: Residues) -> Residues:
        """Its opposite."""
        negated: Residues = (self._column - residues) % self._column
        return negated

    def scaled(self, residues: Residues, factors: Sequence[int]) -> Residues:
        """Every row times its own whole number."""
        rows = zip(residues, factors, self.primes, strict=True)
        return np.array([row.astype(object) * factor % prime for row, factor, prime in rows], np.uint64)

    def product(self, left: Residues, right: Residues) -> Residues:
        """The product."""
        context = _context(self)
        evaluator, parms_id = seal.Evaluator(context), context.first_parms_id()
        pair, plain = self._pair(left), self._pair(right)
        evaluator.transform_to_ntt_inplace(pair)
        evaluator.transform_to_ntt_inplace(plain)
        factor = _plaintext(context, plain_blob(cipher_polynomials(written(plain))[0], parms_id))
        evaluator.multiply_plain_inplace(pair, factor)
        evaluator.transform_from_ntt_inplace(pair)
        result: Residues = cipher_polynomials(written(pair))[0]
        return result

    def transformed(self, residues: Residues) -> Residues:
        """The polynomial as SEAL keeps it in keys: by its values at roots of unity."""
        pair = self._pair(residues)
        seal.Evaluator(_context(self)).transform_to_ntt_inplace(pair)
        values: Residues = cipher_polynomials(written(pair))[0]
        return values

    @property
    def _column(self) -> NDArray[np.uint64]:
        return np.array(self.primes, np.uint64)[:, None]

    def _pair(self, residues: Residues) -> seal.Ciphertext:
        """SEAL works on two polynomials at once, and refuses a second one that is zero."""
        context = _context(self)
        blob = cipher_blob(np.stack([residues, np.ones_like(residues)]), context.first_parms_id(), transformed=False)
        return load_key(context, seal.Ciphertext(context), blob, "a polynomial")


def _plaintext(context: seal.SEALContext, blob: bytes) -> seal.Plaintext:
    return load_key(context, seal.Plaintext(), blob, "a polynomial")


def decoded(parameters: Parameters, coefficients: Sequence[int]) -> list[int]:
    """The slots of the plaintext polynomial with these coefficients, each modulo the plain modulus."""
    blob = plain_blob(np.array(coefficients, np.uint64), (0, 0, 0, 0))
    plain = _plaintext(parameters.context, blob)
    return [int(count) for count in seal.BatchEncoder(parameters.context).decode_uint64(plain)]


def key_ring(parameters: Parameters) -> Ring:
    """The ring of keys: all primes of the set."""
    return _ring_of(parameters, parameters.context.key_context_data())


def data_ring(parameters: Parameters) -> Ring:
    """The ring of ciphertexts: all primes but the last."""
    return _ring_of(parameters, parameters.context.first_context_data())


def _ring_of(parameters: Parameters, level: seal.SEALContext.ContextData) -> Ring:
    return Ring(parameters.slots, tuple(int(prime.value()) for prime in level.parms().coeff_modulus()))


@cache
def _context(ring: Ring) -> seal.SEALContext:
    """A context to multiply in. It encrypts nothing, so SEAL need not hold it against its security table."""
    declared = seal.EncryptionParameters(seal.SCHEME_TYPE.BFV)
    declared.set_poly_modulus_degree(ring.degree)
    spare = seal.CoeffModulus.Create(ring.degree, [RING_BITS])[0]
    declared.set_coeff_modulus([*map(seal.Modulus, ring.primes), spare])
    declared.set_plain_modulus(seal.PlainModulus.Batching(ring.degree, 20))
    return seal.SEALContext(declared, True, seal.SEC_LEVEL_TYPE.NONE)
