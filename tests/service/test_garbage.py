"""The collector leaves alone what stands, and finds what is thrown away later."""

import asyncio
import gc
import weakref

import pytest

from aimon.service import garbage
from aimon.service.garbage import only_new_garbage


class Cycle:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.own = self


def test_the_collector_looks_only_at_what_came_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "SETTLED_SECONDS", 0.05)

    async def inside() -> None:
        with only_new_garbage():
            assert len(gc.get_objects()) < gc.get_freeze_count()
            later = [Cycle() for _ in range(1_000)]
            thrown = weakref.ref(Cycle())
            gc.collect()
            assert thrown() is None
            assert any(each is later[0] for each in gc.get_objects())
            await asyncio.sleep(0.1)
            assert not any(each is later[0] for each in gc.get_objects())

    asyncio.run(inside())

    assert gc.get_freeze_count() == 0
