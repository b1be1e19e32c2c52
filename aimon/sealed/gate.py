"""The owner's door: the only place where sealed counts become readable. In: an aggregate. Out: a profile, or a refusal.

It trusts nobody: the sums must follow from the registered envelopes, the ciphertexts must be sound, the canaries and
the rows must add up, enough people must be in it, and it must not differ from an earlier release by a few only. What
leaves is exact, or has noise within a privacy budget; either way it is in the ledger first.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aimon.errors import SealedError, WithheldError
from aimon.profile.profile import Profile, TableKey
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import Aggregate, add, verify
from aimon.sealed.layout import CANARY, CANARY_VALUE, ENVELOPES, ROWS, Layout, Slots
from aimon.sealed.ledger import Ledger, check_cohort, release_of
from aimon.sealed.noise import NoisePolicy, Stream, consistent, discrete_gaussian
from aimon.sealed.signature import check_senders
from aimon.sealed.trend import Slope, verify_slope
from aimon.sealed.window import by_day

LEAST_ROWS = 50
LEAST_NOISE_BITS = 2
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through each count: its mean over the days, and by how much it grows a day."""

    days: tuple[date, ...]
    level: Mapping[TableKey, NDArray[np.float64]]
    slope: Mapping[TableKey, NDArray[np.float64]]

    def forecast(self, table: str, day: date, segment: str | None = None) -> NDArray[np.float64]:
        """Where the line of each count of a table is on a day."""
        key = TableKey(table, segment)
        middle = sum(each.toordinal() for each in self.days) / len(self.days)
        level = self.level[key]
        line: NDArray[np.float64] = level + self.slope.get(key, np.zeros_like(level)) * (day.toordinal() - middle)
        return line


class Decrypts(Protocol):
    """A secret key, or several sites that open together."""

    def noise_bits(self, ciphertext: bytes, /) -> int:
        """How many bits of room are left; at 0 the counts are garbage."""

    def decrypt(self, ciphertext: bytes, /) -> list[int]:
        """The counts, each modulo the modulus."""


@dataclass(slots=True)
class DecryptGate:
    """Holds the secret key and remembers what it released. `least_rows` is the smallest cohort.

    With `noise`, every sum that is released costs its part of the budget, once.
    """

    layout: Layout
    key: Decrypts
    key_id: str
    least_rows: int = LEAST_ROWS
    ledger: Ledger = field(default_factory=Ledger)
    noise: NoisePolicy | None = None
    senders: Mapping[str, str] = field(default_factory=dict)
    """Who may send, by the key that each signs with; where there is none, envelopes need no signature."""
    noise_key: bytes = b""
    """What noise is drawn from: `SecretKey.noise_key`."""
    beside: Sequence[Ledger] = ()
    """Other ledgers of the same rows, whose releases are paid from the same budget."""

    def __post_init__(self) -> None:
        if self.noise is not None and not self.noise_key:
            raise SealedError("noise needs a key of its own, or anybody could draw it again")

    @property
    def sigma(self) -> float:
        """The standard deviation of the noise in each released count; 0 where counts are exact."""
        return 0.0 if self.noise is None else math.sqrt(self.noise.variance(self.layout.touched))

    def open(self, aggregate: Aggregate, envelopes: Sequence[Envelope]) -> Profile:
        """The counts, if everything holds. `envelopes` are the registered ones that the manifest names.

        The same sum has the same noise each time, so that opening it again costs and tells nothing.
        """
        self._check_origin(aggregate, envelopes)
        release = release_of(aggregate.manifest.id, {each.id: each.header.rows for each in envelopes})
        check_cohort(self.ledger, release.rows, release.manifest_id, self.least_rows)
        known = self.ledger.earlier(release.manifest_id, self.sigma) is not None
        if not known:
            self._check_budget()
        manifest, modulus = aggregate.manifest, self.layout.parameters.modulus
        rows = self._decrypted(aggregate.ciphertexts)
        if manifest.rows >= modulus // 2:
            raise SealedError(f"{manifest.rows} rows overflow a slot; release at most {modulus // 2 - 1} at once")
        self._check_sums(rows, len(manifest.inputs), manifest.rows)
        profile = self.layout.profile_of(rows, aggregate.manifest.present)
        check_columns(profile)
        if self.noise is not None:
            release = release.model_copy(update={"rho": self.noise.rho, "sigma": self.sigma})
            noised = self.layout.profile_of(self._noised(rows, manifest.id), manifest.present)
            profile = consistent(noised, manifest.rows)
        if not known:
            self.ledger.add(release)
        return profile

    def open_trend(self, found: Slope, envelopes: Sequence[Envelope]) -> Trend:
        """The line through the days' counts. Each day counts as released: a trend of few days gives most of it away."""
        if self.noise is not None:
            raise SealedError("a trend is released exactly; where releases have noise, fit it through released counts")
        verify_slope(found, envelopes)
        days = by_day(envelopes)
        daily = [
            release_of(f"{found.manifest.id} {day}", {each.id: each.header.rows for each in several})
            for day, several in days.items()
        ]
        for release in daily:
            check_cohort(self.ledger, release.rows, release.manifest_id, self.least_rows)
        level = self.open(add(envelopes), envelopes)
        rows = self._decrypted(found.ciphertexts)
        factors, modulus = found.manifest.weights, self.layout.parameters.modulus
        self._check_sums(
            rows,
            sum(factors[day] * len(several) for day, several in days.items()),
            sum(factors[day] * count for day, count in found.manifest.rows.items()),
        )
        signed = np.where(rows > modulus // 2, rows - modulus, rows)
        for release in daily:
            if not self.ledger.holds(release.rows):
                self.ledger.add(release)
        weighted = self.layout.profile_of(signed, found.manifest.present)
        return Trend(
            days=tuple(days),
            level={key: counts / len(days) for key, counts in level.tables.items()},
            slope={key: counts / found.manifest.divisor for key, counts in weighted.tables.items()},
        )

    def _check_origin(self, aggregate: Aggregate, envelopes: Sequence[Envelope]) -> None:
        manifest = aggregate.manifest
        if manifest.key_id != self.key_id:
            raise SealedError(f"the aggregate is of key {manifest.key_id}, this gate holds key {self.key_id}")
        if manifest.layout_id != self.layout.id:
            raise SealedError(f"the aggregate has layout {manifest.layout_id}, this gate knows layout {self.layout.id}")
        if self.senders:
            check_senders(envelopes, self.senders)
        verify(aggregate, envelopes)

    def _check_budget(self) -> None:
        if self.noise is not None:
            check_budget(self.noise, (self.ledger, *self.beside), self.noise.rho)

    def _noised(self, rows: Slots, manifest_id: str) -> Slots:
        if self.noise is None:
            return rows
        payload = rows[:, : self.layout.payload]
        drawn = np.zeros(payload.size, np.int64)
        variance = self.noise.variance(self.layout.touched)
        stream = Stream(self.noise_key, f"{manifest_id} {variance}")
        drawn[: self.layout.size] = discrete_gaussian(variance, self.layout.size, stream)
        return np.hstack([payload + drawn.reshape(payload.shape), rows[:, self.layout.payload :]])

    def _decrypted(self, ciphertexts: Sequence[bytes]) -> Slots:
        for place, ciphertext in enumerate(ciphertexts, 1):
            left = self.key.noise_bits(ciphertext)
            if left < LEAST_NOISE_BITS:
                raise SealedError(
                    f"ciphertext {place} has {left} bits of noise budget left; add fewer envelopes at once"
                )
        return np.array([self.key.decrypt(each) for each in ciphertexts], np.int64)

    def _check_sums(self, rows: Slots, envelopes: int, total: int) -> None:
        modulus = self.layout.parameters.modulus
        for name, place, expected in (
            ("envelopes", ENVELOPES, envelopes),
            ("canary", CANARY, envelopes * (CANARY_VALUE + np.arange(len(rows)))),
            ("rows", ROWS, total),
        ):
            wanted = np.broadcast_to(expected, len(rows))
            wrong = np.flatnonzero(rows[:, place] != wanted % modulus)
            if len(wrong):
                first = wrong[0]
                raise SealedError(
                    f"ciphertext {first + 1} does not add up: {name} {rows[first, place]}, expected {wanted[first]}; "
                    "an envelope was made with another key, or was made up"
                )


def check_budget(noise: NoisePolicy, ledgers: Sequence[Ledger], cost: float) -> None:
    """WithheldError where a release of that cost, as zCDP, is beyond the budget of all of them."""
    first, *others = ledgers
    if first.epsilon(noise.delta, and_then=cost, beside=others) > noise.epsilon * (1 + ROUNDING):
        paid = sum(each.rho is not None for ledger in ledgers for each in ledger.releases)
        raise WithheldError(f"the privacy budget of epsilon {noise.epsilon:g} is spent by {paid} releases")


def check_columns(profile: Profile) -> None:
    """SealedError where a column's counts are more or fewer than the rows: an overflow, or counts that were made up."""
    for key, counts in profile.tables.items():
        if key.segment is None and key.table.startswith("column:") and int(counts.sum()) not in (0, profile.rows):
            held = int(counts.sum())
            raise SealedError(f"{key.table} holds {held} counts of {profile.rows} rows; its envelopes were made up")
