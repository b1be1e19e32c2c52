"""How much personal data each source sends in texts, as it was found and taken out at the door; never what."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from aimon import clock
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.described import Page, Plain, Words, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of
from aimon.store import found_pii

router = APIRouter(prefix="/monitoring", tags=["monitoring"])


class Source(Plain):
    """What one sender put into the texts of one model's rows."""

    model: str
    source: str = Field(description="who sent the rows: a key or a user", examples=["key:4f1c2a90"])
    texts: int = Field(description="rows that had a text")
    finds: int = Field(description="rows in which something was found and taken out")
    score: float = Field(description="100 times the mean weight of the worst finds, from 0 to 100")


@router.get("/personal-data", responses=protected(Page[Source], HTTPStatus.NOT_FOUND))
def personal_data(
    request: Request,
    _: Reader,
    model: Words = None,
    days: Annotated[int, Query(ge=1, le=366, description="how many days, today included")] = 7,
) -> Response:
    """How much personal data each source sent in texts, the worst first."""
    platform, today = platform_of(request), clock.today()
    with platform.store.session() as connection:
        key = None if model is None else key_of(platform, connection, model)
        found = found_pii.by_source(connection, today - timedelta(days=days - 1), today, key)
    items = [
        {
            "model": platform.models[own].name if own in platform.models else own,
            "source": source,
            "texts": sums.texts,
            "finds": sums.finds,
            "score": sums.score,
        }
        for (own, source), sums in found.items()
    ]
    return answer({"items": sorted(items, key=lambda item: -item["score"]), "next": None})
