import secrets

import numpy as np
import pytest

from aimon.errors import SealedError
from aimon.sealed.seal.adding import total
from aimon.sealed.seal.joint import common, dealt, fused, joint_public, offer, part, secret_of, weights
from aimon.sealed.seal.parameters import CUBE, THRESHOLD
from aimon.sealed.seal.polynomials import Residues, Ring, cipher_polynomials, data_ring, key_ring
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.seal.randomness import FLOODING_BITS, binomial, flooding, ternary
from aimon.sealed.seal.secret import SecretKey

KEYS, DATA = key_ring(THRESHOLD), data_ring(THRESHOLD)
COMMON = secrets.token_bytes(32)
SEEDS = [secrets.token_bytes(32) for _ in range(3)]
COUNTS = np.random.default_rng(1).integers(0, 1_000_000, (20, THRESHOLD.slots))


@pytest.fixture(scope="module")
def public() -> PublicKey:
    return joint_public(THRESHOLD, COMMON, [offer(THRESHOLD, COMMON, seed) for seed in SEEDS])


@pytest.fixture(scope="module")
def added(public: PublicKey) -> bytes:
    return total(THRESHOLD, [public.encrypt(row) for row in COUNTS.tolist()])


def uniform_chance(values: object, low: float, width: float) -> float:
    from scipy.stats import kstest

    return float(kstest(values, "uniform", args=(low, width)).pvalue)


def parts(ciphertext: bytes, seeds: list[bytes]) -> list[Residues]:
    return [part(THRESHOLD, secret_of(THRESHOLD, each), ciphertext, each, "test") for each in seeds]


def test_what_all_sites_open_together_is_exactly_the_sum(added: bytes) -> None:
    counts, room = fused(THRESHOLD, added, parts(added, SEEDS))
    assert counts == COUNTS.sum(axis=0).tolist()
    assert room >= 40


@pytest.mark.parametrize("missing", range(3))
def test_without_one_site_there_is_only_garbage(added: bytes, missing: int) -> None:
    some = [seed for place, seed in enumerate(SEEDS) if place != missing]
    counts, room = fused(THRESHOLD, added, parts(added, some))
    assert room == 0
    assert uniform_chance(np.array(counts) / THRESHOLD.modulus, 0, 1) > 1e-6


def test_the_key_of_one_site_opens_nothing_by_itself(public: PublicKey, added: bytes) -> None:
    assert fused(THRESHOLD, added, parts(added, SEEDS[:1]))[1] == 0
    stranger, _ = SecretKey.generate(THRESHOLD)
    assert stranger.noise_bits(added) == 0


@pytest.mark.parametrize("places", [(1, 2), (1, 3), (2, 3)])
def test_any_two_of_three_open_the_sum_and_any_one_does_not(added: bytes, places: tuple[int, int]) -> None:
    shares = {
        place: KEYS.add(*[dealt(THRESHOLD, secret_of(THRESHOLD, seed), seed, 2, place) for seed in SEEDS])
        for place in places
    }
    made = []
    for place, share in shares.items():
        factors = weights(DATA.primes, places, place)
        made.append(part(THRESHOLD, DATA.scaled(share[: len(DATA.primes)], factors), added, SEEDS[0], str(place)))
    assert fused(THRESHOLD, added, made)[0] == COUNTS.sum(axis=0).tolist()
    for each in made:
        assert fused(THRESHOLD, added, [each])[1] == 0


def test_three_of_five_open_what_two_of_them_cannot() -> None:
    seeds = [secrets.token_bytes(32) for _ in range(5)]
    public = joint_public(THRESHOLD, COMMON, [offer(THRESHOLD, COMMON, seed) for seed in seeds])
    ciphertext = public.encrypt(COUNTS[0].tolist())
    places, made = (1, 4, 5), []
    for place in places:
        share = KEYS.add(*[dealt(THRESHOLD, secret_of(THRESHOLD, seed), seed, 3, place) for seed in seeds])
        weighted = DATA.scaled(share[: len(DATA.primes)], weights(DATA.primes, places, place))
        made.append(part(THRESHOLD, weighted, ciphertext, seeds[0], str(place)))
    assert fused(THRESHOLD, ciphertext, made)[0] == COUNTS[0].tolist()
    assert fused(THRESHOLD, ciphertext, made[:2])[1] == 0


def test_a_part_hides_the_share_under_noise_of_2_to_the_90(added: bytes) -> None:
    secret = secret_of(THRESHOLD, SEEDS[0])
    bare = DATA.product(cipher_polynomials(added)[1], secret[: len(DATA.primes)])
    shown = part(THRESHOLD, secret, added, SEEDS[0], "test")
    noise = np.array(centred(DATA, DATA.add(shown, DATA.negative(bare))), float)
    assert uniform_chance(noise / 2**FLOODING_BITS, -1, 2) > 1e-6
    assert np.abs(noise).max() > 2 ** (FLOODING_BITS - 0.1)


def test_asking_again_gives_the_same_noise_so_that_it_cannot_be_averaged_away(added: bytes) -> None:
    secret = secret_of(THRESHOLD, SEEDS[0])
    first, again, other = (part(THRESHOLD, secret, added, SEEDS[0], purpose) for purpose in ("a", "a", "b"))
    assert (first == again).all()
    assert (first != other).mean() > 0.99


def test_the_joint_key_is_a_sum_that_every_site_computes_alike(public: PublicKey) -> None:
    offers = [offer(THRESHOLD, COMMON, seed) for seed in SEEDS]
    assert joint_public(THRESHOLD, COMMON, offers).content == public.content
    assert joint_public(THRESHOLD, COMMON, offers[::-1]).id == public.id
    assert joint_public(THRESHOLD, COMMON, offers[:2]).id != public.id
    assert (common(THRESHOLD, COMMON) != common(THRESHOLD, SEEDS[0])).mean() > 0.99


def test_an_offer_hides_its_secret_under_an_error() -> None:
    secret, shared = secret_of(THRESHOLD, SEEDS[0]), common(THRESHOLD, COMMON)
    told = offer(THRESHOLD, COMMON, SEEDS[0])
    error = np.array(centred(KEYS, KEYS.negative(KEYS.add(told, KEYS.product(shared, secret)))), float)
    assert 3.0 < error.std() < 3.5
    assert set(centred(KEYS, secret)) == {-1, 0, 1}


def test_polynomials_multiply_as_they_do_by_hand() -> None:
    random = np.random.default_rng(0)
    left = random.integers(-(2**40), 2**40, KEYS.degree).astype(object)
    right = [0] * KEYS.degree
    right[1], right[-1] = 3, -2
    product = centred(KEYS, KEYS.product(KEYS.residues(left), KEYS.residues(right)))
    shifted = [-3 * left[-1], *(3 * left[:-1])]
    wrapped = [*(2 * left[1:]), -2 * left[0]]
    assert product == [int(one + other) for one, other in zip(shifted, wrapped, strict=True)]


def test_random_polynomials_have_their_laws() -> None:
    seed, size = secrets.token_bytes(32), 60_000
    thirds = np.bincount(ternary(seed, "t", size) + 1) / size
    assert np.abs(thirds - 1 / 3).max() < 0.015
    coins = binomial(seed, "b", size)
    assert coins.var() == pytest.approx(10.5, rel=0.05)
    assert abs(coins.mean()) < 0.1
    wide = np.array(flooding(seed, "f", 5000), float)
    assert uniform_chance(wide / 2**FLOODING_BITS, -1, 2) > 1e-6


def test_a_ciphertext_of_another_parameter_set_is_refused() -> None:
    other = SecretKey.generate(CUBE)[1].encrypt([1])
    with pytest.raises(SealedError, match="a ciphertext cannot be read: it is damaged, or of another key or parameter"):
        part(THRESHOLD, secret_of(THRESHOLD, SEEDS[0]), other, SEEDS[0], "test")


def centred(ring: Ring, residues: Residues) -> list[int]:
    half = ring.modulus // 2
    return [each - ring.modulus if each > half else each for each in ring.integers(residues)]
