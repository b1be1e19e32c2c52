"""The owner's door for joined sums. In: joined sums. Out: the counts of (group, decision, label), or a refusal.

The owner gets no envelope of records: with the key each could be read. That a sum follows from the envelopes is for
an auditor to say (`verify_join`); here its headers, its canaries, its rows and its noise must hold.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from aimon.errors import SealedError
from aimon.profile.profile import Counts, Profile, TableKey, total
from aimon.profile.tables import segments
from aimon.sealed.envelope import Envelope
from aimon.sealed.gate import LEAST_NOISE_BITS
from aimon.sealed.join import cohorts
from aimon.sealed.join.day import JoinedDay, check_day
from aimon.sealed.join.evaluator import Joined, check_ciphertexts
from aimon.sealed.join.layout import CANARY, JoinLayout
from aimon.sealed.join.noise import JoinNoise
from aimon.sealed.ledger import Ledger, Release, check_cohort, check_records, release_of
from aimon.sealed.seal.secret import SecretKey
from aimon.sealed.signature import check_senders

LEAST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Part:
    """The joined sums of one segment, or of records without one: what is released together of a day."""

    segments: tuple[str, ...]
    counts: Profile
    release: Release


@dataclass(frozen=True, slots=True)
class OpenedLabels:
    """A day's labels: outcomes, and how many there are (`labelled`, beside a 0). `left_out` says what is not in it."""

    counts: Profile
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class JoinGate:
    """Holds the secret key and remembers what it released. `least_rows` is the smallest cohort."""

    layout: JoinLayout
    key: SecretKey
    key_id: str
    least_rows: int = LEAST_ROWS
    ledger: Ledger = field(default_factory=Ledger)
    senders: Mapping[str, str] = field(default_factory=dict)
    """Who may send, by the key that each signs with; where there is none, envelopes need no signature."""
    noise: JoinNoise | None = None

    @property
    def sigma(self) -> float:
        """The standard deviation of the noise in each released count; 0 where counts are exact."""
        return 0.0 if self.noise is None else self.noise.sigma

    def open(self, joined: Joined) -> Profile:
        """The `outcome` tables of one joined sum, by (group, decision, label), over records that have a label."""
        part = self._part((), [joined])
        self._check(part.release)
        self._note([part.release])
        return part.counts

    def open_day(self, found: JoinedDay, model: str, day: date) -> OpenedLabels:
        """All labels of a day. A segment that has too few yet is left out; if others may not be told, nothing is.

        The same joined sums have the same noise each time, so that opening them again costs and tells nothing.
        """
        headers = check_day(found, model, day)
        if self.senders:
            check_senders(headers.values(), self.senders)
        known = set(segments(self.layout.grid))
        several: dict[tuple[str, ...], list[Joined]] = {}
        for joined in found.joins:
            several.setdefault(segments_of(joined, headers, known), []).append(joined)
        parts, left_out = list[Part](), list[str]()
        for names, joins in several.items():
            part = self._part(names, joins)
            if self._is_young(part.release):
                told = ", ".join(names) or "no segment"
                left_out.append(f"labels of {told} are fewer than {self.least_rows}")
                continue
            self._check(part.release)
            parts.append(part)
        if not parts:
            raise SealedError("; ".join(left_out))
        counts = self._together(parts)
        if self.noise is not None:
            counts = self.noise.released(counts, found.manifest.id, self.ledger)
        self._note([each.release for each in parts])
        return OpenedLabels(counts, tuple(left_out))

    def _part(self, names: tuple[str, ...], joins: Sequence[Joined]) -> Part:
        opened = [self._opened(each) for each in joins]
        inputs = {each: rows for joined in joins for each, rows in joined.manifest.inputs.items()}
        first = joins[0].manifest
        name = first.id
        if len(joins) > 1:
            name = hashlib.sha256(" ".join(sorted(each.manifest.id for each in joins)).encode()).hexdigest()
        counts = total(opened, self.layout.grid.id)
        held = counts.tables[TableKey(self.layout.tables[0])].sum()
        release = release_of(name, inputs, mask=first.mask, released_rows=int(held), sigma=self.sigma)
        return Part(names, counts, release)

    def _check(self, release: Release) -> None:
        check_cohort(self.ledger, release.rows, release.manifest_id, self.least_rows)
        check_records(self.ledger, release, self.least_rows)

    def _is_young(self, release: Release) -> bool:
        """Whether it has too few labels, and none of its records were told of before."""
        known = any(each.rows.keys() & release.rows.keys() for each in self.ledger.releases)
        return not known and release.released_rows < self.least_rows

    def _note(self, releases: Iterable[Release]) -> None:
        for release in releases:
            if self.ledger.earlier(release.manifest_id, release.sigma) is None:
                self.ledger.add(release)

    def _together(self, parts: Iterable[Part]) -> Profile:
        """Outcomes, confusion and the number of labels, of all parts and of each segment."""
        tables: dict[TableKey, Counts] = {}
        for part in parts:
            outcome = part.counts.tables[TableKey(self.layout.tables[0])]
            confusion = outcome.reshape(-1, *outcome.shape[-2:]).sum(axis=0)
            made = {key.table: counts for key, counts in part.counts.tables.items()}
            made |= {"confusion": confusion, "labelled": np.array([confusion.sum(), 0], np.int64)}
            for segment in (None, *part.segments):
                for table, counts in made.items():
                    if segment is None or "*" not in table:  # pairs of attributes are counted over all rows only
                        key = TableKey(table, segment)
                        tables[key] = tables[key] + counts if key in tables else counts
        return Profile(self.layout.grid.id, tables)

    def _opened(self, joined: Joined) -> Profile:
        manifest = joined.manifest
        if manifest.key_id != self.key_id:
            raise SealedError(f"the joined sum is of key {manifest.key_id}, this gate holds key {self.key_id}")
        if manifest.layout_id != self.layout.id:
            raise SealedError(f"the joined sum has layout {manifest.layout_id}, this gate knows {self.layout.id}")
        check_ciphertexts(joined)
        counts = {part: self._counts(joined, part) for part in manifest.parts}
        found: dict[TableKey, Counts] = {}
        held = set()
        for table, records in counts["records"].items():
            positive, labelled = counts["positive"][table], counts.get("labelled", counts["records"])[table]
            chosen = int(records.sum())
            if (positive > labelled).any() or (labelled > records).any() or chosen > manifest.rows:
                raise SealedError("the joined sum holds more labels than records; its envelopes were made up")
            if manifest.mask is None and chosen != manifest.rows:
                raise SealedError(
                    f"the joined sum holds {chosen} of {manifest.rows} records; its envelopes were made up"
                )
            held.add((chosen, int(labelled.sum()), int(positive.sum())))
            found[TableKey(table)] = np.stack([labelled - positive, positive], axis=-1)
        if len(held) != 1:
            raise SealedError("the joined sum holds other records for one attribute than for another; it was made up")
        return Profile(self.layout.grid.id, found)

    def _counts(self, joined: Joined, part: str) -> dict[str, Counts]:
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


def segments_of(joined: Joined, headers: Mapping[str, Envelope], known: set[str]) -> tuple[str, ...]:
    """The segments that all records of the sum are of, as their hosts wrote into the headers."""
    written = [
        {f"{name}={value}" for name, value in headers[each].header.tags.items()} for each in joined.manifest.inputs
    ]
    return tuple(sorted(known.intersection(*written)))
