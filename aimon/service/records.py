"""Records: every metric of every window with its verdict, filtered and in pages; and a model's drift day by day."""

from datetime import date, timedelta
from http import HTTPStatus
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row
from starlette.responses import Response

from aimon import clock
from aimon.errors import UserError
from aimon.metrics.registry import families_of
from aimon.platform import Platform
from aimon.service.access import Reader
from aimon.service.answers import LONGEST_PAGE, answer, cursor, place
from aimon.service.described import NO_NUL, Day, Moment, Named, Page, Plain, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of
from aimon.store import drawn, records
from aimon.store.records import StoredRecord

router = APIRouter(prefix="/monitoring", tags=["monitoring"])

Range = Literal["24h", "7d", "30d"]
Window = Literal["1d", "24h", "7d", "30d"]
Family = Literal["drift", "quality", "fairness", "performance", "estimate", "operations", "privacy"]
Verdict = Literal["ok", "watch", "warning", "critical", "insufficient", "not_estimable", "unsupported"]
DAYS = {"24h": 1, "7d": 7, "30d": 30}
LONGEST = timedelta(days=366)
DRIFT = ("psi", "kl", "js", "wasserstein", "ks", "chi2", "symmetric_chi2")
MOST_COLUMNS = 2000

ModelName = Annotated[str, Query(min_length=1, max_length=100, pattern=NO_NUL, examples=["loan-approval"])]


class Record(Plain):
    """One metric of one window."""

    model: str
    version: str
    day: Day
    window: str
    family: str
    metric: str = Field(examples=["psi"])
    column: Any = Field(examples=["income"], description="a column, or an array for an intersection")
    segment: Any
    group: Any
    groups: Any
    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: float | None
    threshold: float | None
    verdict: str
    maturity: str | None
    n_reference: int | None
    n_current: int | None
    low_power: bool
    reason: str | None
    rule: str | None
    baseline_id: str | None
    grid_id: str | None
    run_id: str | None
    as_of: Moment


class Records(Plain):
    """The records of a model, in the shape of `aimon compare --json`; row counts are the largest of these records."""

    model: str = Field(examples=["loan-approval"])
    version: str | None = Field(description="of the newest of these records")
    reference_rows: int | None
    current_rows: int | None
    as_of: Moment | None
    metrics: list[Record]
    next: str | None = Field(description="`cursor` of the following page, null at the end")


class DriftColumn(Plain):
    """The drift of one column on one day."""

    column: str
    verdict: str
    values: dict[str, float | None] = Field(examples=[{"psi": 0.31, "wasserstein": 0.4}])


class DriftSnapshot(Plain):
    """A model's drift on one day; the columns that drift most come first."""

    day: Day
    drift_score: float | None
    verdict: str | None
    columns: list[DriftColumn]


class Filters(BaseModel):
    """What is asked for. Each further key narrows."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    model: str = Field(min_length=1, max_length=100, pattern=NO_NUL, examples=["loan-approval"])
    range_: Range = Field(default="24h", alias="range", description="how far back from today")
    from_: date | None = Field(default=None, alias="from", description="first day, instead of a range")
    to: date | None = Field(default=None, description="last day; default: today")
    window: Window | None = None
    family: Family | None = None
    metric: str | None = Field(default=None, max_length=100, pattern=NO_NUL)
    column: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    segment: str | None = Field(default=None, max_length=200, pattern=NO_NUL, description="empty: of all rows")
    verdict: list[Verdict] | None = None
    limit: int = Field(default=LONGEST_PAGE, ge=1, le=LONGEST_PAGE, description="how many at most")
    cursor: str | None = Field(
        default=None, max_length=500, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before"
    )


@router.get("/records", responses=protected(Records, HTTPStatus.NOT_FOUND))
def list_records(request: Request, _: Reader, asked: Annotated[Filters, Query()]) -> Response:
    """The records of a model in the order of day and window; each argument narrows."""
    platform = platform_of(request)
    since, until = days_asked(asked.range_, asked.from_, asked.to)
    with platform.store.session() as connection:
        found, following = records.page(
            connection,
            model=key_of(platform, connection, asked.model),
            since=since,
            until=until,
            window=asked.window,
            family=asked.family or (None if asked.metric is None else families_of([asked.metric])),
            metric=asked.metric,
            column=asked.column,
            segment=asked.segment,
            verdicts=asked.verdict,
            limit=asked.limit,
            after=None if asked.cursor is None else _place(asked.cursor),
        )
    return answer(_told(asked.model, found, None if following is None else cursor(*_plain(following))))


@router.get("/drift-snapshots/{model}", responses=protected(Page[DriftSnapshot], HTTPStatus.NOT_FOUND))
def drift_snapshots(
    request: Request,
    _: Reader,
    model: Named,
    range_: Annotated[Range, Query(alias="range", description="how far back from today")] = "30d",
    from_: Annotated[date | None, Query(alias="from", description="first day, instead of a range")] = None,
    to: Annotated[date | None, Query(description="last day; default: today")] = None,
    window: Window = "1d",
) -> Response:
    """A model's drift day by day: its score, and each column's distances."""
    since, until = days_asked(range_, from_, to)
    return answer({"items": _snapshots(platform_of(request), model, since, until, window), "next": None})


def _snapshots(platform: Platform, model: str, since: date, until: date, window: str) -> list[dict[str, Any]]:
    with platform.store.session() as connection:
        key = key_of(platform, connection, model)
        found = drawn.distances(
            connection, model=key, since=since, until=until, window=window, metrics=("drift_score", *DRIFT)
        )
    return [_snapshot(day, list(own)) for day, own in groupby(found, key=itemgetter(0))]


def _snapshot(day: date, own: list[Row[Any]]) -> dict[str, Any]:
    score, verdict, columns = None, None, dict[str, dict[str, Any]]()
    for _, metric, column, value, told in own:
        if metric == "drift_score":
            score, verdict = value, told
        elif isinstance(column, str):
            shown = columns.setdefault(column, {"column": column, "verdict": "ok", "values": {}})
            shown["values"][metric] = value
            if told != "ok":
                shown["verdict"] = max(shown["verdict"], told, key=_severity)
    worst = sorted(
        columns.values(), key=lambda shown: (-_severity(shown["verdict"]), -(shown["values"].get("psi") or 0))
    )
    return {"day": day, "drift_score": score, "verdict": verdict, "columns": worst[:MOST_COLUMNS]}


def _told(model: str, found: list[StoredRecord], following: str | None) -> dict[str, Any]:
    newest = max(found, key=lambda each: (each.day, each.as_of), default=None)
    return {
        "model": model,
        "version": None if newest is None else newest.version,
        "reference_rows": max((each.n_reference for each in found if each.n_reference is not None), default=None),
        "current_rows": max((each.n_current for each in found if each.n_current is not None), default=None),
        "as_of": max((each.as_of for each in found), default=None),
        "metrics": [each.as_json() for each in found],
        "next": following,
    }


def _severity(verdict: str) -> int:
    return {"critical": 3, "warning": 2, "watch": 1}.get(verdict, 0)


def days_asked(range_: str, since: date | None, until: date | None) -> tuple[date, date]:
    """The first and the last day that are asked for."""
    last = until or clock.today()
    first = since or max(last, date.min + timedelta(days=40)) - timedelta(days=DAYS[range_])
    if first > last:
        raise UserError("from lies behind to; swap them")
    if last - first > LONGEST:
        raise UserError("more than a year is asked for at once; ask for it in parts")
    return first, last


def _place(text: str) -> tuple[date, str, str, int]:
    day, window, family, position = place(text, (str, str, str, int))
    try:
        return date.fromisoformat(day), window, family, position
    except ValueError:
        raise UserError("cursor: this is no cursor of this list; leave it out to begin with the first page") from None


def _plain(following: tuple[date, str, str, int]) -> tuple[Any, ...]:
    return following[0].isoformat(), *following[1:]
