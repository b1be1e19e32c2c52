"""Whatever kills a writer, and whenever: the lake holds the old day or the new one, and the rest is cleaned up."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from aimon.errors import ExpiredDayError
from aimon.lake.lake import Lake
from tests.lake.victim import DAY, KEY, NEW, OLD

FOLDER = f"predictions/model=loans/date={DAY}"
DISTINCT = NEW.slice(0, 700)


def victims(lake: Path, act: str, how: str, *sizes: int) -> list[Path]:
    """The lakes that the killed writers left, and the last one, whose writer may have lived."""
    command = [sys.executable, "-m", "tests.lake.victim", str(lake), act, how, *map(str, sizes)]
    subprocess.run(command, check=True, timeout=120)
    left = [path for path in lake.parent.iterdir() if path.name.startswith(f"{lake.name}-")]
    return sorted(left, key=lambda path: int(path.name.rpartition("-")[2]))


def content(folder: Path) -> pa.Table | None:
    """The day as a reader finds it: all of it is checked."""
    lake = Lake(str(folder))
    if lake.manifest("loans", DAY) is None:
        return None
    lake.verify("loans", DAY)
    return lake.read_day("loans", DAY).read_all()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def needed(folder: Path) -> list[str]:
    """The files that a lake with this one day must have, and no other."""
    manifest = Lake(str(folder)).manifest("loans", DAY)
    return [] if manifest is None else [f"{FOLDER}/manifest.json", manifest.path]


@pytest.fixture
def old_day(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    Lake(str(folder)).write_day("loans", DAY, OLD.to_reader())
    return folder


@pytest.fixture
def no_day(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(("act", "new"), [("write", NEW), ("write_without_duplicates", DISTINCT)])
@pytest.mark.parametrize("first", ["old_day", "no_day"])
def test_a_writer_killed_at_any_step_leaves_the_old_day_or_the_new(
    request: pytest.FixtureRequest, act: str, new: pa.Table, first: str
) -> None:
    before = OLD if first == "old_day" else None
    left = victims(request.getfixturevalue(first), act, "steps")
    found = [content(folder) for folder in left]
    assert len(left) > 15
    assert all(table in (before, new) for table in found)
    turn = found.index(new)
    assert 0 < turn < len(found) - 1
    assert all(table == new for table in found[turn:])
    assert any(files(folder) != needed(folder) for folder in left)
    for folder in left:
        Lake(str(folder)).sweep()
        assert files(folder) == needed(folder)


def test_the_next_writer_cleans_up_without_a_sweep(old_day: Path) -> None:
    for folder in victims(old_day, "write", "steps"):
        Lake(str(folder)).write_day("loans", DAY, OLD.slice(1).to_reader())
        assert files(folder) == needed(folder)
        assert content(folder) == OLD.slice(1)


@pytest.mark.parametrize("act", ["write", "write_without_duplicates"])
def test_a_writer_killed_at_any_byte_leaves_the_old_day_or_the_new(old_day: Path, act: str) -> None:
    size = max(path.stat().st_size for path in old_day.rglob("rows-*"))
    whole = Lake(str(old_day.parent / "measured")).write_day("loans", DAY, NEW.to_reader()).bytes
    drawn = np.random.default_rng(7).integers(1, whole, 30).tolist()
    ends = [1, 100, 200, 250, 260, 270, 300, size, whole - 1]
    left = victims(old_day, act, "bytes", *{*drawn, *ends, whole})
    found = [content(folder) for folder in left]
    assert all(table in (OLD, NEW, DISTINCT) for table in found)
    assert OLD in found
    for folder in left:
        Lake(str(folder)).sweep()
        assert files(folder) == needed(folder)


def test_expiry_killed_at_any_step_leaves_the_day_or_its_tombstone(old_day: Path) -> None:
    left = victims(old_day, "expire", "steps")
    expired = [Lake(str(folder)).tombstone("loans", DAY) is not None for folder in left]
    assert expired == sorted(expired)
    assert any(expired)
    assert not all(expired)
    for folder, is_expired in zip(left, expired, strict=True):
        lake = Lake(str(folder))
        if is_expired:
            with pytest.raises(ExpiredDayError):
                lake.read_day("loans", DAY)
            lake.sweep()
            assert files(folder) == [f"{FOLDER}/expired.json"]
        else:
            assert content(folder) == OLD


def test_a_sweep_killed_at_any_step_harms_nothing(old_day: Path) -> None:
    rows = next(old_day.rglob("rows-*"))
    for name in (".draft-1", ".draft-2", "rows-000000000000.parquet"):
        (rows.parent / name).write_bytes(rows.read_bytes())
    left = victims(old_day, "sweep", "steps")
    assert len(left) > 5
    for folder in left:
        assert content(folder) == OLD
        Lake(str(folder)).sweep()
        assert files(folder) == needed(folder)


def test_an_artifact_killed_at_any_step_is_the_old_one_or_the_new(tmp_path: Path) -> None:
    Lake(str(tmp_path / "lake")).write_table(KEY, OLD)
    for folder in victims(tmp_path / "lake", "write_artifact", "steps"):
        assert Lake(str(folder)).read_table(KEY) in (OLD, NEW)
        Lake(str(folder)).sweep()
        assert files(folder) == [KEY]


WRITER = """
import sys
from tests.lake.victim import DAY, NEW, OLD
from aimon.lake.lake import Lake
lake = Lake(sys.argv[1])
print("ready", flush=True)
while True:
    for table in (OLD, NEW):
        lake.write_day("loans", DAY, table.to_reader(), id_column="id")
"""


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    with child:
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


def test_writers_killed_at_random_moments_leave_a_whole_day(old_day: Path) -> None:
    moments = np.random.default_rng(11)
    for _ in range(6):
        child = start(WRITER, old_day)
        time.sleep(moments.uniform(0, 0.15))
        kill(child)
        assert content(old_day) in (OLD, DISTINCT)
    Lake(str(old_day)).sweep()
    assert files(old_day) == needed(old_day)


READER = """
import sys
from tests.lake.victim import DAY, NEW, OLD
from aimon.lake.lake import Lake
lake = Lake(sys.argv[1])
print("ready", flush=True)
for _ in range(100):
    assert lake.read_day("loans", DAY).read_all() in (OLD, NEW.slice(0, 700))
"""
SWEEPER = """
import sys
from aimon.lake.lake import Lake
print("ready", flush=True)
while True:
    Lake(sys.argv[1]).sweep()
"""


def test_writers_a_sweeper_and_a_reader_of_one_day_do_not_harm_each_other(old_day: Path) -> None:
    others = [start(code, old_day) for code in (WRITER, WRITER, SWEEPER)]
    with start(READER, old_day) as reader:
        assert reader.wait(timeout=60) == 0
    assert [child.poll() for child in others] == [None] * 3
    for child in others:
        kill(child)
    assert content(old_day) in (OLD, DISTINCT)
    Lake(str(old_day)).sweep()
    assert files(old_day) == needed(old_day)


def test_a_draft_is_left_alone_while_its_writer_lives(old_day: Path) -> None:
    lake = Lake(str(old_day))

    def slow() -> Iterator[pa.RecordBatch]:
        yield from NEW.to_batches()
        assert [path for path in files(old_day) if ".draft-" in path]
        assert lake.sweep() == 0

    lake.write_day("loans", DAY, slow(), NEW.schema)
    assert content(old_day) == NEW


def test_a_full_disk_is_told_and_leaves_the_old_day(old_day: Path) -> None:
    code = """
import resource, signal, sys
from tests.lake.victim import DAY, NEW
from aimon.errors import LakeError
from aimon.lake.lake import Lake
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
try:
    Lake(sys.argv[1]).write_day("loans", DAY, NEW.to_reader())
except LakeError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code, str(old_day)], capture_output=True, text=True, check=True).stdout
    assert (
        said == f"the lake cannot use {old_day / FOLDER}: File too large; check lake_url, free space and permissions\n"
    )
    assert content(old_day) == OLD
    assert files(old_day) == needed(old_day)
