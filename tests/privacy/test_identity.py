import pytest

from aimon.errors import UserError
from aimon.privacy.identity import HashKeys

NEW, OLD = "2026b:" + "n" * 32, "2026a:" + "o" * 32


def keys(*written: str) -> HashKeys:
    return HashKeys.from_environment({"AIMON_HASH_KEYS": ",".join(written)})


def test_the_same_person_has_the_same_hash_under_the_same_key_only() -> None:
    assert keys(NEW).hash("ann") == keys(NEW).hash("ann")
    assert len({keys(NEW).hash("ann"), keys(NEW).hash("bob"), keys(OLD).hash("ann")}) == 3
    assert "ann" not in keys(NEW).hash("ann")


def test_after_a_rotation_old_hashes_are_recognised_until_their_key_is_gone() -> None:
    before = keys(OLD).hash("ann")
    assert keys(NEW, OLD).hash("ann").startswith("2026b:")
    assert keys(NEW, OLD).matches("ann", before)
    assert not keys(NEW, OLD).matches("bob", before)
    assert not keys(NEW).matches("ann", before)


def test_without_keys_hashes_link_within_the_process_alone() -> None:
    one, other = HashKeys.from_environment({}), HashKeys.from_environment({})
    assert one.hash("ann") == one.hash("ann") != other.hash("ann")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("abc", "AIMON_HASH_KEYS: key 1 has no name; write name:secret, such as 2026a:..., parted by commas"),
        (
            "a:short",
            "AIMON_HASH_KEYS: the secret of key a is shorter than 16 characters; take one from `openssl rand -hex 32`",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_explained_without_repeating_it(written: str, sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        keys(written)
    assert str(raised.value) == sentence


def test_a_secret_does_not_print() -> None:
    assert "n" * 32 not in repr(keys(NEW))
