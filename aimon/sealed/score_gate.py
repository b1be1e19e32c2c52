"""The owner's door for scores. In: sealed scores. Out: one number a column, or a refusal; never a count.

Decrypted numbers of this scheme carry noise that tells of the key. So what leaves the owner is `told`: a step of 0.001,
chosen by a draw that only the holder of the key can make.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from aimon.errors import SealedError, WithheldError
from aimon.sealed.gate import LEAST_ROWS
from aimon.sealed.ledger import Ledger, check_cohort, release_of
from aimon.sealed.noise import Stream
from aimon.sealed.score_plan import CANARY, CANARY_SCORE, COLUMNS, ScorePlan
from aimon.sealed.scores import OWN, Scores, WindowManifest
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.secret import RealSecretKey

TOLERANCE = 1e-3
LARGEST = 2.0
STEPS = 1000
"""How many steps of what is told make 1: each is sixteen times the noise of the scheme or more."""
FINE = 2**53


@dataclass(slots=True)
class ScoreGate:
    """Holds the secret key and remembers what it released."""

    plan: ScorePlan
    key: RealSecretKey
    key_id: str
    least_rows: int = LEAST_ROWS
    ledger: Ledger = field(default_factory=Ledger)

    def open(self, scores: Scores) -> dict[str, dict[str, float] | str]:
        """By window, the symmetric chi-square of each column, or why the window is withheld.

        WithheldError where the day itself is withheld.
        """
        manifest = scores.manifest
        if manifest.key_id != self.key_id or manifest.plan_id != self.plan.id:
            raise SealedError(
                f"the scores are of key {manifest.key_id} and plan {manifest.plan_id}, which this gate has not"
            )
        opened: dict[str, dict[str, float] | str] = {}
        for window in sorted(manifest.windows, key=lambda name: name != OWN):
            try:
                opened[window] = self._opened(manifest.windows[window], scores.ciphertexts[window])
            except WithheldError as error:
                if window == OWN:
                    raise
                opened[window] = str(error)
        return opened

    def told(self, window: WindowManifest, scores: Mapping[str, float]) -> dict[str, float]:
        """The scores as they leave the owner: the same window has the same ones each time."""
        stream = Stream(self.key.noise_key, f"scores {window.id}")
        return {
            column: math.floor(max(value, 0.0) * STEPS + stream.below(FINE) / FINE) / STEPS
            for column, value in sorted(scores.items())
        }

    def _opened(self, window: WindowManifest, ciphertext: bytes) -> dict[str, float]:
        if digest(ciphertext) != window.digest:
            raise SealedError("the scores hold another ciphertext than they name: it was changed")
        check_cohort(self.ledger, window.inputs, window.id, self.least_rows)
        slots = self.key.decrypt(ciphertext)
        if not abs(slots[CANARY] - CANARY_SCORE) < TOLERANCE:
            raise SealedError(
                f"the scores do not add up: the canary is {slots[CANARY]:.4g}, expected {CANARY_SCORE:.4g}; an "
                "envelope was made with another key, was made up, or has other rows than it says"
            )
        for place, value in enumerate(slots):
            own = slots[place % COLUMNS]
            if not (-TOLERANCE < value < LARGEST + TOLERANCE and abs(value - own) < TOLERANCE):
                raise SealedError(
                    f"the scores do not add up: slot {place} holds {value:.4g}, and no score is that; they were made up"
                )
        if self.ledger.earlier(window.id) is None:
            self.ledger.add(release_of(window.id, window.inputs))
        return dict(zip(self.plan.columns, slots, strict=False))
