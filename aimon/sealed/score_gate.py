"""The owner's door for scores. In: sealed scores. Out: one number a column, or a refusal; never a count."""

from dataclasses import dataclass, field

from aimon.errors import SealedError
from aimon.sealed.gate import LEAST_ROWS
from aimon.sealed.ledger import Ledger, check_cohort, release_of
from aimon.sealed.scores import CANARY, CANARY_SCORE, Scored, ScorePlan
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.secret import RealSecretKey

TOLERANCE = 1e-3


@dataclass(slots=True)
class ScoreGate:
    """Holds the secret key and remembers what it released."""

    plan: ScorePlan
    key: RealSecretKey
    key_id: str
    least_rows: int = LEAST_ROWS
    ledger: Ledger = field(default_factory=Ledger)

    def open(self, scored: Scored) -> dict[str, float]:
        """The symmetric chi-square of each column."""
        if scored.key_id != self.key_id or scored.plan_id != self.plan.id:
            raise SealedError(
                f"the scores are of key {scored.key_id} and plan {scored.plan_id}, which this gate has not"
            )
        if digest(scored.ciphertext) != scored.digest:
            raise SealedError("the scores hold another ciphertext than they name: it was changed")
        check_cohort(self.ledger, scored.inputs, scored.id, self.least_rows)
        slots = self.key.decrypt(scored.ciphertext)
        if not abs(slots[CANARY] - CANARY_SCORE) < TOLERANCE:
            raise SealedError(
                f"the scores do not add up: the canary is {slots[CANARY]:.4g}, expected {CANARY_SCORE:.4g}; an "
                "envelope was made with another key, was made up, or has other rows than it says"
            )
        if self.ledger.earlier(scored.id) is None:
            self.ledger.add(release_of(scored.id, scored.inputs))
        return dict(zip(self.plan.columns, slots, strict=False))
