"""What the watching costs the watched: its time a call, and its time while the server is dead, slow or flapping."""

import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

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


@pytest.mark.parametrize("trouble", ["none", "dead"])
def test_a_wrapped_model_takes_less_than_20_microseconds_more_awaited_or_not(
    collector: FakeCollector, tmp_path: Path, trouble: str
) -> None:
    async def awaited(**features: float) -> float:
        return features["x0"]

    def called(**features: float) -> float:
        return features["x0"]

    if trouble == "dead":
        collector.stop()
    with Client(collector.url, spill=tmp_path / "spill", timeout=0.5) as client:
        watched, awaiting = (
            MonitoredModel(model, "m", client=client, features=lambda **features: features)
            for model in (called, awaited)
        )
        took = median_us(lambda: watched(**FEATURES)) - median_us(lambda: called(**FEATURES))
        took_awaiting = median_us(lambda: run(awaiting(**FEATURES))) - median_us(lambda: run(awaited(**FEATURES)))
    assert took < 20
    assert took_awaiting < 20


def run(coroutine: Coroutine[Any, Any, float]) -> float:
    """The answer of a coroutine that waits for nothing, without a loop's own cost."""
    try:
        coroutine.send(None)
    except StopIteration as answered:
        answer: float = answered.value
        return answer
    raise AssertionError("it waits")


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


def test_the_distribution_is_small_and_needs_httpx_alone(tmp_path: Path) -> None:
    built = [sys.executable, "-c", BUILD, str(tmp_path)]
    subprocess.run(built, cwd=copied(tmp_path), check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as held:
        (metadata,) = (name for name in held.namelist() if name.endswith("/METADATA"))
        wanted = [line for line in held.read(metadata).decode().splitlines() if line.startswith("Requires-Dist")]
        names = {name.partition("/")[0] for name in held.namelist() if ".dist-info" not in name}
        size = sum(file.file_size for file in held.infolist())

    assert wanted == ["Requires-Dist: httpx>=0.28"]
    assert names == {"aimon_client"}
    assert size + sum(map(installed_size, needed("httpx"))) < 5_000_000


BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def copied(folder: Path) -> Path:
    """The distribution's sources elsewhere, because building leaves things beside them."""
    own = Path(__file__).parents[2] / "client"
    return Path(shutil.copytree(own, folder / "client", ignore=shutil.ignore_patterns("build", "*.egg-info")))


def needed(name: str) -> set[str]:
    """A distribution and all that it needs here."""
    found, looked_at = [name], set[str]()
    while found:
        own = found.pop()
        if own not in looked_at:
            looked_at.add(own)
            found += [
                wanted.name
                for wanted in map(Requirement, distribution(own).requires or ())
                if wanted.marker is None or wanted.marker.evaluate({"extra": ""})
            ]
    return looked_at


def installed_size(name: str) -> int:
    """Bytes of a distribution's files, without what Python compiles of them."""
    files = (file for file in distribution(name).files or () if "__pycache__" not in file.parts)
    return sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file())
