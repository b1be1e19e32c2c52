from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aimon.govern.kinds import LOGS, Kind
from aimon.govern.retention import expire
from aimon.lake.lake import Lake
from aimon.store import Store, expirations
from tests.govern.conftest import NOW, POLICY

KEPT = {Kind.APPLICATION_LOGS: 30, Kind.PRIVACY_LOGS: 7, Kind.SYSTEM_LOGS: 90}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Files of every category at the edge of what is kept, and something that is no log of a day."""
    folder = tmp_path / "logs"
    for kind, days in KEPT.items():
        (folder / LOGS[kind]).mkdir(parents=True)
        for age in (0, days, days + 1):
            day = NOW.date() - timedelta(age)
            (folder / LOGS[kind] / f"{day}.jsonl").write_text('{"event": "a"}\n{"event": "b"}\n')
        (folder / LOGS[kind] / "notes.jsonl").write_text("mine\n")
    return folder


def left(logs: Path, kind: Kind) -> set[str]:
    return {path.stem for path in (logs / LOGS[kind]).iterdir()}


def test_each_category_is_kept_for_its_own_time(lake: Lake, store: Store, logs: Path) -> None:
    found = expire(lake, store, POLICY, NOW, logs=logs)

    for kind, days in KEPT.items():
        kept = {str(NOW.date() - timedelta(age)) for age in (0, days)}
        assert left(logs, kind) == kept | {"notes"}
    assert [(one.kind, one.model, one.rows, one.files, one.bytes) for one in found.expired] == [
        (kind.value, "", 2, 1, 30) for kind in KEPT
    ]
    with store.session() as connection:
        assert {one.kind for one in expirations.query(connection) if one.deleted_at} == {kind.value for kind in KEPT}


def test_a_trial_deletes_nothing(lake: Lake, store: Store, logs: Path) -> None:
    assert len(expire(lake, store, POLICY, NOW, logs=logs, dry_run=True).expired) == 3
    assert all(len(left(logs, kind)) == 4 for kind in KEPT)


def test_a_run_that_was_killed_between_deleting_and_telling_is_finished(lake: Lake, store: Store, logs: Path) -> None:
    planned = expire(lake, store, POLICY, NOW, logs=logs, dry_run=True).expired[0]
    with store.transaction() as connection:
        expirations.announce(connection, planned)
    (logs / LOGS[Kind(planned.kind)] / f"{planned.day}.jsonl").unlink()

    found = expire(lake, store, POLICY, NOW, logs=logs).expired

    assert replace(found[0], id=0, planned_at=NOW, deleted_at=NOW).sha256 == planned.sha256
    assert len(found) == 3
    with store.session() as connection:
        assert expirations.pending(connection) == []
