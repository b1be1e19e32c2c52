"""A family's asset: its metrics of the day, the last 7 and the last 30 days, judged and kept as records."""

from collections.abc import Callable, Sequence

import dagster as dg

from aimon.daily.judging import by_segment, headline
from aimon.daily.model_day import ModelDay
from aimon.verdict.record import Family
from assets.judged import judgement
from assets.made import Made
from assets.step import Step
from resources.names import PROFILE


def maker(family: Family, *beside: Family) -> Callable[[ModelDay], Made]:
    """The function that judges the family, and those beside it that its check speaks for too.

    The numbers it plots over the days are the family's headline metrics, and the first of them in each segment.
    """

    def make(day: ModelDay) -> Made:
        judged = [each for one in (family, *beside) for each in day.judge(one)]
        return Made(
            metadata={"records": len(judged), **headline(family, judged), **by_segment(family, judged)},
            judgements={family.value: judgement(judged)},
        )

    return make


def family_step(
    key: dg.AssetKey, family: Family, description: str, check_description: str, beside: Sequence[Family] = ()
) -> Step:
    """The step of one family of metrics, and of those beside it that its check speaks for."""
    return Step(
        key=key,
        make=maker(family, *beside),
        description=description,
        kinds=frozenset({"python", "sqlalchemy"}),
        deps=(PROFILE,),
        checks={family.value: check_description},
    )
