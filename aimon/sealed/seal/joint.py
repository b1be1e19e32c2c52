"""A key that nobody has whole. In: every site's share of it. Out: one public key, and decryptions made of parts.

The secret key is the sum of the sites' secrets. Each offers `-(a s + e)` for the same `a`; the offers add up to the
public key. A part of a decryption is the share times the ciphertext's second polynomial, under noise so large that the
share cannot be computed from it.
"""

import math
from collections.abc import Sequence

import numpy as np

from aimon.errors import SealedError
from aimon.sealed.seal.adding import loaded
from aimon.sealed.seal.octets import written
from aimon.sealed.seal.parameters import Parameters
from aimon.sealed.seal.polynomials import (
    Residues,
    cipher_blob,
    cipher_polynomials,
    data_ring,
    decoded,
    key_ring,
)
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.seal.randomness import binomial, flooding, ternary, uniform


def common(parameters: Parameters, seed: bytes) -> Residues:
    """The polynomial `a` that every site uses: hashed from a seed that all of them know."""
    return uniform(key_ring(parameters), seed, "common")


def secret_of(parameters: Parameters, seed: bytes) -> Residues:
    """A site's secret polynomial, of its own random seed."""
    return key_ring(parameters).residues(ternary(seed, "secret", parameters.slots).tolist())


def offer(parameters: Parameters, common_seed: bytes, seed: bytes) -> Residues:
    """What a site tells of its secret: `-(a s + e)`."""
    ring = key_ring(parameters)
    error = ring.residues(binomial(seed, "error", parameters.slots).tolist())
    product = ring.product(common(parameters, common_seed), secret_of(parameters, seed))
    return ring.negative(ring.add(product, error))


def joint_public(parameters: Parameters, common_seed: bytes, offers: Sequence[Residues]) -> PublicKey:
    """The public key of the sum of the secrets; the same offers give the same bytes."""
    ring = key_ring(parameters)
    pair = [ring.transformed(each) for each in (ring.add(*offers), common(parameters, common_seed))]
    blob = cipher_blob(np.stack(pair), parameters.context.key_parms_id(), transformed=True)
    return PublicKey(parameters, blob)


def dealt(parameters: Parameters, secret: Residues, seed: bytes, threshold: int, place: int) -> Residues:
    """Shamir's share of a secret for the site at a place (from 1): so many shares give it back, fewer tell nothing."""
    ring, result = key_ring(parameters), secret
    for power in range(1, threshold):
        drawn = uniform(ring, seed, f"dealing {power}")
        result = ring.add(result, ring.scaled(drawn, [pow(place, power, prime) for prime in ring.primes]))
    return result


def weights(primes: Sequence[int], places: Sequence[int], place: int) -> list[int]:
    """By what the share at a place is multiplied when these places decrypt together: Lagrange's weight at 0.

    >>> weights([7], [1, 2], 1), weights([7], [1, 2], 2)
    ([2], [6])
    """
    found = []
    for prime in primes:
        above = math.prod(each for each in places if each != place)
        below = math.prod(each - place for each in places if each != place)
        found.append(above * pow(below, -1, prime) % prime)
    return found


def part(parameters: Parameters, share: Residues, ciphertext: bytes, seed: bytes, purpose: str) -> Residues:
    """A share's part of a decryption, under noise of 2^90. The same purpose and ciphertext give the same noise."""
    ring = data_ring(parameters)
    second = _polynomials(parameters, ciphertext)[1]
    noise = ring.residues(flooding(seed, purpose, parameters.slots))
    return ring.add(ring.product(second, share[: len(ring.primes)]), noise)


def fused(parameters: Parameters, ciphertext: bytes, parts: Sequence[Residues]) -> tuple[list[int], int]:
    """The slots, each modulo the plain modulus, and the bits of room that were left; at 0 they are garbage."""
    ring, plain = data_ring(parameters), parameters.modulus
    modulus = ring.modulus
    coefficients, farthest = [], 0
    for each in ring.integers(ring.add(_polynomials(parameters, ciphertext)[0], *parts)):
        nearest = (each * plain + modulus // 2) // modulus
        farthest = max(farthest, abs(each * plain - nearest * modulus))
        coefficients.append(nearest % plain)
    room = max(0, (modulus // max(2 * farthest, 1)).bit_length() - 1)
    return decoded(parameters, coefficients), room


def _polynomials(parameters: Parameters, ciphertext: bytes) -> Residues:
    """The two polynomials of a ciphertext that SEAL takes."""
    found = cipher_polynomials(written(loaded(parameters, ciphertext)))
    if found.shape[1] != len(data_ring(parameters).primes):
        raise SealedError("a ciphertext has lost some of its primes; only fresh ones and their sums are opened jointly")
    return found
