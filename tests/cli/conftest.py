"""A project on the disk whose model's source is really there, and the command line in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aimon.cli.app import run

LOANS = """\
model: loans
task: binary
source: {kind: parquet, path: data/*.parquet}
columns:
  timestamp: at
  prediction: decision
  label: defaulted
  segments: [channel]
"""


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str


Aimon = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AIMON_ROOT", "AIMON_LAKE_URL", "AIMON_DATABASE_URL", "AIMON_MODELS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aimon(capsys: pytest.CaptureFixture[str]) -> Aimon:
    """Run the command line: `aimon("check", "--json")`."""

    def call(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return call


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which nothing is wrong."""
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("")
    (tmp_path / "models" / "loans.yaml").write_text(LOANS)
    (tmp_path / "data").mkdir()
    at = pa.array([datetime(2026, 11, 1, tzinfo=UTC)])
    rows = pa.table({"at": at, "decision": [1], "defaulted": [0], "channel": ["web"], "income": [1.0]})
    pq.write_table(rows, tmp_path / "data" / "a.parquet")
    return tmp_path
