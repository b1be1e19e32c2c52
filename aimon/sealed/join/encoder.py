"""Sealing records at one host and their labels at another. In: rows, a public key. Out: envelopes.

Whoever has the labels must give them in the order of the records: `Sealed.places` names the rows that have a slot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope, Header, Kind
from aimon.sealed.heading import Heading
from aimon.sealed.join.layout import JoinLayout
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.signature import Signer

LABELS, LABELLED = "labels", "labelled"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope of records, and which of the rows have a slot in it, in the order of the slots."""

    envelope: Envelope
    places: NDArray[np.int64]


class JoinEncoder:
    """Seals what belongs to single records. `sender` names this host; its envelopes are numbered from `number` on."""

    def __init__(
        self,
        layout: JoinLayout,
        key: PublicKey,
        *,
        model: str,
        version: str,
        sender: str,
        number: int,
        signer: Signer | None = None,
    ) -> None:
        self.layout = layout
        self._key = key
        self._heading = Heading(
            model=model,
            version=version,
            sender=sender,
            number=number,
            key_id=key.id,
            layout_id=layout.id,
            parameters=layout.parameters.name,
            signer=signer,
        )

    def records(self, rows: pa.Table, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Sealed:
        """The groups and decisions of the rows that have a prediction."""
        cells = self.layout.cells(rows)
        places = np.flatnonzero(cells[0] >= 0)
        envelope = self._heading.envelope(
            map(self._key.encrypt, self.layout.slots_of(cells[:, places])),
            kind="records",
            day=day,
            slot=slot,
            rows=len(places),
            present=self.layout.tables,
            tags=tags,
        )
        return Sealed(envelope, places)

    def labels(self, rows: pa.Table, records: Header, records_id: str) -> Envelope:
        """The labels of the rows, which are those of the records' slots, in their order; some may be missing."""
        truths = self.layout.truths(rows)
        flags = {LABELS: truths == 1}
        if (truths == 2).any():
            flags[LABELLED] = truths != 2
        return self._flags("labels", flags, records, records_id)

    def mask(self, chosen: NDArray[np.bool_], records: Header, records_id: str) -> Envelope:
        """Which of the records are asked for: a membership that the server may not read."""
        return self._flags("mask", {"mask": chosen}, records, records_id)

    def _flags(self, kind: Kind, flags: Mapping[str, NDArray[np.bool_]], records: Header, records_id: str) -> Envelope:
        sizes = {len(each) for each in flags.values()}
        if sizes != {records.rows}:
            raise SealedError(f"{kind} for {max(sizes)} records do not fit an envelope of {records.rows} records")
        return self._heading.envelope(
            (self._key.encrypt(self.layout.flags_of(each)) for each in flags.values()),
            kind=kind,
            of=records_id,
            day=records.day,
            slot=records.slot,
            rows=records.rows,
            present=tuple(flags),
            tags=records.tags,
        )
