"""Writers that die. Run as a program, with the folder of a lake, what to do, and how to die; it forks the victims.

`steps`: the n-th victim dies just before its n-th operation on a file of the lake (an open, a rename, a removal, ...),
each in a copy of the lake of its own, until one lives. `bytes`: each dies when a file of it reaches a given size.
The program itself starts no thread, so that it may fork.
"""

import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa

from aimon.lake.lake import Lake

DAY = date(2026, 11, 20)
OLD = pa.table({"id": list(range(1_000)), "x": [0.5] * 1_000})
NEW = pa.table({"id": [number % 700 for number in range(2_000)], "x": [float(number) for number in range(2_000)]})
KEY = "profiles/model=loans/day.parquet"


def write(folder: Path) -> None:
    Lake(str(folder)).write_day("loans", DAY, NEW.to_reader())


def write_without_duplicates(folder: Path) -> None:
    Lake(str(folder)).write_day("loans", DAY, NEW.to_reader(), id_column="id")


def expire(folder: Path) -> None:
    Lake(str(folder)).expire_day("loans", DAY)


def sweep(folder: Path) -> None:
    Lake(str(folder)).sweep()


def write_artifact(folder: Path) -> None:
    Lake(str(folder)).write_table(KEY, NEW)


ACTS: dict[str, Callable[[Path], None]] = {
    act.__name__: act for act in (write, write_without_duplicates, expire, sweep, write_artifact)
}


def die_before_operation(number: int, folder: Path) -> None:
    """Arrange that this process is killed when it is about to do something to the folder for that time."""
    left = number

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event == "fcntl.flock" or any(str(argument).startswith(str(folder)) for argument in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def die_at_size(size: int) -> None:
    """Arrange that the kernel kills this process when a file grows beyond the size."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def lives(arrange: Callable[[], None], act: Callable[[Path], None], folder: Path) -> bool:
    """Whether a child that does this comes back from it."""
    child = os.fork()
    if child == 0:
        arrange()
        act(folder)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        sys.exit(f"a victim failed instead of dying: {status}")
    return os.WIFEXITED(status)


def main() -> None:
    __import__("duckdb")  # once here, and not in each victim
    lake, act, how, *sizes = sys.argv[1:]
    if how == "steps":
        number = 0
        while True:
            number += 1
            copy = Path(f"{lake}-{number}")
            shutil.copytree(lake, copy)
            if lives(lambda n=number, c=copy: die_before_operation(n, c), ACTS[act], copy):  # type: ignore[misc]
                break
    else:
        for size in sizes:
            copy = Path(f"{lake}-{size}")
            shutil.copytree(lake, copy)
            lives(lambda s=size: die_at_size(int(s)), ACTS[act], copy)  # type: ignore[misc]


if __name__ == "__main__":
    main()
