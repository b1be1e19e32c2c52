"""Validation opens no connection and loads no tracker."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUARD = ROOT / "tests" / "offline"
SCRIPT = """
import sys, warnings
warnings.simplefilter("error")
sys.path.insert(0, {folder!r})
import conftest as made
from aimon.validate.suite import Suite
from aimon.validate.facts import Facts
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.spec.model import ModelSpec
filters = list(warnings.filters)
import aimon.validate.gx
assert warnings.filters == filters
spec = ModelSpec.model_validate(made.SPEC)
rows = made.made_day(300)
grid = build_grid(spec, rows)
found = Suite(spec, grid, count_all(grid, rows)).run(rows, made.DAY, Facts(as_of=made.day_end(made.DAY)))
assert found.usable and "great_expectations" in sys.modules
print("posthog" in sys.modules)
"""


def test_validation_opens_no_connection_and_loads_no_tracker(tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": f"{GUARD}:{ROOT}",
        "AIMON_CONNECTION_LOG": str(log),
    }
    script = SCRIPT.format(folder=str(Path(__file__).parent))
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "False\n"), ended.stderr
    assert not log.exists()
    assert list(tmp_path.iterdir()) == []
