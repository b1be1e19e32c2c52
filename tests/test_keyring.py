"""Where the secret comes from, and what is derived from it."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from aimon.errors import UserError
from aimon.keyring import Key, open_keyring

SECRET = "a" * 64
EARLIER = "b" * 64


def test_the_environment_gives_the_secret_and_no_file_is_made(tmp_path):
    ring = open_keyring(tmp_path, {"AIMON_SECRET": SECRET, "AIMON_SECRET_PREVIOUS": f"{EARLIER}, {'c' * 32}"})

    assert ring.keys == (Key.of(SECRET), Key.of(EARLIER), Key.of("c" * 32))
    assert list(tmp_path.iterdir()) == []


def test_a_file_may_hold_the_secret(tmp_path):
    (tmp_path / "mounted").write_text(f"{SECRET}\n")

    assert open_keyring(tmp_path, {"AIMON_SECRET_FILE": "mounted"}).current == Key.of(SECRET)


def test_without_a_secret_one_is_made_once_that_only_the_owner_reads(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: open_keyring(tmp_path, {}), range(16)))

    assert len({ring.current for ring in rings}) == 1
    assert stat.S_IMODE((tmp_path / "storage" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "storage").iterdir()] == ["secret"]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"AIMON_SECRET": "short"}, "AIMON_SECRET holds a secret of less than 32 characters"),
        ({"AIMON_SECRET": SECRET, "AIMON_SECRET_PREVIOUS": "old"}, "AIMON_SECRET_PREVIOUS holds a secret of less"),
        ({"AIMON_SECRET_FILE": "nowhere"}, "nowhere: No such file or directory; set AIMON_SECRET instead"),
    ],
)
def test_a_secret_that_is_none_is_refused_without_being_repeated(tmp_path, environment, said):
    with pytest.raises(UserError) as caught:
        open_keyring(tmp_path, environment)

    assert said in str(caught.value)
    assert "short;" not in str(caught.value)


@pytest.mark.parametrize("length", [16, 32, 64])
def test_keys_are_derived_as_rfc_5869_says(length):
    expected = HKDF(SHA256(), length, salt=b"aimon", info=b"tokens").derive(SECRET.encode())

    assert Key.of(SECRET).derived("tokens", length) == expected


def test_a_key_does_not_show_its_secret():
    assert SECRET not in repr(Key.of(SECRET))
    assert Key.of(SECRET).id not in SECRET


def test_the_keyring_says_which_key_sealed_something(tmp_path):
    ring = open_keyring(tmp_path, {"AIMON_SECRET": SECRET, "AIMON_SECRET_PREVIOUS": EARLIER})
    mac = Key.of(EARLIER).mac("x", b"message")

    assert ring.sealer("x", b"message", mac) == Key.of(EARLIER)
    assert ring.sealer("y", b"message", mac) is None
    assert ring.get(Key.of(EARLIER).id) == Key.of(EARLIER)
    assert ring.get("unknown") is None
