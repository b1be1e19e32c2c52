from datetime import date
from pathlib import Path

import pytest

from aimon.clock import DAY, today
from aimon_pipelines.partitions import MOST_PARTITIONS, count_model_files, first_partition_day, model_days

LAST = date(2026, 11, 20)


@pytest.mark.parametrize(("models", "days"), [(0, 730), (1, 730), (136, 730), (137, 729), (500, 200), (5_000, 20)])
def test_the_first_day_keeps_models_times_days_within_what_dagster_can_show(models: int, days: int) -> None:
    first = first_partition_day(models, LAST)

    assert (LAST - first) / DAY == days - 1
    assert models * days <= MOST_PARTITIONS


def test_model_files_are_counted_without_being_read(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.yaml").write_text("not: [even, yaml")
    (tmp_path / "models" / "b.yml").write_text("")
    (tmp_path / "models" / "notes.txt").write_text("")

    assert count_model_files(tmp_path) == 2
    assert count_model_files(tmp_path / "nowhere") == 0


def test_the_current_day_has_a_partition_so_that_its_slots_can_run(tmp_path: Path) -> None:
    before = today()
    last = model_days(tmp_path).get_partitions_def_for_dimension("date").get_last_partition_key()

    assert before.isoformat() <= last <= today().isoformat()
