"""What the watching costs the watched: its time a call, and its time while the server is dead, slow or flapping."""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aimon_client import Client, Monitor, MonitoredModel
from tests.client.collector import FakeCollector

FEATURES = {f"x{place}": 1.5 for place in range(12)}


@contextmanager
def untraced() -> Iterator[None]:
    """Neither a tracer nor what else the machine does is what a call costs."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def median_us(call: Callable[[], object], n: int = 3000, tries: int = 5) -> float:
    """Of the try that was disturbed least."""
    with untraced():
        return min(median_of_one_try_us(call, n // tries) for _ in range(tries))


def median_of_one_try_us(call: Callable[[], object], n: int) -> float:
    taken = []
    for _ in range(n):
        start = time.perf_counter_ns()
        call()
        taken.append(time.perf_counter_ns() - start)
    return statistics.median(taken) / 1000


@pytest.mark.parametrize("trouble", ["none", "dead", "slow", "failing"])
def test_a_call_takes_less_than_20_microseconds_whatever_the_server_does(
    collector: FakeCollector, tmp_path: Path, trouble: str
) -> None:
    if trouble == "dead":
        collector.stop()
    collector.delay_s, collector.status = (0.2 if trouble == "slow" else 0.0), (503 if trouble == "failing" else 200)
    with Client(collector.url, spill=tmp_path / "spill", timeout=0.5) as client:
        took = median_us(lambda: client.log("m", 1, features=FEATURES, score=0.5, version="1", latency=0.1))
    assert took < 20


def test_the_monitor_takes_less_than_20_microseconds() -> None:
    monitor = Monitor()
    assert median_us(lambda: monitor.record(1, confidence=0.8, latency=0.01)) < 20


def a_millisecond() -> int:
    """A model."""
    until = time.perf_counter() + 0.001
    while time.perf_counter() < until:
        pass
    return 1


@contextmanager
def troubled(collector: FakeCollector, trouble: str) -> Iterator[None]:
    """A server that is dead, slow, or takes records in one moment and none in the next; afterwards it is well."""
    if trouble == "dead":
        collector.stop()
    collector.delay_s = 0.2 if trouble == "slow" else 0.0
    over = threading.Event()

    def flap() -> None:
        while not over.wait(0.05):
            collector.status = 503 if collector.status == 200 else 200

    flapping = threading.Thread(target=flap)
    if trouble == "flapping":
        flapping.start()
    try:
        yield
    finally:
        over.set()
        if trouble == "flapping":
            flapping.join()
        if trouble == "dead":
            collector.start()
        collector.delay_s, collector.status = 0.0, 200


def times_in_turn_ms(*calls: Callable[[], object], n: int) -> list[list[float]]:
    """What each took, one after the other, so that what else the machine does slows all alike."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(n):
        for call, own in zip(calls, taken, strict=True):
            began = time.perf_counter()
            call()
            own.append(1e3 * (time.perf_counter() - began))
    return [sorted(own) for own in taken]


@pytest.mark.parametrize("trouble", ["dead", "slow", "flapping"])
def test_a_model_of_a_millisecond_is_as_fast_whatever_the_server_does_and_nothing_is_lost(
    collector: FakeCollector, tmp_path: Path, trouble: str
) -> None:
    with Client(collector.url, spill=tmp_path / "spill", timeout=0.5) as client:
        watched_model = MonitoredModel(a_millisecond, "m", client=client)
        with troubled(collector, trouble), untraced():
            tries = [times_in_turn_ms(a_millisecond, watched_model, n=100) for _ in range(5)]
        assert client.flush(20)
        stats = client.stats
    slower_ms = {place: min(watched[place] - bare[place] for bare, watched in tries) for place in (50, 95)}

    assert slower_ms[50] < 0.2  # the server's threads share this process with the model
    assert slower_ms[95] < 0.5
    assert (stats.sent, stats.dropped, stats.waiting) == (500, 0, 0)
    assert len(collector.times_taken()) == 500


def test_the_client_imports_in_a_moment_and_brings_no_http_before_it_sends() -> None:
    program = "import sys, aimon_client; sys.exit('httpx' in sys.modules)"
    folder = Path(__file__).parents[2] / "client"
    assert subprocess.run([sys.executable, "-c", program], cwd=folder, timeout=30, check=False).returncode == 0


def test_the_distribution_is_small() -> None:
    files = (Path(__file__).parents[2] / "client" / "aimon_client").glob("*.py")
    assert sum(file.stat().st_size for file in files) < 100_000
