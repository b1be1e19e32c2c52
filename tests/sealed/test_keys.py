from pathlib import Path

import pytest

from aimon.errors import SealedError
from aimon.profile.count import count_all
from aimon.sealed.backup import backup, restore
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.keys import PUBLIC, SECRET, generate, read_public
from aimon.sealed.layout import Layout
from aimon.sealed.rotation import rotate, secret_for
from aimon.sealed.seal.parameters import CUBE
from tests.sealed.loans import DAY, loans_grid, rows

LAYOUT = Layout(loans_grid(), CUBE)
PASSPHRASE = "four words of some length"


def sealed_with(folder: Path, number: int = 0) -> list[Envelope]:
    encoder = Encoder(LAYOUT, read_public(folder / PUBLIC), model="loans", version="1", sender="a", number=number)
    return [encoder.seal(count_all(LAYOUT.grid, rows(100, 1)), DAY)]


def opened(folder: Path, envelopes: list[Envelope]) -> int:
    total = add(envelopes)
    return DecryptGate(LAYOUT, *secret_for(folder, total.manifest.key_id)).open(total, envelopes).rows


def test_what_was_sealed_under_an_old_key_opens_with_the_old_key_after_two_rotations(tmp_path: Path) -> None:
    first = generate(tmp_path, CUBE)
    before = sealed_with(tmp_path)
    old, second = rotate(tmp_path)
    between = sealed_with(tmp_path)
    older, third = rotate(tmp_path)
    after = sealed_with(tmp_path)
    assert [old, older] == [first.id, second.id]
    assert len({first.id, second.id, third.id}) == 3
    assert [opened(tmp_path, each) for each in (before, between, after)] == [100, 100, 100]
    assert read_public(tmp_path / PUBLIC).id == third.id
    for secret in tmp_path.rglob(SECRET):
        assert secret.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([PUBLIC, SECRET, first.id, second.id])


def test_a_sum_is_never_opened_with_another_key_and_keys_do_not_mix(tmp_path: Path) -> None:
    generate(tmp_path, CUBE)
    before = sealed_with(tmp_path)
    rotate(tmp_path)
    after = sealed_with(tmp_path, 1)
    with pytest.raises(SealedError, match="envelopes of different keys do not add up"):
        add([*before, *after])
    total = add(before)
    with pytest.raises(SealedError, match=r"the aggregate is of key .*, this gate holds key"):
        DecryptGate(LAYOUT, *secret_for(tmp_path / SECRET, total.manifest.key_id)).open(total, before)
    (tmp_path / total.manifest.key_id / SECRET).unlink()
    with pytest.raises(SealedError, match=f"holds no secret key {total.manifest.key_id}; restore it from a copy"):
        opened(tmp_path, before)


def test_a_folder_without_a_pair_is_not_rotated(tmp_path: Path) -> None:
    with pytest.raises(SealedError, match=r"public\.key cannot be read"):
        rotate(tmp_path)
    generate(tmp_path, CUBE)
    (tmp_path / SECRET).unlink()
    with pytest.raises(SealedError, match=r"secret\.key cannot be read"):
        rotate(tmp_path)
    assert (tmp_path / PUBLIC).exists()


def test_a_backup_gives_every_key_back_and_tells_nothing_without_its_passphrase(tmp_path: Path) -> None:
    keys, copy = tmp_path / "keys", tmp_path / "copy"
    generate(keys, CUBE)
    before = sealed_with(keys)
    rotate(keys)
    (keys / "releases.jsonl").write_text("{}\n")
    (keys / "rows.parquet").write_text("not copied")
    content, names = backup(keys, PASSPHRASE)
    assert (keys / SECRET).read_bytes()[60:120] not in content
    assert restore(content, "keys.backup", copy, PASSPHRASE) == names
    assert len(names) == 5
    assert opened(copy, before) == 100
    for name in names:
        assert (copy / name).read_bytes() == (keys / name).read_bytes()
        assert (copy / name).stat().st_mode & 0o777 == 0o600
    with pytest.raises(SealedError, match="is there already; restore into an empty folder"):
        restore(content, "keys.backup", copy, PASSPHRASE)
    with pytest.raises(SealedError, match=r"keys\.backup does not open with this passphrase"):
        restore(content, "keys.backup", tmp_path / "other", PASSPHRASE + "s")
    with pytest.raises(SealedError, match="holds fewer than 12 characters"):
        backup(keys, "short")
    with pytest.raises(SealedError, match=r"keys\.backup was damaged or cut"):
        restore(content[:-40] + bytes(40), "keys.backup", tmp_path / "other", PASSPHRASE)
    with pytest.raises(SealedError, match="holds no key; name the folder"):
        backup(tmp_path / "nowhere", PASSPHRASE)
