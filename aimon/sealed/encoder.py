"""Sealing at the host. In: rows, or a profile on the sealed grid, and the public key. Out: an envelope."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from aimon.profile.profile import Profile
from aimon.sealed.counting import Counter
from aimon.sealed.envelope import Envelope, Header
from aimon.sealed.layout import Layout
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.public import PublicKey


class Encoder:
    """Seals one model's counts. `sender` names this host; its envelopes are numbered from `number` on."""

    def __init__(self, layout: Layout, key: PublicKey, *, model: str, version: str, sender: str, number: int) -> None:
        self._layout = layout
        self._key = key
        self._model = model
        self._version = version
        self._sender = sender
        self._number = number
        self._counter = Counter(layout)

    def seal_rows(self, rows: pa.Table, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Envelope:
        """The rows of one flush, counted and sealed."""
        return self.seal(self._counter.count(rows), day, slot, tags)

    def seal(self, profile: Profile, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Envelope:
        """The profile as an envelope; `tags` are readable segments, such as the hospital that sends it."""
        ciphertexts = tuple(self._key.encrypt(row) for row in self._layout.rows_of(profile).tolist())
        header = Header(
            model=self._model,
            version=self._version,
            day=day,
            slot=slot,
            key_id=self._key.id,
            layout_id=self._layout.id,
            parameters=self._layout.parameters.name,
            sender=self._sender,
            number=self._number,
            rows=profile.rows,
            tags=dict(tags or {}),
            present=self._layout.present(profile),
            digests=tuple(digest(each) for each in ciphertexts),
        )
        self._number += 1
        return Envelope(header, ciphertexts)
