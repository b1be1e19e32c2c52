"""Encrypting: what may lie on any host. In: counts and a public key. Out: ciphertexts."""

import hashlib
from collections.abc import Sequence

import tenseal.sealapi as seal

from aimon.sealed.seal.octets import load_key, written
from aimon.sealed.seal.parameters import Parameters


class PublicKey:
    """Encrypts and can do nothing else. `id` names the key: the beginning of the hash of its bytes."""

    def __init__(self, parameters: Parameters, content: bytes) -> None:
        self.parameters = parameters
        self.content = content
        self.id = hashlib.sha256(content).hexdigest()[:16]
        context = parameters.context
        key = load_key(context, seal.PublicKey(), content, "the public key")
        self._encryptor = seal.Encryptor(context, key)
        self._encoder = seal.BatchEncoder(context)

    def encrypt(self, counts: Sequence[int]) -> bytes:
        """One ciphertext of at most `slots` counts, each from 0 to below half the modulus."""
        plain, cipher = seal.Plaintext(), seal.Ciphertext(self.parameters.context)
        padding = self.parameters.slots - len(counts)
        self._encoder.encode([*counts, *([0] * padding)], plain)
        self._encryptor.encrypt(plain, cipher)
        return written(cipher)
