"""What charts are drawn from: trends of metrics, distributions beside their baseline, calibration, and words."""

from collections.abc import Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from aimon.daily import distributions
from aimon.daily.recalled import stored_day
from aimon.errors import MissingError, UserError
from aimon.lake.reports import reports_of_day
from aimon.metrics.registry import families_of
from aimon.platform import Platform
from aimon.report.findings import Finding, findings
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.described import NO_NUL, Day, Moment, Named, Page, Plain, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of
from aimon.service.records import Family, Range, Window, days_asked
from aimon.service.reports import url_of
from aimon.spec.model import ModelSpec
from aimon.store import drawn, records
from aimon.store.columns import Label
from aimon.store.records import StoredRecord
from aimon.verdict.record import Verdict

router = APIRouter(prefix="/monitoring", tags=["charts"])
Whole = Literal["1d", "7d", "30d"]
MOST_POINTS = 20_000
LONGEST_PAST = 90
_GROUP = drawn.SERIES.index("group")
Text = Annotated[str | None, Query(max_length=200, pattern=NO_NUL)]


class Point(Plain):
    """One day of a trend."""

    day: Day
    value: float | None
    low: float | None
    high: float | None
    threshold: float | None
    verdict: str
    maturity: str | None
    n_current: int | None
    version: str
    baseline_id: str | None
    run_id: str | None
    as_of: Moment
    reason: str | None


class Trend(Plain):
    """One metric of one column, segment and group, day by day."""

    family: str
    metric: str = Field(examples=["psi"])
    column: Any = Field(examples=["income"])
    segment: Any
    group: Any
    groups: Any = Field(description="the pair that decides, of the last day")
    points: list[Point]


class TrendFilters(BaseModel):
    """Which trends are asked for: at least a metric or a family."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    metric: list[Annotated[str, Field(max_length=100, pattern=NO_NUL)]] | None = Field(
        default=None, max_length=50, examples=[["psi"]]
    )
    family: Family | None = None
    column: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    segment: str | None = Field(default=None, max_length=200, pattern=NO_NUL, description="empty: of all rows")
    group: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    window: Window = "1d"
    range_: Range = Field(default="30d", alias="range", description="how far back from today")
    from_: date | None = Field(default=None, alias="from", description="first day, instead of a range")
    to: date | None = Field(default=None, description="last day; default: today")


class Bin(Plain):
    """A part of a distribution on both sides; categories have no ends, moments have seconds since 1970."""

    label: str = Field(examples=["40000 to 42000"])
    low: float | None
    high: float | None
    baseline: int
    current: int
    baseline_share: float
    current_share: float


class ColumnShown(Plain):
    """A column that has a distribution."""

    column: str = Field(examples=["income"])
    kind: str = Field(examples=["numeric"])
    role: Literal["feature", "protected", "segment", "prediction", "score", "label", "beside"]
    verdict: str
    psi: float | None


class Quartiles(Plain):
    """The quartiles of both sides."""

    baseline: list[float]
    current: list[float]


class DistributionShown(ColumnShown):
    """One column beside its baseline."""

    sentence: str = Field(examples=["shifted up by 0.4 reference IQRs (median 41,000 to 47,500)"])
    log: bool = Field(description="whether the bins are of equal width on a logarithmic axis")
    bins: list[Bin]
    special: list[Bin] = Field(description="missing, never seen before, ...: what no bin holds")
    quartiles: Quartiles | None


class Distributions(Plain):
    """A window's columns, those that changed most first, and one of them drawn."""

    model: str
    day: Day
    window: str
    segment: str | None
    segments: list[str] = Field(examples=[["channel=web"]])
    baseline_id: str
    baseline_rows: int
    current_rows: int
    columns: list[ColumnShown]
    shown: DistributionShown | None


class Reliability(Plain):
    """Rows of a bin of scores: what was predicted and what turned out, with a 95 % interval."""

    rows: int
    predicted: float
    observed: float
    low: float
    high: float


class CalibrationBin(Plain):
    """A tenth of the scores."""

    low: float
    high: float
    baseline: Reliability | None
    current: Reliability | None


class Calibration(Plain):
    """Whether scores mean what they say, now and in the baseline."""

    model: str
    day: Day
    window: str
    baseline_id: str
    maturity: str | None
    ece: Point | None
    bins: list[CalibrationBin]


class FindingShown(Plain):
    """What is known of one subject, in words."""

    family: str
    subject: str
    title: str
    segment: str | None
    verdict: str
    sentence: str
    said: str = Field(examples=["income shifted up by 0.4 reference IQRs (median 41,000 to 47,500)"])
    since: Day | None = Field(description="since which day each judged one alarmed alike; null: it does not alarm")
    evidence: str


class Summary(Plain):
    """What happened on a day, in words, the worst first."""

    model: str
    version: str
    day: Day
    as_of: Moment
    baseline_id: str
    run_id: str | None
    headline: str
    findings: list[FindingShown]
    reports: dict[str, str] = Field(examples=[{"html": "/api/v1/reports/loan-approval/2026-11-19/html"}])


@router.get("/trends/{model}", responses=protected(Page[Trend], HTTPStatus.NOT_FOUND))
def trends(request: Request, _: Reader, model: Named, asked: Annotated[TrendFilters, Query()]) -> Response:
    """Metrics day by day, one line for each column, segment and group; each argument narrows."""
    if not asked.metric and asked.family is None:
        raise UserError("name a metric or a family; GET monitoring/records shows which there are")
    since, until = days_asked(asked.range_, asked.from_, asked.to)
    platform = platform_of(request)
    with platform.store.session() as connection:
        found = drawn.points(
            connection,
            model=key_of(platform, connection, model),
            since=since,
            until=until,
            window=asked.window,
            family=asked.family or families_of(asked.metric or ()),
            metric=asked.metric or None,
            column=None if asked.column is None else label_of(asked.column),
            segment=asked.segment,
            limit=MOST_POINTS + 1,
        )
    if len(found) > MOST_POINTS:
        raise UserError(f"these are more than {MOST_POINTS:,} points; name a metric, a column or fewer days")
    group = None if asked.group is None else label_of(asked.group)
    lines: dict[Any, list[Any]] = {}
    for series, point in found:
        if asked.group is None or series[_GROUP] == group:
            lines.setdefault(series[:-1], []).append((series, point))
    return answer({"items": [_trend(own) for own in lines.values()], "next": None})


@router.get("/distributions/{model}", responses=protected(Distributions, HTTPStatus.NOT_FOUND))
def show_distributions(
    request: Request,
    _: Reader,
    model: Named,
    day: date | None = None,
    window: Whole = "1d",
    column: Text = None,
    segment: Text = None,
) -> Response:
    """A day's columns beside the baseline; one of them, by default the one that changed most, as counts in bins."""
    platform = platform_of(request)
    both = distributions.sides(platform, _spec(platform, model), day, window, segment or None)
    columns = distributions.columns(both)
    wanted = column or next((each["column"] for each in columns), None)
    drawn = None if wanted is None else distributions.shown(both, wanted)
    if column is not None and drawn is None:
        raise MissingError(f"{model} has no counts of {column} on both sides; `columns` lists those that have")
    told = {
        "model": model,
        "day": both.day,
        "window": window,
        "segment": both.segment,
        "segments": both.segments,
        "baseline_id": both.baseline_id,
        "baseline_rows": both.baseline.rows,
        "current_rows": both.current.rows,
        "columns": columns,
        "shown": drawn,
    }
    return answer(told)


@router.get("/calibration/{model}", responses=protected(Calibration, HTTPStatus.NOT_FOUND))
def show_calibration(
    request: Request, _: Reader, model: Named, day: date | None = None, window: Whole = "1d", segment: Text = None
) -> Response:
    """Whether scores mean what they say: by tenths of the score, the mean score and what turned out."""
    platform = platform_of(request)
    both = distributions.sides(platform, _spec(platform, model), day, window, segment or None)
    with platform.store.session() as connection:
        found = records.query(
            connection,
            model=both.spec.model,
            since=both.day,
            until=both.day,
            window=window,
            metric="ece",
            segment=both.segment or "",
        )
    own = next((each for each in found if each.group is None), None)
    told = {
        "model": model,
        "day": both.day,
        "window": window,
        "baseline_id": both.baseline_id,
        "maturity": None if own is None else own.maturity,
        "ece": None if own is None else _point(own),
        "bins": distributions.calibration(both),
    }
    return answer(told)


@router.get("/summary/{model}", responses=protected(Summary, HTTPStatus.NOT_FOUND))
def summary(request: Request, _: Reader, model: Named, day: date | None = None) -> Response:
    """What happened on a day (default: the last one that was judged), in words: a headline, then each finding."""
    platform = platform_of(request)
    spec = _spec(platform, model)
    with platform.store.session() as connection:
        judged = day or records.last_day(connection, model=spec.model, window="1d")
        known = judged is not None and records.query(
            connection, model=spec.model, since=judged, until=judged, window="1d", limit=1
        )
    if judged is None or not known:
        raise MissingError(f"{model} was not judged{'' if judged is None else f' on {judged}'}")
    told = stored_day(platform, spec, judged)
    found = findings(told.grid, told.own, told.baseline, told.current)
    with platform.store.session() as connection:
        starts = [_since(connection, spec.model, judged, each) for each in found.noteworthy]
    names = ("family", "subject", "title", "segment", "verdict", "sentence")
    forms = reports_of_day(platform.lake, spec.model, judged)
    shown = {
        "model": model,
        "version": told.spec.version,
        "day": judged,
        "as_of": told.as_of,
        "baseline_id": told.baseline_id,
        "run_id": known[0].run_id,
        "headline": found.headline,
        "findings": [
            {
                **{name: getattr(each, name) for name in names},
                "said": f"{each.title}{each.joint}{each.sentence}",
                "since": since,
                "evidence": each.background,
            }
            for each, since in zip(found.noteworthy, starts, strict=True)
        ],
        "reports": {form.value: url_of(model, judged, form) for form in forms},
    }
    return answer(shown)


def _since(connection: Connection, model: str, day: date, finding: Finding) -> date | None:
    """Since when what a finding is about alarms day after day; a day that nobody judged is no break."""
    own = finding.deciding
    earlier = records.query(
        connection,
        model=model,
        since=day - timedelta(days=LONGEST_PAST),
        until=day,
        window="1d",
        family=own.family.value,
        metric=own.metric,
        column=own.column,
        segment=own.segment or "",
    )
    since = None
    for each in reversed([each for each in earlier if each.group == own.group]):
        if not Verdict(each.verdict).alarms:
            break
        since = each.day
    return since


def label_of(text: str) -> Label:
    """A label as it is written in a query: itself, or a JSON array for an intersection."""
    if not text.startswith("["):
        return text
    try:
        found = orjson.loads(text)
    except ValueError:
        return text
    return tuple(str(each) for each in found) if isinstance(found, list) else text


def _spec(platform: Platform, name: str) -> ModelSpec:
    """The declaration of the model, called by its key."""
    found = next((spec for spec in platform.models.values() if name in (spec.name, spec.model, *spec.formerly)), None)
    if found is None:
        raise MissingError(f"there is no model {name}; GET models lists those there are")
    return found


def _trend(own: Sequence[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> dict[str, Any]:
    last = own[-1][0]
    points = [dict(zip(drawn.POINT, point, strict=True)) for _, point in own]
    return {**dict(zip(drawn.SERIES, last, strict=True)), "points": points}


def _point(each: StoredRecord) -> dict[str, Any]:
    return {name: getattr(each, name) for name in drawn.POINT}
