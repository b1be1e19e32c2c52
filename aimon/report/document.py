"""A comparison as one JSON document. In: records. Out: what `aimon compare --json` and the API print."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aimon.clock import iso
from aimon.spec.model import ModelSpec
from aimon.verdict.record import Record


def document(
    spec: ModelSpec, records: Sequence[Record], *, reference_rows: int, current_rows: int, as_of: datetime
) -> dict[str, Any]:
    """The document; every number in it is finite or null."""
    return {
        "model": spec.model,
        "version": spec.version,
        "reference_rows": reference_rows,
        "current_rows": current_rows,
        "as_of": iso(as_of),
        "metrics": [finite(record.as_json()) for record in records],
    }


def finite(values: dict[str, Any]) -> dict[str, Any]:
    """The same values, with null for numbers that JSON cannot write.

    >>> finite({"value": float("inf"), "low": 0.5})
    {'value': None, 'low': 0.5}
    """
    return {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in values.items()}
