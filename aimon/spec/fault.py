"""A fault before it has a place: the path of keys that leads to it, and the sentence."""

import json
import re
from typing import NamedTuple

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """What is wrong at one key. `line` is given only where the path alone does not find it."""

    path: Path
    message: str
    line: int | None = None


def dotted(path: Path) -> str:
    """Write a path the way people speak of it; names that would blur are quoted.

    >>> dotted(("columns", "features", 2)), dotted(("thresholds", "psi", "columns", "a.b"))
    ('columns.features[2]', 'thresholds.psi.columns."a.b"')
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        plain = part.isprintable() and re.fullmatch(r"""[^\s."'\[\]]+""", part)
        text += ("." if text else "") + (part if plain else json.dumps(part, ensure_ascii=not part.isprintable()))
    return text
