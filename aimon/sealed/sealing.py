"""What a host seals with, by its files: counts, or counts for scores alone. In: paths. Out: an encoder."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Protocol

from aimon.errors import SealedError
from aimon.profile.profile import Profile
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.keys import read_public
from aimon.sealed.plan import read_plan
from aimon.sealed.score_encoder import ScoreEncoder
from aimon.sealed.score_keys import read_score_public
from aimon.sealed.score_plan import read_score_plan
from aimon.sealed.signature import Signer


class Seals(Protocol):
    """Counts of a day, as an envelope."""

    def seal(self, profile: Profile, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Envelope: ...


def encoder_of(plan: Path, key: Path, scores: Path | None, *, sender: str, number: int, signer: Signer | None) -> Seals:
    """The encoder; `scores` is the plan of scores, where counts are sealed for these alone."""
    read = read_plan(plan)
    about = {"model": read.model, "version": read.version, "sender": sender}
    if scores is None:
        return Encoder(read.layout, read_public(key), number=number, signer=signer, **about)
    bins = read_score_plan(scores)
    if bins.grid_id != read.grid.id:
        raise SealedError(f"{scores} belongs to another plan than {plan}; `aimon sealed plan --scores` makes both")
    return ScoreEncoder(bins, read_score_public(key), number=number, signer=signer, **about)
