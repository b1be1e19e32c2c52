"""One pass over rows by several threads. In: rows, and how a worker takes a block. Out: the workers, to be merged."""

import os
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aimon.profile.blocks import Block
from aimon.profile.rows import Rows

MOST_THREADS = 8
Worker = TypeVar("Worker")


def one_pass(
    rows: Rows, categories: Collection[str], start: Callable[[], Worker], take: Callable[[Worker, Block], None]
) -> list[Worker]:
    """Every block is taken by one of the workers; which one is up to chance, so workers must add up."""
    units = _Shared(rows.units())

    def work(_: int) -> Worker:
        worker, reader = start(), rows.reader(categories)
        for unit in units:
            for block in reader.blocks(unit):
                take(worker, block)
        return worker

    threads = min(MOST_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads, thread_name_prefix="profile") as pool:
        return list(pool.map(work, range(threads)))


class _Shared:
    """An iterator that several threads draw from."""

    def __init__(self, units: Iterator[Any]) -> None:
        self._units = units
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Any]:
        while True:
            with self._lock:
                unit = next(self._units, None)
            if unit is None:
                return
            yield unit
