"""The owner's door: the only place where sealed counts become readable. In: an aggregate. Out: a profile, or a refusal.

It trusts nobody: the sums must follow from the registered envelopes, the ciphertexts must be sound, the canaries and
the rows must add up, enough people must be in it, and it must not differ from an earlier release by a few only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from aimon.errors import SealedError
from aimon.profile.profile import Profile
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import Aggregate, Manifest, verify
from aimon.sealed.layout import CANARY, CANARY_VALUE, ENVELOPES, ROWS, Layout, Slots
from aimon.sealed.seal.secret import SecretKey

LEAST_ROWS = 50
LEAST_NOISE_BITS = 2


@dataclass(frozen=True, slots=True)
class Release:
    """What was released earlier: which envelopes, and how many rows each has."""

    manifest_id: str
    rows: Mapping[str, int]


@dataclass(slots=True)
class DecryptGate:
    """Holds the secret key and remembers what it released. `least_rows` is the smallest cohort."""

    layout: Layout
    key: SecretKey
    key_id: str
    least_rows: int = LEAST_ROWS
    released: list[Release] = field(default_factory=list)

    def open(self, aggregate: Aggregate, envelopes: Sequence[Envelope]) -> Profile:
        """The counts, if everything holds. `envelopes` are the registered ones that the manifest names."""
        self._check_origin(aggregate, envelopes)
        release = Release(aggregate.manifest.id, {each.id: each.header.rows for each in envelopes})
        self._check_cohort(release)
        rows = self._decrypted(aggregate)
        self._check_sums(rows, aggregate.manifest)
        profile = self.layout.profile_of(rows, aggregate.manifest.present)
        check_columns(profile)
        if all(earlier.manifest_id != release.manifest_id for earlier in self.released):
            self.released.append(release)
        return profile

    def _check_origin(self, aggregate: Aggregate, envelopes: Sequence[Envelope]) -> None:
        manifest = aggregate.manifest
        if manifest.key_id != self.key_id:
            raise SealedError(f"the aggregate is of key {manifest.key_id}, this gate holds key {self.key_id}")
        if manifest.layout_id != self.layout.id:
            raise SealedError(f"the aggregate has layout {manifest.layout_id}, this gate knows layout {self.layout.id}")
        verify(aggregate, envelopes)

    def _check_cohort(self, release: Release) -> None:
        total = sum(release.rows.values())
        if total < self.least_rows:
            raise SealedError(f"{total} rows are fewer than the {self.least_rows} that may be released together")
        for earlier in self.released:
            for ours, theirs in ((release.rows, earlier.rows), (earlier.rows, release.rows)):
                apart = sum(rows for each, rows in ours.items() if each not in theirs)
                if 0 < apart < self.least_rows and any(each in theirs for each in ours):
                    raise SealedError(
                        f"beside an earlier release this one would give away {apart} rows on their own; "
                        f"at least {self.least_rows} must differ, or none"
                    )

    def _decrypted(self, aggregate: Aggregate) -> Slots:
        for place, ciphertext in enumerate(aggregate.ciphertexts, 1):
            left = self.key.noise_bits(ciphertext)
            if left < LEAST_NOISE_BITS:
                raise SealedError(
                    f"ciphertext {place} has {left} bits of noise budget left; add fewer envelopes at once"
                )
        return np.array([self.key.decrypt(each) for each in aggregate.ciphertexts], np.int64)

    def _check_sums(self, rows: Slots, manifest: Manifest) -> None:
        modulus, n = self.layout.parameters.modulus, len(manifest.inputs)
        if manifest.rows >= modulus // 2:
            raise SealedError(f"{manifest.rows} rows overflow a slot; release at most {modulus // 2 - 1} at once")
        for name, place, expected in (
            ("envelopes", ENVELOPES, n),
            ("canary", CANARY, n * CANARY_VALUE % modulus),
            ("rows", ROWS, manifest.rows),
        ):
            wrong = np.flatnonzero(rows[:, place] != expected)
            if len(wrong):
                raise SealedError(
                    f"ciphertext {wrong[0] + 1} does not add up: {name} {rows[wrong[0], place]}, expected {expected}; "
                    "an envelope was made with another key, or was made up"
                )


def check_columns(profile: Profile) -> None:
    """SealedError where a column's counts are more or fewer than the rows: an overflow, or counts that were made up."""
    for key, counts in profile.tables.items():
        if key.segment is None and key.table.startswith("column:") and int(counts.sum()) not in (0, profile.rows):
            held = int(counts.sum())
            raise SealedError(f"{key.table} holds {held} counts of {profile.rows} rows; its envelopes were made up")
