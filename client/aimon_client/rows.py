"""The rows that a model was asked about. In: a frame, an array, a list, a mapping. Out: a mapping of features each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_ROWS = 10_000
"""Of one call; what lies beyond is counted, not reported."""


def feature_rows(data: Any) -> Iterator[dict[str, Any]]:
    """The rows, with the columns' own names where there are any, `x0`, `x1`, ... where not."""
    if isinstance(data, Mapping):
        yield dict(data)
    elif callable(getattr(data, "to_dict", None)) and hasattr(data, "columns"):
        yield from data.head(MOST_ROWS).to_dict("records")
    elif callable(getattr(data, "tolist", None)):
        yield from (named(row) for row in data[:MOST_ROWS].tolist())
    elif isinstance(data, Sequence) and not isinstance(data, str | bytes):
        yield from (named(row) for row in data[:MOST_ROWS])
    else:
        yield {"x0": data}


def named(row: Any) -> dict[str, Any]:
    """One row as a mapping."""
    if isinstance(row, Mapping):
        return dict(row)
    if isinstance(row, Sequence) and not isinstance(row, str | bytes):
        return {f"x{place}": value for place, value in enumerate(row)}
    return {"x0": row}


def values(answer: Any) -> list[Any]:
    """A model's answers, one a row."""
    if callable(getattr(answer, "tolist", None)):
        listed = answer.tolist()
        return listed if isinstance(listed, list) else [listed]
    return list(answer) if isinstance(answer, Sequence) and not isinstance(answer, str | bytes) else [answer]
