from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from aimon.platform import Platform, open_platform
from tests.tiny_project import tiny_project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project", models=("alpha", "beta"))


@pytest.fixture
def platform(root: Path) -> Iterator[Platform]:
    with open_platform(root) as opened:
        yield opened


@pytest.fixture
def ephemeral() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened
