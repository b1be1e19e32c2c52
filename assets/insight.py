"""`insight`: what whole rows tell: the sample, the columns together, performance without labels, why the day alarms."""

import dagster as dg

from aimon.daily.judging import headline
from aimon.daily.model_day import ModelDay
from aimon.daily.window import OWN
from aimon.report.why import why
from aimon.verdict.record import Family
from assets.made import Made, Metadata
from assets.step import Step
from resources.names import INSIGHT, PROFILE


def make(day: ModelDay) -> Made:
    """Draw the sample, ask it, and keep what it says. Its alarms belong to the check of the performance."""
    judged = day.ask()
    return Made(
        metadata={
            "records": len(judged),
            "sampled": day.sampled,
            **headline(Family.ESTIMATE, judged),
            **reasons(day),
        }
    )


def reasons(day: ModelDay) -> Metadata:
    """Why the day alarms, as a list; nothing where nothing does."""
    own = [each.record for found in day.judged.values() for each in found if each.window == OWN.name]
    text = "\n".join(
        f"**{each.title}**\n\n" + "\n".join(f"- {sentence}" for sentence in each.sentences) + "\n" for each in why(own)
    )
    return {"why": dg.MetadataValue.md(text)} if text else {}


STEP = Step(
    key=INSIGHT,
    make=make,
    description="What a sample of whole rows tells: whether the columns together moved, how right the model is before "
    "labels arrive, and why the day alarms. Asked once the day is over.",
    kinds=frozenset({"scikitlearn", "parquet"}),
    deps=(PROFILE,),
)
