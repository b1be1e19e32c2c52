"""A small project to break: one sound model, one settings file."""

from collections.abc import Callable
from pathlib import Path

import pytest

LOANS = """\
model: loans
task: binary
source: {kind: parquet, path: data/*.parquet}
columns:
  timestamp: at
  prediction: decision
  label: defaulted
  features: [income, age]
  protected: [sex]
  segments: [channel]
"""

MakeProject = Callable[..., Path]


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Write a project: the settings' text, and the text of each model file by its name."""

    def make(settings: str | bytes = "", **models: str | bytes) -> Path:
        (tmp_path / "models").mkdir(exist_ok=True)
        for name, text in {"aimon": settings, **{f"models/{name}": text for name, text in models.items()}}.items():
            content = text.encode() if isinstance(text, str) else text
            (tmp_path / f"{name}.yaml").write_bytes(content)
        return tmp_path

    return make


@pytest.fixture
def loans() -> str:
    """The text of a sound model file."""
    return LOANS
