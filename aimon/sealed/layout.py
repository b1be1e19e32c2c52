"""Which slot means what. In: a sealed grid. Out: profiles as rows of numbers and back, exactly.

Every ciphertext ends with the same few slots: how many rows and envelopes were added into it, and a canary whose sum is
known beforehand. They tell the owner of an overflow, of a ciphertext that was left out, or of one that was made up.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from aimon.errors import SealedError
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile, TableKey
from aimon.profile.tables import Table, segments, tables
from aimon.sealed.seal.parameters import Parameters

ROWS, ENVELOPES, CANARY = -3, -2, -1
"""The last slots of each ciphertext."""
OWN_SLOTS = 3
CANARY_VALUE = 7919
"""Of the first ciphertext; each further one has one more, so that ciphertexts cannot change places."""
SUMMED = (
    *("residual_by_prediction", "relative_error", "label_moments", "characters", "operations:tokens"),
    "operations:cost",
)
"""Tables of sums, whose integers are too large for a slot."""

Slots = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entry:
    """A table's place in the row of all numbers."""

    key: TableKey
    shape: tuple[int, ...]
    start: int

    @property
    def stop(self) -> int:
        return self.start + int(np.prod(self.shape))


class Layout:
    """The slots of one grid under one parameter set. `id` names both: envelopes of other layouts do not add."""

    def __init__(self, grid: Grid, parameters: Parameters) -> None:
        self.grid = grid
        self.parameters = parameters
        self.entries = tuple(_placed(grid))

    @cached_property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the grid's id, the places and the parameters."""
        places = ";".join(f"{entry.key.table}|{entry.key.segment}|{entry.start}" for entry in self.entries)
        return hashlib.sha256(f"{self.grid.id};{self.parameters.name};{places}".encode()).hexdigest()[:16]

    @property
    def size(self) -> int:
        """How many counts there are."""
        return self.entries[-1].stop

    @property
    def payload(self) -> int:
        """How many of them one ciphertext takes."""
        return self.parameters.slots - OWN_SLOTS

    @property
    def ciphertexts(self) -> int:
        """How many ciphertexts an envelope has."""
        return -(-self.size // self.payload)

    @property
    def touched(self) -> int:
        """How many counts one row adds one to, at most: a cell of each table, and of each in one segment a column."""
        whole = sum(entry.key.segment is None for entry in self.entries)
        inner = {entry.key.table for entry in self.entries if entry.key.segment is not None}
        return whole + len(inner) * len(self.grid.segments)

    def rows_of(self, profile: Profile) -> Slots:
        """The profile as one row of slots a ciphertext. SealedError where a count is too large to be added safely."""
        if profile.grid_id != self.grid.id:
            raise SealedError(f"the counts are on grid {profile.grid_id}, this layout is for grid {self.grid.id}")
        flat = np.zeros(self.ciphertexts * self.payload, np.int64)
        for entry in self.entries:
            counts = profile.tables.get(entry.key)
            if counts is not None:
                flat[entry.start : entry.stop] = counts.ravel()
        if flat.max(initial=0) >= self.parameters.modulus // 2 or flat.min(initial=0) < 0:
            raise SealedError(
                f"a count of {flat.max()} does not fit a slot, which holds up to {self.parameters.modulus // 2 - 1}; "
                "seal in smaller flushes"
            )
        own = np.array([(profile.rows, 1, CANARY_VALUE + place) for place in range(self.ciphertexts)])
        return np.hstack([flat.reshape(self.ciphertexts, self.payload), own])

    def profile_of(self, rows: Slots, present: Iterable[str]) -> Profile:
        """The profile that the rows of slots hold; `present` names the tables that the data had columns for."""
        known, flat = frozenset(present), rows[:, : self.payload].ravel()
        found: dict[TableKey, Counts] = {}
        for entry in self.entries:
            counts = flat[entry.start : entry.stop].reshape(entry.shape)
            if entry.key.table in known and (entry.key.segment is None or counts.any()):
                found[entry.key] = counts
        return Profile(self.grid.id, found)

    def kept(self, profile: Profile) -> Profile:
        """The tables of the profile that are sealed."""
        known = {entry.key for entry in self.entries}
        return Profile(profile.grid_id, {key: counts for key, counts in profile.tables.items() if key in known})

    def present(self, profile: Profile) -> tuple[str, ...]:
        """The tables that the profile has, in order."""
        return tuple(sorted({key.table for key in profile.tables} & {entry.key.table for entry in self.entries}))


def _placed(grid: Grid) -> Iterator[Entry]:
    start = 0
    for key, table in _tables(grid):
        entry = Entry(key, table.shape, start)
        yield entry
        start = entry.stop


def _tables(grid: Grid) -> Iterator[tuple[TableKey, Table]]:
    counted = [table for table in tables(grid).values() if not table.name.startswith(SUMMED)]
    for table in counted:
        yield TableKey(table.name), table
    for segment in segments(grid):
        for table in counted:
            if table.segmented:
                yield TableKey(table.name, segment), table.coarse()
