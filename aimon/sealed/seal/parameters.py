"""The encryption parameters that may be used. In: the name of a set. Out: SEAL's context for it.

A whitelist: each set lies within the HomomorphicEncryption.org table for 128 bits of security, which SEAL checks again.
"""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import tenseal.sealapi as seal

from aimon.errors import SealedError


class HasContext(Protocol):
    """A parameter set of any scheme."""

    @property
    def context(self) -> seal.SEALContext:
        """SEAL's context."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """A BFV set: `slots` counts a ciphertext, each modulo `modulus`."""

    name: str
    slots: int
    coefficient_bits: tuple[int, ...]
    plain_bits: int

    @property
    def context(self) -> seal.SEALContext:
        """SEAL's context; the same object each time."""
        return _context(self)

    @property
    def modulus(self) -> int:
        """Counts are exact below half of it."""
        return _modulus(self)


CUBE = Parameters("cube", 4096, (50, 51), 26)
"""Room for thousands of additions."""
JOIN = Parameters("join", 8192, (60, 60, 60, 22), 57)
"""Room for one product of two ciphertexts and additions."""
FILTER = Parameters("filter", 16384, (60, 60, 60, 60, 60), 57)
"""Room for a mask, plain or encrypted, before that product."""
THRESHOLD = Parameters("threshold", 8192, (54, 54, 52, 42), 26)
"""Counts under a key that several sites hold together: room for the noise that hides their shares."""
SETS = {each.name: each for each in (CUBE, JOIN, FILTER, THRESHOLD)}


def parameters(name: str) -> Parameters:
    """The set of that name."""
    if name not in SETS:
        raise SealedError(f"the parameter set {name!r} is not one of: {', '.join(sorted(SETS))}")
    return SETS[name]


@cache
def _context(chosen: Parameters) -> seal.SEALContext:
    declared = seal.EncryptionParameters(seal.SCHEME_TYPE.BFV)
    declared.set_poly_modulus_degree(chosen.slots)
    declared.set_coeff_modulus(seal.CoeffModulus.Create(chosen.slots, list(chosen.coefficient_bits)))
    declared.set_plain_modulus(seal.PlainModulus.Batching(chosen.slots, chosen.plain_bits))
    context = seal.SEALContext(declared, True, seal.SEC_LEVEL_TYPE.TC128)
    if not context.parameters_set():
        raise SealedError(f"the parameter set {chosen.name!r} is not secure here: {context.parameters_error_message()}")
    return context


@cache
def _modulus(chosen: Parameters) -> int:
    return int(seal.PlainModulus.Batching(chosen.slots, chosen.plain_bits).value())
