"""Random polynomials. In: bytes of the operating system, or a seed. Out: uniform, small, or flooding coefficients.

What comes from a seed is the same each time: SHAKE-256 of the seed and of what it is for.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from aimon.sealed.seal.polynomials import Residues, Ring

FLOODING_BITS = 90
"""What a part of a decryption hides its key share under: the noise of 1,000 added envelopes is about 2^12."""
COIN_PAIRS = 21
"""Coins of the centred binomial: a standard deviation of 3.24, as SEAL's own."""
Whole = NDArray[np.int64]


def stream(seed: bytes, purpose: str, size: int) -> bytes:
    """So many bytes of a seed for one purpose."""
    named = purpose.encode()
    return hashlib.shake_256(len(named).to_bytes(4) + named + seed).digest(size)


def uniform(ring: Ring, seed: bytes, purpose: str) -> Residues:
    """Every coefficient equally likely: words of as many bits as the prime, those beyond it left out."""
    rows = []
    for place, prime in enumerate(ring.primes):
        words = np.frombuffer(stream(seed, f"{purpose} {place}", 16 * ring.degree), "<u8")
        words = words & np.uint64((1 << prime.bit_length()) - 1)
        rows.append(words[words < prime][: ring.degree])
    return np.stack(rows)


def ternary(seed: bytes, purpose: str, size: int) -> Whole:
    """Each of -1, 0 and 1 equally likely: bytes below 252, modulo 3."""
    octets = np.frombuffer(stream(seed, purpose, 2 * size), np.uint8)
    return octets[octets < 252][:size].astype(np.int64) % 3 - 1


def binomial(seed: bytes, purpose: str, size: int) -> Whole:
    """The heads of 21 coins less the heads of 21 others."""
    bits = np.unpackbits(np.frombuffer(stream(seed, purpose, -(-2 * COIN_PAIRS * size // 8)), np.uint8))
    coins = bits[: 2 * COIN_PAIRS * size].reshape(size, 2, COIN_PAIRS).sum(axis=2, dtype=np.int64)
    drawn: Whole = coins[:, 0] - coins[:, 1]
    return drawn


def flooding(seed: bytes, purpose: str, size: int) -> list[int]:
    """Whole numbers from -2^90 to below 2^90, each equally likely."""
    width = 12
    octets, most = stream(seed, purpose, width * size), 1 << (FLOODING_BITS + 1)
    drawn = (int.from_bytes(octets[start : start + width]) for start in range(0, width * size, width))
    return [each % most - (1 << FLOODING_BITS) for each in drawn]
