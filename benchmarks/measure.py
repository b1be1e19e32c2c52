"""What every benchmark shares: its arguments, fair timing, the memory of a fresh process, and its last line of JSON.

Floors and peers are timed in the same run as the product, interleaved, and reported as medians.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def arguments(description: str, *, seed: int = 7, strict: bool = False) -> argparse.Namespace:
    """Parse `--quick` and `--seed N`; of a benchmark that knows its bars, `--strict` too."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="the same shape in under a minute")
    parser.add_argument("--seed", type=int, default=seed, help="seed of the generated data")
    if strict:
        parser.add_argument("--strict", action="store_true", help="end with 1 where a bar is missed")
    return parser.parse_args()


def interleaved(runs: Mapping[str, Callable[[], Any]], *, rounds: int = 5, warm: bool = True) -> dict[str, float]:
    """The median wall time of each run in seconds; every round runs all of them in turn."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    if warm:
        for run in runs.values():
            run()
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def peak_mb(function: Callable[..., Any], *args: Any) -> float:
    """The largest resident memory, in MB, of a fresh Python process that imports and calls the function."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_call, args=(sender, function, args))
    child.start()
    sender.close()
    try:
        peak: float = receiver.recv()
    except EOFError:
        child.join()
        raise RuntimeError(f"the child that ran {function.__name__} died with exit code {child.exitcode}") from None
    child.join()
    return peak


def _call(sender: Any, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    function(*args)
    sender.send(_high_water_mb())
    sender.close()


def _high_water_mb() -> float:
    """VmHWM where there is one: ru_maxrss would count the parent's memory at the moment of the fork too."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mb() -> float:
    """The memory that this process holds now, in MB."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def machine() -> str:
    """One line about where the figures were taken."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def report(benchmark: str, figures: Mapping[str, float | int]) -> None:
    """Print the figures for people, then the JSON object as the last line."""
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:<{width}}  {value:.6g}")
    print(json.dumps({"benchmark": benchmark, "machine": machine(), "figures": dict(figures)}), flush=True)
