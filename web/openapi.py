"""Prints the API's OpenAPI document, of which `src/api/schema.d.ts` is made. Needs no project and no server."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aimon.platform import open_platform
from aimon.service.app import create_app
from aimon.service.server import open_door


def document() -> dict[str, Any]:
    """The OpenAPI document of an empty project."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "aimon.yaml").write_text("models: models\n", encoding="utf-8")
        (root / "models").mkdir()
        with open_platform(root) as platform:
            return create_app(platform, open_door(platform)).openapi()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), sort_keys=True))
