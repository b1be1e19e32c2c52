"""Lakes in a folder and in an object store, and what is in them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

from aimon.lake.lake import Lake


@pytest.fixture(params=["folder", "objects"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lake]:
    """An empty lake; every test that uses one runs on both kinds."""
    if request.param == "folder":
        yield Lake(str(tmp_path / "lake"))
        return
    memory = fsspec.filesystem("memory")
    if memory.exists("/lake"):
        memory.rm("/lake", recursive=True)
    yield Lake("memory://lake")


@pytest.fixture
def held(lake: Lake) -> Callable[[], list[str]]:
    """Every file of the lake, drafts too."""

    def listed() -> list[str]:
        if lake.url.startswith("memory://"):
            return sorted(name.removeprefix("/lake/") for name in fsspec.filesystem("memory").find("/lake"))
        root = Path(lake.url)
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    return listed
