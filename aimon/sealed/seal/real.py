"""Real numbers under CKKS: encrypting, adding, and a polynomial of every slot, without a secret key. Bytes in and out.

Results are approximate: to about six digits here. Evaluation keys let a server multiply and rotate; they open nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import tenseal.sealapi as seal
from numpy.typing import NDArray

from aimon.errors import SealedError
from aimon.sealed.seal.adding import loaded
from aimon.sealed.seal.octets import load_key, written

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RealParameters:
    """A CKKS set of 128 bits of security: `slots` real numbers a ciphertext, and a level a product."""

    name: str
    degree: int
    coefficient_bits: tuple[int, ...]
    scale_bits: int

    @property
    def slots(self) -> int:
        """How many numbers a ciphertext has."""
        return self.degree // 2

    @property
    def scale(self) -> float:
        """What 1 is encoded as."""
        return float(2**self.scale_bits)

    @property
    def context(self) -> seal.SEALContext:
        """SEAL's context; the same object each time."""
        return _context(self)


DRIFT = RealParameters("drift", 16384, (60, *[40] * 7, 60), 40)


@cache
def _context(chosen: RealParameters) -> seal.SEALContext:
    declared = seal.EncryptionParameters(seal.SCHEME_TYPE.CKKS)
    declared.set_poly_modulus_degree(chosen.degree)
    declared.set_coeff_modulus(seal.CoeffModulus.Create(chosen.degree, list(chosen.coefficient_bits)))
    context = seal.SEALContext(declared, True, seal.SEC_LEVEL_TYPE.TC128)
    if not context.parameters_set():
        raise SealedError(f"the parameter set {chosen.name!r} is not secure here: {context.parameters_error_message()}")
    return context


class RealPublicKey:
    """Encrypts real numbers and can do nothing else."""

    def __init__(self, parameters: RealParameters, content: bytes) -> None:
        self.parameters = parameters
        self.content = content
        self.id = hashlib.sha256(content).hexdigest()[:16]
        context = parameters.context
        key = load_key(context, seal.PublicKey(), content, "the public key")
        self._encryptor = seal.Encryptor(context, key)
        self._encoder = seal.CKKSEncoder(context)

    def encrypt(self, values: Sequence[float]) -> bytes:
        """One ciphertext of a number a slot."""
        plain, cipher = seal.Plaintext(), seal.Ciphertext(self.parameters.context)
        self._encoder.encode(list(values), self.parameters.scale, plain)
        self._encryptor.encrypt(plain, cipher)
        return written(cipher)


def check_fresh(parameters: RealParameters, content: bytes) -> None:
    """SealedError where the bytes are no fresh encryption: at another scale or level it would spoil the sum."""
    cipher = loaded(parameters, content)
    if cipher.scale != parameters.scale or cipher.parms_id() != parameters.context.first_parms_id():
        raise SealedError("a ciphertext is no fresh encryption: it is of another scale or level")


def rotations(block: int, slots: int) -> list[int]:
    """The steps by which sums over blocks of slots are made.

    >>> rotations(512, 8192)
    [512, 1024, 2048, 4096]
    """
    return [block << place for place in range((slots // block).bit_length() - 1)]


class RealServer:
    """Adds ciphertexts and evaluates a Chebyshev series of degree 23 in every slot, with evaluation keys."""

    def __init__(self, parameters: RealParameters, relinearization: bytes, galois: bytes) -> None:
        context = self._context = parameters.context
        self._parameters = parameters
        self._evaluator = seal.Evaluator(context)
        self._encoder = seal.CKKSEncoder(context)
        self._relin = load_key(context, seal.RelinKeys(), relinearization, "the evaluation key")
        self._galois = load_key(context, seal.GaloisKeys(), galois, "the evaluation key")

    def series(
        self, ciphertexts: Iterable[bytes], factor: Reals, coefficients: Reals, weights: Reals, block: int
    ) -> bytes:
        """Where c is the sum of the ciphertexts: the sum over blocks of weights times the series of `factor * c - 1`.

        Every block of the result holds that sum.
        """
        first = self._affine(self._total(ciphertexts), factor)
        second = self._twice(first, first, -1.0)
        third = self._minus(self._twice(first, second, 0.0), first)
        fourth = self._twice(second, second, -1.0)
        eighth = self._twice(fourth, fourth, -1.0)
        powers = [first, second, third]
        terms = []
        for part in _in_powers_of(coefficients, 8):
            upper, lower = _divided(part, 4)
            product = self._product(self._combined(powers, upper, weights), fourth)
            terms.append(self._sum(product, self._combined(powers, lower, weights)))
        result = terms.pop()
        for term in reversed(terms):
            result = self._sum(self._product(result, eighth), term)
        for step in rotations(block, self._parameters.slots):
            turned = seal.Ciphertext(self._context)
            self._evaluator.rotate_vector(result, step, self._galois, turned)
            self._evaluator.add_inplace(result, turned)
        return written(result)

    def _total(self, ciphertexts: Iterable[bytes]) -> seal.Ciphertext:
        result = None
        for content in ciphertexts:
            each = loaded(self._parameters, content)
            if result is None:
                result = each
            else:
                self._evaluator.add_inplace(result, each)
        if result is None:
            raise SealedError("there is nothing to score: no envelope was given")
        return result

    def _affine(self, cipher: seal.Ciphertext, factor: Reals) -> seal.Ciphertext:
        result = self._times(cipher, factor)
        self._evaluator.add_plain_inplace(result, self._plain(np.full(self._parameters.slots, -1.0), result))
        return result

    def _times(self, cipher: seal.Ciphertext, plain: Reals) -> seal.Ciphertext:
        result = seal.Ciphertext(self._context)
        self._evaluator.multiply_plain(cipher, self._plain(plain, cipher), result)
        return self._rescaled(result)

    def _product(self, left: seal.Ciphertext, right: seal.Ciphertext) -> seal.Ciphertext:
        left, right = self._alike(left, right)
        result = seal.Ciphertext(self._context)
        self._evaluator.multiply(left, right, result)
        self._evaluator.relinearize_inplace(result, self._relin)
        return self._rescaled(result)

    def _twice(self, left: seal.Ciphertext, right: seal.Ciphertext, plus: float) -> seal.Ciphertext:
        result = self._product(left, right)
        self._evaluator.add_inplace(result, result)
        if plus:
            self._evaluator.add_plain_inplace(result, self._plain(np.full(self._parameters.slots, plus), result))
        return result

    def _sum(self, left: seal.Ciphertext, right: seal.Ciphertext) -> seal.Ciphertext:
        left, right = self._alike(left, right)
        result = seal.Ciphertext(self._context)
        self._evaluator.add(left, right, result)
        return result

    def _minus(self, left: seal.Ciphertext, right: seal.Ciphertext) -> seal.Ciphertext:
        left, right = self._alike(left, right)
        result = seal.Ciphertext(self._context)
        self._evaluator.sub(left, right, result)
        return result

    def _combined(self, powers: Sequence[seal.Ciphertext], coefficients: Reals, weights: Reals) -> seal.Ciphertext:
        """Weights times the series of T0 to T3 with these coefficients."""
        padded = np.zeros(4)
        padded[: len(coefficients)] = coefficients
        terms = [self._times(power, padded[place] * weights) for place, power in enumerate(powers, 1)]
        result = terms[2]
        for term in terms[:2]:
            result = self._sum(result, term)
        self._evaluator.add_plain_inplace(result, self._plain(padded[0] * weights, result))
        return result

    def _rescaled(self, cipher: seal.Ciphertext) -> seal.Ciphertext:
        self._evaluator.rescale_to_next_inplace(cipher)
        cipher.scale = self._parameters.scale
        return cipher

    def _alike(self, left: seal.Ciphertext, right: seal.Ciphertext) -> tuple[seal.Ciphertext, seal.Ciphertext]:
        """Both at the level of the lower one."""
        if left.coeff_modulus_size() > right.coeff_modulus_size():
            return self._lowered(left, right), right
        if right.coeff_modulus_size() > left.coeff_modulus_size():
            return left, self._lowered(right, left)
        return left, right

    def _lowered(self, cipher: seal.Ciphertext, to: seal.Ciphertext) -> seal.Ciphertext:
        result = seal.Ciphertext(self._context)
        self._evaluator.mod_switch_to(cipher, to.parms_id(), result)
        return result

    def _plain(self, values: Reals, like: seal.Ciphertext) -> seal.Plaintext:
        plain = seal.Plaintext()
        self._encoder.encode(values.tolist(), like.parms_id(), self._parameters.scale, plain)
        return plain


def _in_powers_of(series: Reals, degree: int) -> list[Reals]:
    """Series r0, r1, ... of lower degree than this with `series = r0 + T_degree (r1 + T_degree (...))`."""
    parts = []
    while len(series) > degree:
        series, rest = _divided(series, degree)
        parts.append(rest)
    return [*parts, series]


def _divided(series: Reals, degree: int) -> tuple[Reals, Reals]:
    """The series as `quotient * T_degree + rest`."""
    basis = np.zeros(degree + 1)
    basis[-1] = 1.0
    quotient, rest = np.polynomial.chebyshev.chebdiv(series, basis)
    return np.asarray(quotient, np.float64), np.asarray(rest, np.float64)
