"""The hundred rounds of `tests/incident/test_killed.py`; takes some minutes: `pytest tests/soak/test_killed.py`."""

import random
from pathlib import Path

import pytest

from tests.incident.killed import KILLS, one_round, points_of_a_clean_run

ROUNDS = 100


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> int:
    return points_of_a_clean_run(tmp_path_factory.mktemp("clean"))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_up_to_ten_times_at_random_nothing_is_lost_or_doubled(tmp_path: Path, number: int, points: int) -> None:
    chance = random.Random(1_000 + number)  # noqa: S311 - moments to die at are no secret
    assert one_round(tmp_path, chance, points) <= KILLS
