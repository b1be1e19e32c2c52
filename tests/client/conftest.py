"""A collector that listens for the length of a test."""

from collections.abc import Iterator

import pytest

from tests.client.collector import FakeCollector, collecting


@pytest.fixture
def collector() -> Iterator[FakeCollector]:
    with collecting() as running:
        yield running
