"""`sealed_batches`, `sealed_profile`: a sealed model's envelopes and their sum, which is made without any key.

What its owner hands back for the sum comes after: released counts as `profile`, verdicts as the families' records.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps

from aimon.daily.model_day import ModelDay
from aimon.daily.sealed_day import SealedDay
from aimon.metrics.metric import Family
from assets.judged import judgement
from assets.made import Judgement, Made
from assets.step import Source, Step
from resources.names import SEALED_BATCHES, SEALED_PROFILE

QUALITY = Family.QUALITY.value


def of_sealed(make: Callable[[SealedDay], Made]) -> Callable[[ModelDay], Made]:
    """The function for days of sealed models; the chain asks it of no others."""

    @wraps(make)
    def made(day: ModelDay) -> Made:
        if not isinstance(day, SealedDay):
            raise TypeError(f"{day.spec.model} is not sealed")
        return make(day)

    return made


@of_sealed
def batches(day: SealedDay) -> Made:
    """Say which envelopes there are."""
    found = day.envelopes
    if not found:
        return Made(metadata={}, absent="no envelope of it has come", waits="envelopes")
    return Made(
        metadata={
            "dagster/row_count": sum(each.rows for each in found),
            "envelopes": len(found),
            "senders": len(Counter(each.sender for each in found)),
            "bytes": sum(each.bytes for each in found),
        }
    )


@of_sealed
def added(day: SealedDay) -> Made:
    """Add the envelopes; judge nothing before the owner has answered."""
    made = day.add()
    if made is None:
        return Made(metadata={}, absent=day.waiting, waits="the end of the day")
    return Made(
        metadata={
            "dagster/row_count": made.rows,
            "envelopes": made.envelopes,
            "manifest": made.counts_id,
            "joined labels": made.joined_id or day.unjoined or "none are declared",
            "answer": made.answer or "none yet",
            "sigma": made.sigma or 0.0,
        },
        data_version=made.manifest_id,
        judgements=quality(day) if day.waiting is None and day.withheld is None else {},
        waits=day.waiting,
        unusable=None if day.withheld is None else f"the owner of the key withholds it: {day.withheld}",
    )


def quality(day: ModelDay) -> Mapping[str, Judgement]:
    """Missing, unseen and unreadable values, by what the owner handed back."""
    return {QUALITY: judgement(day.judge(Family.QUALITY))}


STEPS = (
    Step(
        key=SEALED_BATCHES,
        make=batches,
        description="The envelopes of encrypted counts that hosts sent of the day. Nobody here can read them.",
        kinds=frozenset({"sqlalchemy"}),
        source=Source.SEALED,
        freshness=None,
        reads_rows=True,
    ),
    Step(
        key=SEALED_PROFILE,
        make=added,
        description="The sum of the day's envelopes, made without any key, for the owner of the key to open.",
        kinds=frozenset({"parquet"}),
        deps=(SEALED_BATCHES,),
        checks={QUALITY: "Missing, unseen, out-of-range and unreadable values, by what the owner handed back."},
        source=Source.SEALED,
        freshness=None,
        reads_rows=True,
        judge=quality,
    ),
)
