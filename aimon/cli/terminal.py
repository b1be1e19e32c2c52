"""Text for terminals: tables whose last column is wrapped to the width there is, long lines that keep their indent.

What is not a terminal gets whole lines, so that `grep` finds them. Control characters of data are left out.
"""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

from aimon.incident.words import plain

NARROWEST = 20


def width() -> int | None:
    """How many characters a line may have; none where nobody looks at it."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, columns: int | None = None) -> str:
    r"""Rows under a heading, each column as wide as its widest cell.

    >>> print(table(("ID", "WHAT"), [("1", "rows are missing"), ("20", "psi of income\x1b[2J")]))
    ID  WHAT
    1   rows are missing
    20  psi of income[2J
    """
    columns = width() if columns is None else columns
    cells = [tuple(plain(" ".join(cell.split())) for cell in row) for row in (head, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head) - 1)]
    begin = sum(widths) + 2 * len(widths)
    lines = []
    for row in cells:
        first = "".join(f"{cell.ljust(wide)}  " for cell, wide in zip(row[:-1], widths, strict=True))
        lines += [line.rstrip() for line in _wrapped(row[-1], first, " " * begin, columns)]
    return "\n".join(lines)


def lines(text: Iterable[str], *, columns: int | None = None) -> str:
    """Lines as they fit; what goes on in the next one is indented like the line, and two more."""
    columns = width() if columns is None else columns
    shown = []
    for line in text:
        said = plain(line)
        indent = " " * (len(said) - len(said.lstrip()))
        shown += _wrapped(said.lstrip(), indent, f"{indent}  ", columns)
    return "\n".join(shown)


def _wrapped(text: str, first: str, later: str, columns: int | None) -> list[str]:
    if columns is None or columns - len(later) < NARROWEST or not text:
        return [f"{first}{text}"]
    wrapper = textwrap.TextWrapper(
        width=columns, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(text)
