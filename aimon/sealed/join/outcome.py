"""Joined labels beside a day's counts. In: both, opened. Out: what labels decide, as if it had been counted.

Only attributes that were joined have outcomes by group; what needs a score and a label of the same row is not there.
"""

import numpy as np

from aimon.errors import SealedError
from aimon.profile.profile import Counts, Profile, TableKey
from aimon.profile.tables import is_outcome


def with_labels(counts: Profile, joined: Profile, sigma: float = 0.0) -> Profile:
    """The counts with outcomes, confusion and how many rows have a label. SealedError where the two do not fit.

    With noise, which `sigma` is the standard deviation of, there may seem to be more labels than rows.
    """
    if any(is_outcome(key.table) and table.any() for key, table in counts.tables.items()):
        raise SealedError("labels came with the rows and apart from them; send them in one way")
    made: dict[TableKey, Counts] = {}
    for key, table in joined.tables.items():
        made[key] = table
        if key.table == "labelled":
            rows = counts.tables.get(TableKey("rows", key.segment), np.zeros(1, np.int64))
            made[key] = _labelled(int(table[0]), int(rows[0]), key.segment, sigma)
    kept = {key: table for key, table in counts.tables.items() if not is_outcome(key.table)}
    return Profile(counts.grid_id, kept | made)


def _labelled(held: int, rows: int, segment: str | None, sigma: float) -> Counts:
    if held > rows and not sigma:
        where = "the day" if segment is None else segment
        raise SealedError(f"{held} labels were joined, and {where} has {rows} rows; its envelopes were made up")
    return np.array([min(held, rows), max(rows - held, 0)], np.int64)
