"""Making keys and decrypting: for the owner's machine alone. In: ciphertexts. Out: counts, and how sound they are."""

import hashlib
from dataclasses import dataclass
from typing import Self

import tenseal.sealapi as seal

from aimon.sealed.seal.adding import FRESH, loaded
from aimon.sealed.seal.octets import load_key, written
from aimon.sealed.seal.parameters import Parameters
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.seal.real import RealParameters, RealPublicKey, rotations

LARGEST_PRODUCT = FRESH + 2


def _derived(purpose: bytes, content: bytes) -> bytes:
    return hashlib.sha256(purpose + content).digest()


class SecretKey:
    """Decrypts. `content` is the key itself: never send, log or store it beside the data."""

    def __init__(self, parameters: Parameters, content: bytes) -> None:
        self.parameters = parameters
        self.content = content
        context = parameters.context
        self._decryptor = seal.Decryptor(context, load_key(context, seal.SecretKey(), content, "the secret key"))
        self._encoder = seal.BatchEncoder(context)

    def __repr__(self) -> str:
        return f"SecretKey({self.parameters.name!r})"

    @property
    def ledger_key(self) -> bytes:
        """A key of its own for the owner's ledger, which tells nothing of this one."""
        return _derived(b"aimon ledger\n", self.content)

    @property
    def noise_key(self) -> bytes:
        """What the noise of released counts is drawn from: whoever has it has the key, and needs no release."""
        return _derived(b"aimon noise\n", self.content)

    @classmethod
    def generate(cls, parameters: Parameters) -> tuple[Self, PublicKey]:
        """A new pair, drawn from the operating system's randomness by SEAL."""
        generator, public = seal.KeyGenerator(parameters.context), seal.PublicKey()
        generator.create_public_key(public)
        return cls(parameters, written(generator.secret_key())), PublicKey(parameters, written(public))

    def noise_bits(self, ciphertext: bytes) -> int:
        """How many bits of room are left; at 0 the counts are garbage."""
        return int(self._decryptor.invariant_noise_budget(loaded(self.parameters, ciphertext, LARGEST_PRODUCT)))

    def decrypt(self, ciphertext: bytes) -> list[int]:
        """The counts, each modulo the modulus."""
        plain = seal.Plaintext()
        self._decryptor.decrypt(loaded(self.parameters, ciphertext, LARGEST_PRODUCT), plain)
        return [int(count) for count in self._encoder.decode_uint64(plain)]


@dataclass(frozen=True, slots=True)
class RealKeys:
    """A CKKS pair with what a server needs to multiply and rotate."""

    secret: "RealSecretKey"
    public: RealPublicKey
    relinearization: bytes
    galois: bytes


class RealSecretKey:
    """Decrypts real numbers. `content` is the key itself: never send, log or store it beside the data."""

    def __init__(self, parameters: RealParameters, content: bytes) -> None:
        self.parameters = parameters
        self.content = content
        context = parameters.context
        self._decryptor = seal.Decryptor(context, load_key(context, seal.SecretKey(), content, "the secret key"))
        self._encoder = seal.CKKSEncoder(context)

    def __repr__(self) -> str:
        return f"RealSecretKey({self.parameters.name!r})"

    @property
    def ledger_key(self) -> bytes:
        """A key of its own for the owner's ledger, which tells nothing of this one."""
        return _derived(b"aimon ledger\n", self.content)

    @property
    def noise_key(self) -> bytes:
        """What the steps of told scores are drawn from."""
        return _derived(b"aimon noise\n", self.content)

    def decrypt(self, ciphertext: bytes) -> list[float]:
        """The number in each slot, about."""
        plain = seal.Plaintext()
        self._decryptor.decrypt(loaded(self.parameters, ciphertext), plain)
        return [float(value) for value in self._encoder.decode_double(plain)]


def generate_real(parameters: RealParameters, block: int) -> RealKeys:
    """New keys; the server's allow sums over blocks of slots of this size."""
    generator, public = seal.KeyGenerator(parameters.context), seal.PublicKey()
    relin, galois = seal.RelinKeys(), seal.GaloisKeys()
    generator.create_public_key(public)
    generator.create_relin_keys(relin)
    turns = [pow(3, step, 2 * parameters.degree) for step in rotations(block, parameters.slots)]
    generator.create_galois_keys(turns, galois)
    secret = RealSecretKey(parameters, written(generator.secret_key()))
    return RealKeys(secret, RealPublicKey(parameters, written(public)), written(relin), written(galois))
