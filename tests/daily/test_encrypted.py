"""A platform whose rows are encrypted finds what a plain one finds."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from aimon.clock import day_end
from aimon.daily.ingest import ingest
from aimon.daily.labels import relabel
from aimon.daily.sampled import day_sample
from aimon.encryption import envelope
from aimon.encryption.datakeys import DataKey
from aimon.errors import EncryptionError
from aimon.intake.collector import Inbox
from aimon.intake.delivery import Delivery, Sorting
from aimon.intake.facts import Facts
from aimon.intake.group_commit import GroupCommit
from aimon.platform import Platform, open_platform
from aimon.store import records
from aimon.store.tables import inbox, labels
from aimon.store.words import Label
from tests.daily.test_model_day import whole
from tests.intake.test_group_commit import Counting
from tests.tiny_project import FIRST, ROWS, tiny_project

AS_OF = day_end(FIRST)
COLLECTED = """\
model: collected
task: binary
source: {kind: collector}
columns: {id: id, timestamp: at, prediction: decision, label: label, protected: [faith]}
"""


def compared_with_its_first_day(root: Path) -> None:
    """The baseline is a day of the lake, so that reference rows are encrypted too."""
    file = root / "models" / "alpha.yaml"
    rest, _, _ = file.read_text().partition("baseline:")
    file.write_text(f"{rest}baseline: {{from: {FIRST}, to: {FIRST}}}\n")


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Platform]:
    root = tiny_project(tmp_path / "encrypted", days=4)
    settings = root / "aimon.yaml"
    settings.write_text(settings.read_text() + "\nencrypt_rows: true\n")
    (root / "models" / "collected.yaml").write_text(COLLECTED)
    compared_with_its_first_day(root)
    with open_platform(root) as opened:
        yield opened


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Platform]:
    root = tiny_project(tmp_path / "plain", days=4)
    compared_with_its_first_day(root)
    with open_platform(root) as opened:
        yield opened


def test_a_day_gives_the_same_records_and_no_row_lies_readable(encrypted: Platform, plain: Platform) -> None:
    found = []
    for platform in (encrypted, plain):
        whole(platform)
        with platform.store.session() as connection:
            stored = records.query(connection, model="alpha", since=FIRST, until=FIRST)
        found.append([(each.window, each.metric, each.column, each.value, each.verdict) for each in stored])

    assert len(found[0]) > 100
    assert found[0] == found[1]
    folders = [encrypted.root / "storage/lake" / name for name in ("predictions", "samples")]
    files = [file for folder in folders for file in folder.rglob("*.parquet")]
    assert files
    assert {file.read_bytes()[:4] for file in files} == {b"PARE"}
    assert day_sample(encrypted, encrypted.model("alpha"), FIRST) is not None
    assert day_sample(encrypted, encrypted.model("alpha"), FIRST).rows == ROWS  # type: ignore[union-attr]


def test_doing_a_day_again_changes_none_of_its_versions(encrypted: Platform) -> None:
    first = whole(encrypted).data_version
    sample = day_sample(encrypted, encrypted.model("alpha"), FIRST)

    assert whole(encrypted).data_version == first
    again = day_sample(encrypted, encrypted.model("alpha"), FIRST)
    assert sample is not None
    assert again is not None
    assert sample.origin == again.origin


def test_parcels_and_labels_lie_encrypted_and_are_joined(encrypted: Platform) -> None:
    sorting, spec = Sorting(), encrypted.model("collected")
    for name in ("a", "b"):
        at = int(day_end(FIRST).timestamp() - 3_600) * 1_000_000
        sorting.add(
            "collected", FIRST, (name, at, "1", {"decision": 1, "city": "Gotham"}, {"faith": "Jedi"}), Facts("1", 0)
        )
    send(encrypted, Delivery(parts=list(sorting.parts())))
    said = [Label(model="collected", id="a", source=who, label="yes", timestamp=AS_OF) for who in ("x", "y")]
    said.append(Label(model="collected", id="b", source="x", label="no", timestamp=AS_OF))
    send(encrypted, Delivery(labels=said))

    database = (encrypted.root / "storage" / "aimon.db").read_bytes()
    journal = encrypted.root / "storage" / "aimon.db-wal"
    database += journal.read_bytes() if journal.exists() else b""
    with encrypted.store.session() as connection:
        (content,) = connection.execute(inbox.select()).mappings()
        lies = [row.label for row in connection.execute(labels.select())]
        own = encrypted.keys.sealing("collected")
        assert own is not None
        assert content["content"].startswith(b"aimon\x00E1")
        assert b"Jedi" in packed(content["protected"], own.apart(), "inbox protected")
        for other in ("inbox", "inbox protected"):
            with pytest.raises(EncryptionError):
                packed(content["protected"], own, other)
        assert all(set(label) == {"aimon:encrypted"} for label in lies)
    assert b"Gotham" not in database
    assert b"Jedi" not in database
    rows = Inbox(encrypted.store.engine, "collected", keys=encrypted.keys).rows().read_all()
    assert rows["city"].to_pylist() == ["Gotham", "Gotham"]
    assert rows["faith"].to_pylist() == ["Jedi", "Jedi"]
    ingest(encrypted, spec, FIRST, day_end(FIRST).replace(year=2099))
    assert relabel(encrypted, spec, FIRST, day_end(FIRST).replace(year=2099)) == 0
    kept = encrypted.lake.read_day("collected", FIRST, ["id", "label", "faith"]).read_all()
    assert kept.to_pydict() == {"id": ["a", "b"], "label": ["yes", "no"], "faith": ["Jedi", "Jedi"]}


def packed(content: bytes, key: DataKey, place: str) -> bytes:
    """What lies in an envelope, read as lines of JSON."""
    lying = envelope.opened(lambda _: key, content, place, "collected")
    lines: bytes = pa.decompress(lying[8:], int.from_bytes(lying[:8], "big"), "zstd", asbytes=True)
    return lines


def send(platform: Platform, delivery: Delivery) -> None:
    """What the collector does with what it accepted."""
    writer = GroupCommit(platform.store, Counting(), platform.keys)
    try:
        writer.submit(delivery).result(10)
    finally:
        writer.close()
