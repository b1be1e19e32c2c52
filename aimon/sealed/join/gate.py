"""The owner's door for joined sums. In: a joined sum. Out: the counts of (group, decision, label), or a refusal.

The owner gets no envelope of records: with the key each could be read. That the sum follows from the envelopes is for
an auditor to say (`verify_join`); here its canaries, its rows and its noise must hold.
"""

from dataclasses import dataclass, field

import numpy as np

from aimon.errors import SealedError
from aimon.profile.profile import Counts, Profile, TableKey
from aimon.sealed.gate import LEAST_NOISE_BITS
from aimon.sealed.join import cohorts
from aimon.sealed.join.evaluator import Joined, check_ciphertexts
from aimon.sealed.join.layout import CANARY, JoinLayout
from aimon.sealed.ledger import Ledger, check_cohort, check_records, release_of
from aimon.sealed.seal.secret import SecretKey

LEAST_ROWS = 50


@dataclass(slots=True)
class JoinGate:
    """Holds the secret key and remembers what it released. `least_rows` is the smallest cohort."""

    layout: JoinLayout
    key: SecretKey
    key_id: str
    least_rows: int = LEAST_ROWS
    ledger: Ledger = field(default_factory=Ledger)

    def open(self, joined: Joined) -> Profile:
        """The `outcome` table of the attribute: (group, decision, label), over records that have a label."""
        manifest = joined.manifest
        if manifest.key_id != self.key_id:
            raise SealedError(f"the joined sum is of key {manifest.key_id}, this gate holds key {self.key_id}")
        if manifest.layout_id != self.layout.id:
            raise SealedError(f"the joined sum has layout {manifest.layout_id}, this gate knows {self.layout.id}")
        check_ciphertexts(joined)
        check_cohort(self.ledger, manifest.inputs, manifest.id, self.least_rows)
        counts = {part: self._counts(joined, part) for part in manifest.parts}
        records, positive = counts["records"], counts["positive"]
        labelled = counts.get("labelled", records)
        chosen = int(records.sum())
        if (positive > labelled).any() or (labelled > records).any() or chosen > manifest.rows:
            raise SealedError("the joined sum holds more labels than records; its envelopes were made up")
        if manifest.mask is None and chosen != manifest.rows:
            raise SealedError(f"the joined sum holds {chosen} of {manifest.rows} records; its envelopes were made up")
        release = release_of(manifest.id, manifest.inputs, mask=manifest.mask).model_copy(
            update={"released_rows": int(labelled.sum())}
        )
        check_records(self.ledger, release, self.least_rows)
        if self.ledger.earlier(manifest.id) is None:
            self.ledger.add(release)
        outcome = np.stack([labelled - positive, positive], axis=-1)
        return Profile(self.layout.grid.id, {TableKey(self.layout.table): outcome})

    def _counts(self, joined: Joined, part: str) -> Counts:
        manifest, modulus = joined.manifest, self.layout.parameters.modulus
        if len(joined.ciphertexts[part]) != self.layout.shards:
            raise SealedError(f"the joined sum has {len(joined.ciphertexts[part])} shards, not {self.layout.shards}")
        found = []
        for place, ciphertext in enumerate(joined.ciphertexts[part], 1):
            left = self.key.noise_bits(ciphertext)
            if left < LEAST_NOISE_BITS:
                raise SealedError(
                    f"{part}, ciphertext {place} has {left} bits of noise budget left; join fewer envelopes at once"
                )
            slots = self.key.decrypt(ciphertext)
            if slots[CANARY] != len(manifest.inputs):
                raise SealedError(
                    f"{part}, ciphertext {place} does not add up: {slots[CANARY]} envelopes, expected "
                    f"{len(manifest.inputs)}; one was made with another key, or was made up"
                )
            found.append(cohorts.sums(slots, manifest.blocks, modulus))
        return self.layout.counts_of(np.array(found, np.int64))
