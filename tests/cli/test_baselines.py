from datetime import date, timedelta
from pathlib import Path

import pytest

from aimon.clock import instant
from aimon.daily.model_day import ModelDay
from aimon.govern.audit import open_trail
from aimon.metrics.metric import Family
from aimon.platform import open_platform
from aimon.store import baselines, records
from aimon.store.baselines import Status
from tests.cli.conftest import Aimon
from tests.tiny_project import FIRST, tiny_project

LAST = FIRST + timedelta(3)
PERIOD = ("--from", "2026-11-01", "--to", "2026-11-02", "--reason", "after the rate change")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "tiny", days=4)


def judge(root: Path, day: date = LAST) -> str:
    """Read, count and judge a day; the baseline it was compared with."""
    with open_platform(root) as platform:
        work = ModelDay(platform, platform.model("alpha"), day, as_of=instant("2026-11-06T00:00:00Z"))
        work.ingest()
        work.count()
        work.judge(Family.DRIFT)
        return work.reference.baseline_id


def created(aimon: Aimon, root: Path, *more: str) -> str:
    """A proposed baseline's id."""
    ended = aimon("-C", str(root), "baselines", "create", "alpha", *PERIOD, *more)
    assert ended.code == 0, ended.err
    return str(ended.out.split()[0])


def test_a_period_becomes_the_baseline_once_it_is_approved_and_activated(aimon: Aimon, root: Path) -> None:
    before = judge(root, FIRST)
    judge(root, FIRST + timedelta(1))
    made = created(aimon, root)

    refused = aimon("-C", str(root), "baselines", "activate", "alpha", made, "--reason", "now")
    approved = aimon("-C", str(root), "baselines", "approve", "alpha", made, "--reason", "looked at")
    active = aimon("-C", str(root), "baselines", "activate", "alpha", made, "--reason", "now")

    assert (refused.code, approved.code, active.code) == (2, 0, 0)
    assert f"the baseline {made} of alpha is not approved" in refused.err
    assert active.out == f"{made} is active.\n"
    assert judge(root) == made
    with open_platform(root) as platform, platform.store.session() as connection:
        known = {each.id: each for each in baselines.of_model(connection, "alpha")}
        kept = records.query(connection, model="alpha", since=FIRST, until=FIRST)
        trail = open_trail(platform.project.settings, platform.store)
    assert {each.id: each.status for each in known.values()} == {before: Status.ARCHIVED, made: Status.ACTIVE}
    assert known[made].rows == 800
    assert known[made].approved_by is not None
    assert known[made].approved_by.startswith("cli:")
    assert {record.baseline_id for record in kept} == {before}
    acts = [(row.actor.partition(":")[0], row.action) for row in trail.rows() if row.action.startswith("baseline.")]
    own = ("aimon", "baseline.activate")  # the one that the model's file asked for
    assert sorted(acts) == [own, ("cli", "baseline.activate"), ("cli", "baseline.approve"), ("cli", "baseline.propose")]


def test_a_baseline_on_the_models_grid_needs_no_recount_and_a_new_grid_recounts_what_is_there(
    aimon: Aimon, root: Path
) -> None:
    for number in range(4):
        judge(root, FIRST + timedelta(number))
    with open_platform(root) as platform:
        platform.lake.expire_day("alpha", LAST)
    made = created(aimon, root, "--new-grid")
    aimon("-C", str(root), "baselines", "approve", "alpha", made, "--reason", "looked at")

    ended = aimon("-C", str(root), "baselines", "activate", "alpha", made, "--reason", "now")

    assert ended.out == (
        f"{made} is active. Its grid is new: 3 days were counted again, 1 have expired and stay on the old one.\n"
    )
    with open_platform(root) as platform:
        grid_id = made.rpartition("-")[2]
        of_days = [platform.profiles.day("alpha", FIRST + timedelta(number)) for number in range(4)]
        grids = [profile.grid_id for profile in of_days if profile is not None]
    assert grids[:3] == [grid_id] * 3
    assert grids[3] != grid_id


def test_the_rows_must_be_named_one_way(aimon: Aimon, root: Path) -> None:
    ended = aimon("-C", str(root), "baselines", "create", "alpha", "--from", "2026-11-01", "--reason", "x")

    assert ended.code == 2
    assert "name the reference rows with --from D and --to D, or with --path FILE" in ended.err


def test_what_does_not_change_the_declaration_leaves_an_activated_baseline_active(aimon: Aimon, root: Path) -> None:
    judge(root, FIRST)
    made = created(aimon, root)
    aimon("-C", str(root), "baselines", "approve", "alpha", made, "--reason", "looked at")
    aimon("-C", str(root), "baselines", "activate", "alpha", made, "--reason", "now")
    file = root / "models" / "alpha.yaml"
    file.write_text(file.read_text() + "thresholds: {psi: {warning: 0.3, critical: 0.5}}\n")

    assert judge(root) == made
    file.write_text(file.read_text() + "version: '2'\n")
    assert judge(root) != made
    refused = aimon("-C", str(root), "baselines", "activate", "alpha", made, "--reason", "back")
    assert refused.code == 2
    assert "was made for another declaration of alpha" in refused.err
