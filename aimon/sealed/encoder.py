"""Sealing at the host. In: rows, or a profile on the sealed grid, and the public key. Out: an envelope."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from aimon.profile.profile import Profile
from aimon.sealed.counting import Counter
from aimon.sealed.envelope import Envelope
from aimon.sealed.heading import Heading
from aimon.sealed.layout import Layout
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.signature import Signer


class Encoder:
    """Seals one model's counts. `sender` names this host; its envelopes are numbered from `number` on.

    A `signer` proves to whoever knows its public half that they are of this host.
    """

    def __init__(
        self,
        layout: Layout,
        key: PublicKey,
        *,
        model: str,
        version: str,
        sender: str,
        number: int,
        signer: Signer | None = None,
    ) -> None:
        self._layout = layout
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
        self._counter = Counter(layout)

    def seal_rows(self, rows: pa.Table, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Envelope:
        """The rows of one flush, counted and sealed."""
        return self.seal(self._counter.count(rows), day, slot, tags)

    def seal(self, profile: Profile, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Envelope:
        """The profile as an envelope; `tags` are readable segments, such as the hospital that sends it."""
        ciphertexts = (self._key.encrypt(row) for row in self._layout.rows_of(profile).tolist())
        present = self._layout.present(profile)
        return self._heading.envelope(ciphertexts, day=day, slot=slot, rows=profile.rows, present=present, tags=tags)
