"""A family's asset: its metrics of the day, the last 7 and the last 30 days, judged and kept as records."""

from collections.abc import Callable

import dagster as dg

from aimon.daily.judging import headline
from aimon.daily.model_day import ModelDay
from aimon.verdict.record import Family
from assets.judged import judgement
from assets.made import Made
from assets.step import Step
from resources.names import PROFILE


def maker(family: Family) -> Callable[[ModelDay], Made]:
    """The function that judges the family; the numbers it plots over the days are the family's headline metrics."""

    def make(day: ModelDay) -> Made:
        judged = day.judge(family)
        return Made(
            metadata={"records": len(judged), **headline(family, judged)},
            judgements={family.value: judgement(judged)},
        )

    return make


def family_step(key: dg.AssetKey, family: Family, description: str, check_description: str) -> Step:
    """The step of one family of metrics."""
    return Step(
        key=key,
        make=maker(family),
        description=description,
        kinds=frozenset({"python", "sqlalchemy"}),
        deps=(PROFILE,),
        checks={family.value: check_description},
    )
