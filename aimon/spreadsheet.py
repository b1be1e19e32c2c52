"""Rows as CSV for people: what a spreadsheet opens, and nothing in it that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    r"""A table with a heading. A text that a spreadsheet would take for a formula starts with an apostrophe.

    >>> as_csv(["name", "value"], [{"name": "=SUM(A1)", "value": -0.5}, {"name": None, "value": True}])
    "name,value\n'=SUM(A1),-0.5\n,true\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def cell(value: Any) -> Any:
    """One value as it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
