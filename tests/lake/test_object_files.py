from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import fsspec
import pyarrow as pa
import pytest

from aimon.errors import LakeError
from aimon.lake.lake import Lake
from aimon.lake.object_files import GRACE

DAY = date(2026, 11, 20)
ONE, OTHER = pa.table({"x": [1]}), pa.table({"x": [2, 3]})


@pytest.fixture
def objects() -> Any:
    memory = fsspec.filesystem("memory")
    if memory.exists("/lake"):
        memory.rm("/lake", recursive=True)
    return memory


def test_an_object_nobody_refers_to_is_removed_once_it_is_old(objects: Any) -> None:
    lake = Lake("memory://lake")
    first = lake.write_day("loans", DAY, ONE.to_reader())
    second = lake.write_day("loans", DAY, OTHER.to_reader())
    assert lake.sweep() == 0
    for path in (first.path, second.path):
        objects.store[f"/lake/{path}"].modified -= GRACE + timedelta(seconds=1)
    assert lake.sweep() == 1
    assert lake.read_day("loans", DAY).read_all() == OTHER
    assert sorted(objects.find("/lake")) == sorted(
        f"/lake/{key}" for key in (second.path, f"{second.path.rpartition('/')[0]}/manifest.json")
    )


def test_writers_of_one_day_leave_one_of_their_versions(objects: Any) -> None:
    def write(number: int) -> str:
        table = ONE if number % 2 else OTHER
        return Lake("memory://lake").write_day("loans", DAY, table.to_reader()).sha256

    with ThreadPoolExecutor(4) as pool:
        checksums = set(pool.map(write, range(40)))
    lake = Lake("memory://lake")
    lake.verify("loans", DAY)
    manifest = lake.manifest("loans", DAY)
    assert manifest is not None
    assert manifest.sha256 in checksums
    assert not any(".draft" in name for name in objects.find("/lake"))


def test_a_store_that_refuses_is_told_in_its_own_words(objects: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("403 Forbidden")

    lake = Lake("memory://lake")
    monkeypatch.setattr(type(objects), "put_file", refuse)
    with pytest.raises(LakeError) as refused:
        lake.write_bytes("reports/x", b"")
    assert str(refused.value) == (
        "the lake cannot reach memory://lake/reports/x: 403 Forbidden; check lake_url and access"
    )
