"""Every model in a line, the worst first: its health, what stands, the numbers that stand for it, a month of each."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from aimon.daily.glance import Glance, Health, Month, order, trend_days
from aimon.service.access import Reader
from aimon.service.answers import LONGEST_PAGE, answer, cursor, place
from aimon.service.described import Cursor, Day, Limit, Moment, Plain, Words, protected
from aimon.service.opened import platform_of

router = APIRouter(prefix="/monitoring", tags=["monitoring"])
_PLACE = (int, int, int, float, str)
NUMBERLESS = Month().as_json()


class Mature(Plain):
    """A number whose labels all had their time to arrive."""

    value: float | None
    day: Day


class Head(Plain):
    """The newest value of what stands for a model, and its month. `trend` has a value for each of `days`."""

    metric: str = Field(examples=["drift_score"])
    column: str | list[str] | None = Field(examples=["sex"])
    value: float | None
    low: float | None
    high: float | None
    threshold: float | None
    verdict: str = Field(examples=["warning"])
    maturity: str | None
    estimated: bool = Field(description="whether it is estimated without labels")
    last_mature: Mature | None = Field(description="beside an estimate: the last value by mature labels")
    day: Day
    trend: list[float | None]


class NewestIncident(Plain):
    """The newest of the worst incidents that stand."""

    id: int
    severity: str
    title: str
    opened_at: Moment


class Line(Plain):
    """One model."""

    model: str = Field(examples=["loan-approval"])
    version: str
    task: str
    owner: str | None
    description: str | None
    retired: bool
    health: Health
    why: str = Field(examples=["1 critical incident stands: loan-approval: income drifted (PSI 0.31, limit 0.25)"])
    incidents: dict[str, int] = Field(examples=[{"critical": 1, "warning": 0, "info": 0}])
    newest_incident: NewestIncident | None
    last_day: Day | None
    analysed_at: Moment | None
    drift: Head | None
    fairness: Head | None = Field(description="the worst gap of the last day")
    performance: Head | None
    volume: Head | None
    cost: Head | None


class Overview(Plain):
    """The models, the worst first. `days` are those of every trend."""

    days: list[Day]
    items: list[Line]
    next: str | None


@router.get("/overview", responses=protected(Overview))
def overview(
    request: Request,
    _: Reader,
    search: Words = None,
    owner: Words = None,
    health: Health | None = None,
    brief: Annotated[bool, Query(description="without the numbers and their months, which are null then")] = False,
    limit: Limit = LONGEST_PAGE,
    cursor_: Cursor = None,
) -> Response:
    """Every model in a line, the worst first; `search` looks into name, owner and description."""
    glance: Glance = request.app.state.glance
    after = None if cursor_ is None else place(cursor_, _PLACE)
    asked = None if search is None else search.casefold()
    lines = [
        line
        for line in glance.lines(platform_of(request))
        if (asked is None or asked in _text(line))
        and (owner is None or line["owner"] == owner)
        and (health is None or line["health"] == health)
        and (after is None or order(line) > after)
    ]
    following = cursor(*order(lines[limit - 1])) if len(lines) > limit else None
    shown = lines[:limit]
    if brief:
        shown = [{**line, **NUMBERLESS} for line in shown]
    return answer({"days": [] if brief else trend_days(), "items": shown, "next": following})


def _text(line: dict[str, Any]) -> str:
    return " ".join(line[key] or "" for key in ("model", "owner", "description")).casefold()
