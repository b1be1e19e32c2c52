"""The dashboard's types are those of the API as it is."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COMMITTED = ROOT / "web" / "src" / "api" / "schema.d.ts"


def test_the_types_are_what_the_api_says_of_itself_now(tmp_path: Path) -> None:
    described = tmp_path / "openapi.json"
    made = subprocess.run([sys.executable, "web/openapi.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    described.write_text(made.stdout)
    fresh = tmp_path / "schema.d.ts"
    command = [ROOT / "web" / "npm", "run", "--silent", "types", "--", described, "--output", fresh]
    told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert json.loads(made.stdout)["paths"]
    assert told.returncode == 0, f"the packages of web/package-lock.json are needed, `make web`: {told.stderr}"
    assert fresh.read_text() == COMMITTED.read_text(), "`make web-types` writes the types of the API as it is"
