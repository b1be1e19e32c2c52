"""What the platform changes by itself is in the audit log, as what people change is."""

import json
from datetime import timedelta

from sqlalchemy import update

from aimon.clock import day_end
from aimon.daily.ingest import ingest
from aimon.daily.reference import ensure_reference
from aimon.daily.registry import register_models
from aimon.govern.audit import AuditTrail, open_trail
from aimon.govern.deletions import digest, seal_deletions
from aimon.govern.retention import expire
from aimon.platform import Platform, open_platform
from aimon.store import expirations
from aimon.store.tables.retention import expirations as table
from tests.tiny_project import FIRST


def trail_of(platform: Platform) -> AuditTrail:
    return open_trail(platform.project.settings, platform.store)


def told(platform: Platform) -> list[tuple[str, str, str]]:
    """Who did what to what, the first first."""
    assert trail_of(platform).verify().ok
    return [(row.actor, row.action, row.subject) for row in reversed(trail_of(platform).rows())]


def test_a_model_that_is_declared_changed_or_retired_is_recorded_once(platform: Platform) -> None:
    for _ in range(2):
        register_models(platform)
    file = platform.root / "models" / "alpha.yaml"
    file.write_text(file.read_text() + "retired: true\n")
    with open_platform(platform.root) as again:
        register_models(again)
        newest = trail_of(again).rows()[0]

    assert told(platform) == [("aimon", "model.added", "alpha"), ("aimon", "model.changed", "alpha")]
    assert json.loads(newest.detail)["retired"] is True


def test_the_baseline_that_a_model_file_asks_for_is_recorded(platform: Platform) -> None:
    reference = ensure_reference(platform, platform.model("alpha"))
    ensure_reference(platform, platform.model("alpha"))

    assert told(platform) == [("aimon", "baseline.activate", "alpha")]
    detail = json.loads(trail_of(platform).rows()[0].detail)
    assert (detail["baseline"], detail["sha256"]) == (reference.baseline_id, reference.sha256)


def test_what_retention_deleted_is_sealed_also_what_a_killed_run_deleted(platform: Platform) -> None:
    spec, retention, trail = platform.model("alpha"), platform.project.settings.retention, trail_of(platform)
    for offset in range(2):
        ingest(platform, spec, FIRST + timedelta(offset), day_end(FIRST + timedelta(offset)))
    assert seal_deletions(trail, "aimon") == 0
    expire(platform.lake, platform.store, retention, day_end(FIRST) + retention.predictions)  # and then it was killed
    expire(platform.lake, platform.store, retention, day_end(FIRST + timedelta(1)) + retention.predictions)

    assert seal_deletions(trail, "aimon") == 2
    assert seal_deletions(trail, "aimon") == 0
    assert told(platform) == [("aimon", "retention.delete", "retention")]
    detail = json.loads(trail.rows()[0].detail)
    assert (detail["deletions"], detail["kinds"], detail["since"]) == (2, {"predictions": 2}, None)


def test_evidence_that_was_changed_afterwards_no_longer_has_the_digest(platform: Platform) -> None:
    spec, retention, trail = platform.model("alpha"), platform.project.settings.retention, trail_of(platform)
    ingest(platform, spec, FIRST, day_end(FIRST))
    expire(platform.lake, platform.store, retention, day_end(FIRST) + retention.predictions)
    seal_deletions(trail, "aimon")
    sealed = json.loads(trail.rows()[0].detail)["sha256"]

    def now() -> str:
        with platform.store.session() as connection:
            return digest(expirations.carried_out(connection, after=None))

    assert now() == sealed
    with platform.store.transaction() as connection:
        connection.execute(update(table).values(rows=1))
    assert now() != sealed
