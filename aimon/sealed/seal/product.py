"""Products of ciphertexts without any key. In: factors, as ciphertexts or plain slots. Out: a sum of products."""

from collections.abc import Iterable, Sequence

import tenseal.sealapi as seal

from aimon.errors import SealedError
from aimon.sealed.seal.adding import loaded, no_cancelling
from aimon.sealed.seal.octets import written
from aimon.sealed.seal.parameters import Parameters

Factor = bytes | tuple[int, ...]
"""A ciphertext, or a plain number a slot."""


def sum_of_products(
    parameters: Parameters, products: Iterable[Sequence[Factor]], plus: Sequence[int] | None = None
) -> bytes:
    """Slot by slot, the sum of the products, and of `plus` if there is one. The first factor is a ciphertext.

    The same factors in the same order give the same bytes' content; a new key or rotation is not needed.
    """
    evaluator, encoder = seal.Evaluator(parameters.context), seal.BatchEncoder(parameters.context)
    result = None
    for first, *others in products:
        product = _cipher(parameters, first)
        for factor in others:
            if isinstance(factor, bytes):
                evaluator.multiply_inplace(product, loaded(parameters, factor))
            else:
                evaluator.multiply_plain_inplace(product, _plain(encoder, factor))
        if result is None:
            result = product
        else:
            with no_cancelling():
                evaluator.add_inplace(result, product)
    if result is None:
        raise SealedError("there is nothing to join: no envelope was given")
    if plus is not None:
        evaluator.add_plain_inplace(result, _plain(encoder, plus))
    return written(result)


def _cipher(parameters: Parameters, factor: Factor) -> seal.Ciphertext:
    assert isinstance(factor, bytes)  # noqa: S101 - callers put a ciphertext first
    return loaded(parameters, factor)


def _plain(encoder: seal.BatchEncoder, slots: Sequence[int]) -> seal.Plaintext:
    plain = seal.Plaintext()
    encoder.encode(list(slots), plain)
    return plain


def weighted_total(parameters: Parameters, terms: Iterable[tuple[int, bytes]]) -> bytes:
    """The sum of the ciphertexts times whole weights, which may be negative; those of weight 0 are left out."""
    evaluator, result = seal.Evaluator(parameters.context), None
    for weight, content in terms:
        if weight == 0:
            continue
        each = loaded(parameters, content)
        if abs(weight) > 1:
            evaluator.multiply_plain_inplace(each, seal.Plaintext(f"{abs(weight):X}"))
        if weight < 0:
            evaluator.negate_inplace(each)
        if result is None:
            result = each
        else:
            with no_cancelling():
                evaluator.add_inplace(result, each)
    if result is None:
        raise SealedError("there is nothing to add: every weight is 0")
    return written(result)
