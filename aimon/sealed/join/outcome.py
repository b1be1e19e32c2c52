"""Joined labels beside a day's counts. In: both, opened. Out: what labels decide, as if it had been counted.

Only the attribute that was joined has outcomes by group; what needs a score and a label of the same row is not there.
"""

import numpy as np

from aimon.errors import SealedError
from aimon.profile.profile import Profile, TableKey
from aimon.profile.tables import is_outcome


def with_labels(counts: Profile, joined: Profile, attribute: str) -> Profile:
    """The counts with outcomes, confusion and how many rows have a label. SealedError where the two do not fit."""
    if any(is_outcome(key.table) and table.any() for key, table in counts.tables.items()):
        raise SealedError("labels came with the rows and apart from them; send them in one way")
    outcome = joined.tables[TableKey(f"outcome:{attribute}")]
    held = int(outcome.sum())
    if held > counts.rows:
        raise SealedError(f"{held} labels were joined, and the day has {counts.rows} rows; its envelopes were made up")
    made = {
        TableKey(f"outcome:{attribute}"): outcome,
        TableKey("confusion"): outcome.sum(axis=0),
        TableKey("labelled"): np.array([held, counts.rows - held], np.int64),
    }
    kept = {key: table for key, table in counts.tables.items() if not is_outcome(key.table)}
    return Profile(counts.grid_id, kept | made)
