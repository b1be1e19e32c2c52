import sqlite3
from pathlib import Path

import pytest

from aimon.errors import SealedError
from aimon.govern.audit import AuditTrail, open_trail
from aimon.govern.sealed import ADDED, check_noted, note_sum, subject_of
from aimon.sealed.evaluator import Manifest
from aimon.spec.settings import Settings
from aimon.store import open_store

MANIFEST = Manifest(
    model="loans",
    key_id="0" * 16,
    layout_id="1" * 16,
    parameters="cube",
    inputs=tuple(f"{place:064x}" for place in range(2_000)),
    rows=5_000,
    present=("column:income",),
    digests=("a" * 64,),
)


@pytest.fixture
def trail(tmp_path: Path) -> AuditTrail:
    (tmp_path / "aimon.yaml").touch()
    settings = Settings(root=tmp_path)
    trail = open_trail(settings, open_store(settings.database_url, tmp_path))
    with trail.change("program:evaluator") as change:
        note_sum(change, MANIFEST)
    return trail


def test_a_sum_of_any_number_of_envelopes_is_pinned_by_one_record(trail: AuditTrail) -> None:
    (row,) = trail.rows(action=ADDED)
    assert row.subject == subject_of(MANIFEST) == f"sealed-sum:{MANIFEST.id}"
    assert '"cut"' not in row.detail
    assert check_noted(trail, MANIFEST).sequence == 1


@pytest.mark.parametrize(
    "changed",
    [{"rows": 5_001}, {"inputs": MANIFEST.inputs[1:]}, {"digests": ("b" * 64,)}, {"model": "cards"}, {"present": ()}],
)
def test_a_manifest_that_was_changed_since_is_found(trail: AuditTrail, changed: dict[str, object]) -> None:
    other = MANIFEST.model_copy(update=changed)
    with pytest.raises(SealedError, match=f"no record of the manifest {other.id[:16]}: it was changed"):
        check_noted(trail, other)


@pytest.mark.parametrize("field", ["detail", "subject", "actor", "mac", "instant"])
def test_one_flipped_byte_of_a_record_is_named(trail: AuditTrail, tmp_path: Path, field: str) -> None:
    path = next(tmp_path.rglob("*.db"), None) or next(tmp_path.rglob("*.sqlite*"))
    with sqlite3.connect(path) as database:
        (text,) = database.execute(f"SELECT {field} FROM audit_chain").fetchone()  # noqa: S608 - our own columns
        flipped = text[:10] + chr(ord(text[10]) ^ 1) + text[11:]
        database.execute(f"UPDATE audit_chain SET {field} = ?", (flipped,))  # noqa: S608
    with pytest.raises(SealedError, match="the audit log does not prove anything: record 1 was changed after it was"):
        check_noted(trail, MANIFEST)
