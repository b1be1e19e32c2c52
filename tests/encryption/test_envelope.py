from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.encryption.datakeys import DataKey
from aimon.encryption.envelope import MAGIC, is_sealed, key_of, opened, opened_value, sealed, sealed_value
from aimon.errors import EncryptionError

KEY = DataKey("0123456789abcdef", "loans", b"k" * 32)


def find(key_id: str) -> DataKey:
    assert key_id == KEY.id
    return KEY


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_at_its_place_and_tells_nothing_but_its_key(content: bytes) -> None:
    once, again = sealed(KEY, content, "inbox", "loans"), sealed(KEY, content, "inbox", "loans")

    assert opened(find, once, "inbox", "loans") == content
    assert once != again
    assert key_of(once) == KEY.id
    assert len(content) < 8 or content not in once[len(MAGIC) + 16 :]


@given(st.one_of(st.text(max_size=20), st.integers(-(2**40), 2**40), st.floats(allow_nan=False), st.booleans()))
def test_values_come_back_with_their_types(value: Any) -> None:
    lies = sealed_value(KEY, value, "labels", "loans", "a")

    found = opened_value(find, lies, "labels", "loans", "a")
    assert (found, type(found)) == (value, type(value))


def test_what_was_written_before_is_given_back_as_it_is() -> None:
    assert sealed(None, b"plain", "inbox") == b"plain"
    assert opened(find, b"plain", "inbox") == b"plain"
    assert opened_value(find, {"x": 1}, "labels") == {"x": 1}
    assert not is_sealed(b"plain")
    assert key_of(b"plain") is None


@pytest.mark.parametrize("place", [3, 12, 30, -1])
def test_an_envelope_that_was_changed_is_refused(place: int) -> None:
    content = bytearray(sealed(KEY, b"secret", "inbox", "loans"))
    content[place] ^= 1

    if is_sealed(bytes(content)):
        with pytest.raises((EncryptionError, AssertionError)):
            opened(find, bytes(content), "inbox", "loans")
    else:
        assert opened(find, bytes(content), "inbox", "loans") == bytes(content)


def test_an_envelope_that_was_moved_is_refused_in_one_sentence() -> None:
    with pytest.raises(EncryptionError) as refused:
        opened(find, sealed(KEY, b"secret", "labels", "loans", "a"), "labels", "loans", "b")
    assert str(refused.value) == (
        "labels loans b was changed after it was encrypted, or belongs elsewhere; restore it from a backup"
    )
    with pytest.raises(EncryptionError, match="is encrypted and cannot be read without the project's keys"):
        opened(None, sealed(KEY, b"secret", "labels"), "labels")
