"""What people say of a model's predictions, and whether it should be trained again."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from aimon import clock
from aimon.clock import days
from aimon.daily.feedback import join_feedback
from aimon.encryption.datakeys import finder
from aimon.intake.words import opened_label
from aimon.live.judgement import judge_feedback, should_retrain
from aimon.platform import Platform
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.described import Named, Plain, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of
from aimon.store import records, words

router = APIRouter(prefix="/monitoring", tags=["monitoring"])
ALARM_DAYS = 7
FAMILIES = ("drift", "performance")
MOST_REASONS = 10


class Advice(Plain):
    """Whether to train the model again, and why."""

    yes: bool
    reasons: list[str]


class Summary(Plain):
    """Cases that people looked at: how often they agree, and what that is worth."""

    cases: int
    unjoined: int = Field(description="cases whose prediction is not in the lake yet, or any more")
    by_kind: dict[str, int]
    biased: bool = Field(description="most cases were chosen by people: the rates hold for these cases only")
    disagreements: int = Field(description="predictions of which people say different things")
    label_disagreements: int = Field(description="predictions that have different labels by different sources")
    matrix: list[dict[str, Any]]
    accuracy: dict[str, float] | None
    classes: dict[str, Any]
    should_retrain: Advice


@router.get("/feedback/{model}", responses=protected(Summary, HTTPStatus.NOT_FOUND))
def feedback(request: Request, _: Reader, model: Named) -> Response:
    """The confusion matrix by people's word, precision, recall and F1 by class, and whether to train again."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        key = key_of(platform, connection, model)
    today = clock.today()
    recent = list(days(today - timedelta(days=ALARM_DAYS), today))
    if key in platform.models:
        join_feedback(platform, platform.models[key], recent)
    with platform.store.session() as connection:
        by_labels, by_people = words.disagreements(connection, key, partial(opened_label, finder(platform.keys), key))
        found = judge_feedback(words.judged(connection, key), by_people)
    advice = should_retrain(found, alarms(platform, key))
    told = {"yes": advice.yes, "reasons": list(advice.reasons)}
    return answer(found.as_json() | {"label_disagreements": by_labels, "should_retrain": told})


def alarms(platform: Platform, model: str) -> list[str]:
    """One sentence for each critical finding of drift or performance on the last day that was judged."""
    today = clock.today()
    with platform.store.session() as connection:
        for day in reversed(list(days(today - timedelta(days=ALARM_DAYS), today))):
            found = records.alarming(connection, model=model, day=day, families=FAMILIES)
            critical = dict.fromkeys(
                f"{each.metric}{'' if each.column is None else f' of {each.column}'} is critical on {day}"
                for each in found
                if each.verdict == "critical"
            )
            if found:
                return list(critical)[:MOST_REASONS]
    return []
