"""A lake whose rows are encrypted: the same rows as in a plain one, and nothing of them in its files."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from aimon.encryption.datakeys import DataKey, DataKeys
from aimon.encryption.parquet import ENCRYPTED, to_read
from aimon.errors import EncryptionError, LakeError, UserError
from aimon.govern.audit import AuditTrail
from aimon.govern.audit_anchor import Anchor
from aimon.keyring import Key, Keyring
from aimon.lake.lake import Lake
from aimon.profile.ondisk import about_how_many, most_frequent
from aimon.profile.rows import Opened
from aimon.store import Store, data_keys, open_store

DAY = date(2026, 11, 20)
NAME = "Rosalind Franklin"
ROWS = pa.table({"id": ["a", "b", "b", "c"], "who": [NAME, "x", "y", None], "income": [1.5, 2.5, 2.5, None]})
FIRST_OF_EACH = ROWS.take([0, 1, 3])


@pytest.fixture
def ops(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/ops.db") as store:
        yield store


def keys_of(ops: Store, secret: str = "s" * 40, *, encrypting: bool = True) -> DataKeys:
    keyring = Keyring(Key.of(secret))
    trail = AuditTrail(ops, keyring, Anchor(Path(ops.engine.url.database or "").with_name("anchor")))
    return DataKeys(ops, lambda: keyring, lambda: trail.change("system"), encrypting=encrypting)


@pytest.fixture
def keys(ops: Store) -> DataKeys:
    return keys_of(ops)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def lake(folder: Path, keys: DataKeys) -> Lake:
    return Lake(str(folder), keys)


def write(lake: Lake, rows: pa.Table = ROWS) -> None:
    lake.write_day("loans", DAY, rows.to_batches(), rows.schema, id_column="id")


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_the_rows_of_a_day_come_back_and_are_not_in_its_files(lake: Lake, folder: Path, keys: DataKeys) -> None:
    write(lake)

    assert lake.read_day("loans", DAY).read_all().equals(FIRST_OF_EACH)
    assert lake.read_day("loans", DAY, ["income"]).read_all().equals(FIRST_OF_EACH.select(["income"]))
    lake.verify("loans", DAY)
    manifest = lake.manifest("loans", DAY)
    key = keys.sealing("loans")
    assert manifest is not None
    assert key is not None
    assert (manifest.rows, manifest.duplicates, manifest.key) == (3, 1, key.id)
    (file,) = folder.rglob("rows-*.parquet")
    assert file.read_bytes()[:4] == file.read_bytes()[-4:] == ENCRYPTED
    assert b"Rosalind" not in bytes_of(folder)
    assert b"income" not in bytes_of(folder)


def test_protected_columns_have_a_key_that_readers_of_the_others_do_not_need(folder: Path, keys: DataKeys) -> None:
    class OnlyTheOthers(DataKey):
        """The model's key in the hands of somebody who does not have that of its protected attributes."""

        def apart(self) -> Self:
            raise EncryptionError("protected")

    rows = ROWS.append_column("list", pa.array([[{"x": 1}], [], None, [{"x": 2}]]))
    lake = Lake(str(folder), keys, lambda model: ("who", "absent") if model == "loans" else ())
    write(lake, rows)
    assert lake.read_day("loans", DAY).read_all().equals(rows.take([0, 1, 3]))
    assert most_frequent(Opened([], files=[lake.day_file("loans", DAY)]), "who", 1)[0][1] == 1
    assert b"Rosalind" not in bytes_of(folder)

    own = keys.sealing("loans")
    assert own is not None
    others = OnlyTheOthers(own.id, own.model, own.secret)
    held = parquet.ParquetFile(lake.day_path("loans", DAY), decryption_properties=to_read(lambda _: others))
    assert held.read(["id", "income", "list"]).num_rows == 3
    with pytest.raises((OSError, EncryptionError)):
        held.read(["who"])


def test_a_column_whose_name_cannot_be_told_leaves_a_day_with_one_key(folder: Path, keys: DataKeys) -> None:
    rows = ROWS.append_column("a:b, c;", pa.array([1, 2, 3, 4]))
    lake = Lake(str(folder), keys, lambda _: ("who",))
    write(lake, rows)

    assert lake.read_day("loans", DAY).read_all().equals(rows.take([0, 1, 3]))
    assert b"Rosalind" not in bytes_of(folder)


def test_a_day_is_extended_without_ever_being_plain(lake: Lake, folder: Path) -> None:
    write(lake)
    more = pa.table({"id": ["c", "d"], "who": ["z", NAME], "income": [9.0, 4.0]})
    lake.extend_day("loans", DAY, more.to_reader(), id_column="id")

    assert lake.read_day("loans", DAY, ["id"]).read_all()["id"].to_pylist() == ["a", "b", "c", "d"]
    assert b"Rosalind" not in bytes_of(folder)


def test_the_same_rows_are_other_bytes_but_the_same_digest_under_one_key(lake: Lake) -> None:
    found = []
    for rows in (ROWS, ROWS, ROWS.slice(0, 3)):
        write(lake, rows)
        found.append(lake.manifest("loans", DAY))
    first, again, fewer = (manifest for manifest in found if manifest is not None)

    assert first.sha256 != again.sha256
    assert first.rows_digest == again.rows_digest != fewer.rows_digest


def test_samples_and_quarantined_rows_are_encrypted_and_counts_are_not(lake: Lake, folder: Path) -> None:
    lake.write_table(f"samples/model=loans/date={DAY}.parquet", ROWS)
    lake.write_bytes(f"samples/model=loans/date={DAY}/evidently.html", NAME.encode())
    lake.write_table(f"quarantine/model=loans/date={DAY}/part-000000.parquet", ROWS)

    assert lake.read_table(f"samples/model=loans/date={DAY}.parquet", ["id"]).equals(ROWS.select(["id"]))
    assert lake.read_table(f"quarantine/model=loans/date={DAY}/part-000000.parquet").equals(ROWS)
    assert lake.read_bytes(f"samples/model=loans/date={DAY}/evidently.html").decode() == NAME
    assert b"Rosalind" not in bytes_of(folder)
    lake.write_bytes("reports/model=loans/date=2026-11-20/report.html", b"for everybody")
    assert b"for everybody" in bytes_of(folder)


def test_days_from_before_are_read_beside_encrypted_ones(lake: Lake, folder: Path, ops: Store) -> None:
    off = keys_of(ops, encrypting=False)
    before = Lake(str(folder), off)
    before.write_day("loans", date(2026, 11, 19), ROWS.to_batches(), ROWS.schema, id_column="id")
    before.write_table("samples/model=loans/date=2026-11-19.parquet", ROWS)
    write(lake)

    for each in (before, lake):  # and switched off again, what is encrypted is still read
        assert each.read_day("loans", date(2026, 11, 19)).read_all().equals(FIRST_OF_EACH)
        assert each.read_day("loans", DAY).read_all().equals(FIRST_OF_EACH)
        assert each.read_table("samples/model=loans/date=2026-11-19.parquet").equals(ROWS)
    files = [lake.day_file("loans", date(2026, 11, 19)), lake.day_file("loans", DAY)]
    assert most_frequent(Opened([], files=files), "who", 1) == [(NAME, 2)]


def test_duckdb_is_given_the_column_and_no_key(lake: Lake) -> None:
    many = pa.table({"id": [str(each) for each in range(5_000)], "who": [f"n{each % 70}" for each in range(5_000)]})
    write(lake, many)
    opened = Opened([], files=[lake.day_file("loans", DAY)])

    assert most_frequent(opened, "who", 2) == [("n0", 72), ("n1", 72)]
    assert about_how_many(opened, "who") == pytest.approx(70, rel=0.25)


def test_large_days_are_read_by_row_groups(lake: Lake) -> None:
    rows = pa.table({"id": np.arange(300_000).astype(str), "x": np.random.default_rng(1).normal(size=300_000)})
    write(lake, rows)

    assert lake.day_file("loans", DAY).metadata().num_row_groups == 3
    assert lake.read_day("loans", DAY).read_all().equals(rows)


def test_without_the_secret_or_the_keys_reading_is_refused_in_one_sentence(
    lake: Lake, folder: Path, ops: Store
) -> None:
    write(lake)
    other = Lake(str(folder), keys_of(ops, "t" * 40))

    with pytest.raises(
        EncryptionError, match=r"^loans: the key [0-9a-f]{16} was wrapped by the secret [0-9a-f]{16}, wh"
    ):
        other.read_day("loans", DAY)
    with pytest.raises(LakeError, match=r"is encrypted and cannot be read without the project's keys$"):
        Lake(str(folder)).read_day("loans", DAY)


def test_destroying_the_keys_of_a_model_destroys_its_rows_and_no_others(lake: Lake, ops: Store) -> None:
    write(lake)
    lake.write_day("fraud", DAY, ROWS.to_batches(), ROWS.schema, id_column="id")
    with ops.transaction() as connection:
        data_keys.destroy(connection, "loans")

    with pytest.raises(EncryptionError, match=r"was destroyed on .*; what it encrypted cannot be read any more$"):
        lake.read_day("loans", DAY)
    assert lake.read_day("fraud", DAY).read_all().equals(FIRST_OF_EACH)
    write(lake)  # materialised again from its source, by a new key
    assert lake.read_day("loans", DAY).read_all().equals(FIRST_OF_EACH)


def test_a_day_whose_key_is_gone_still_expires(lake: Lake, ops: Store, folder: Path) -> None:
    write(lake)
    with ops.transaction() as connection:
        data_keys.destroy(connection, "loans")

    lake.expire_day("loans", DAY)
    assert lake.tombstone("loans", DAY) is not None
    assert list(folder.rglob("rows-*.parquet")) == []


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_an_encrypted_file_that_was_changed_is_refused(lake: Lake, place: float) -> None:
    write(lake)
    file = Path(lake.day_path("loans", DAY))
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1
    file.write_bytes(content)

    with pytest.raises((OSError, pa.ArrowException, UserError, UnicodeDecodeError)):
        lake.read_day("loans", DAY).read_all()
