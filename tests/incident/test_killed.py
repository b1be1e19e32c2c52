import random
from pathlib import Path

from tests.incident.killed import one_round, points_of_a_clean_run

ROUNDS = 2


def test_killed_anywhere_between_a_failed_check_and_its_delivery_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    points = points_of_a_clean_run(tmp_path / "clean")
    assert points > 50
    died = 0
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        died += one_round(folder, random.Random(number), points)  # noqa: S311 - moments to die at are no secret
    assert died >= ROUNDS
