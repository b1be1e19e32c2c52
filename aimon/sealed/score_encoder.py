"""Sealing at a host that counts for scores only. In: rows, or a profile, and the public key. Out: an envelope."""

from collections.abc import Mapping
from datetime import date

from aimon.profile.profile import Profile
from aimon.sealed.envelope import Envelope
from aimon.sealed.heading import Heading
from aimon.sealed.score_plan import ScorePlan
from aimon.sealed.seal.real import DRIFT, RealPublicKey
from aimon.sealed.signature import Signer


class ScoreEncoder:
    """Seals counts for scoring. `sender` names this host; its envelopes are numbered from `number` on."""

    def __init__(
        self,
        plan: ScorePlan,
        key: RealPublicKey,
        *,
        model: str,
        version: str,
        sender: str,
        number: int,
        signer: Signer | None = None,
    ) -> None:
        self._plan = plan
        self._key = key
        self._heading = Heading(
            model=model,
            version=version,
            sender=sender,
            number=number,
            key_id=key.id,
            layout_id=plan.id,
            parameters=DRIFT.name,
            signer=signer,
        )

    def seal(self, profile: Profile, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Envelope:
        """The profile as an envelope."""
        ciphertexts, present = [self._key.encrypt(self._plan.slots_of(profile))], self._plan.columns
        return self._heading.envelope(
            ciphertexts, kind="scores", day=day, slot=slot, rows=profile.rows, present=present, tags=tags
        )
