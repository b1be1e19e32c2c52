"""Reports of model days, as they lie in the lake. Pages are shown in a box: nothing in them could reach the API."""

from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from aimon.errors import MissingError
from aimon.lake.reports import Form, report_key, reports_of_model
from aimon.service.access import Reader
from aimon.service.answers import answer, cursor, page, place
from aimon.service.described import Cursor, Day, Limit, Named, Page, Plain, Words, protected
from aimon.service.headers import POLICY
from aimon.service.naming import key_of
from aimon.service.opened import platform_of

router = APIRouter(prefix="/reports", tags=["reports"])
ROOT = "/api/v1"
MEDIA = {Form.JSON: "application/json", Form.CSV: "text/csv; charset=utf-8", Form.PDF: "application/pdf"}
BOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
SCRIPTED_BOX = BOX.replace("sandbox", "sandbox allow-scripts") + "; script-src 'unsafe-inline' 'unsafe-eval'"


class ReportDay(Plain):
    """A day that has reports."""

    day: Day
    forms: list[Form] = Field(examples=[["html", "json", "csv"]])


def url_of(model: str, day: date, form: Form) -> str:
    """The address of a report; it stays."""
    return f"{ROOT}/reports/{model}/{day.isoformat()}/{form.value}"


class ReportOfModel(Plain):
    """A model's day that has reports, and the address of each form."""

    model: str = Field(examples=["loan-approval"])
    day: Day
    forms: dict[Form, str] = Field(examples=[{"html": "/api/v1/reports/loan-approval/2026-11-19/html"}])


@router.get("", responses=protected(Page[ReportOfModel], HTTPStatus.NOT_FOUND))
def list_all_reports(
    request: Request, _: Reader, model: Words = None, limit: Limit = 50, cursor_: Cursor = None
) -> Response:
    """Every report there is, of the latest day first, with its address, which stays."""
    platform = platform_of(request)
    after = None if cursor_ is None else place(cursor_, (str, str))
    if model is not None:
        with platform.store.session() as connection:
            keys = {model: key_of(platform, connection, model)}
    else:
        keys = {spec.name: key for key, spec in platform.models.items()}
    found = [
        (day.isoformat(), name, forms)
        for name, key in keys.items()
        for day, forms in reports_of_model(platform.lake, key).items()
    ]
    found.sort(key=lambda each: each[1])
    found.sort(key=lambda each: each[0], reverse=True)
    if after is not None:
        found = [each for each in found if each[0] < after[0] or (each[0] == after[0] and each[1] > after[1])]
    following = cursor(*found[limit - 1][:2]) if len(found) > limit else None
    items = [
        {
            "model": name,
            "day": day,
            "forms": {form.value: url_of(name, date.fromisoformat(day), form) for form in forms},
        }
        for day, name, forms in found[:limit]
    ]
    return page(items, following)


@router.get("/{model}", responses=protected(Page[ReportDay], HTTPStatus.NOT_FOUND))
def list_reports(request: Request, _: Reader, model: Named) -> Response:
    """The days of a model that have reports, the latest first."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        key = key_of(platform, connection, model)
    found = reports_of_model(platform.lake, key)
    return answer({"items": [{"day": day, "forms": forms} for day, forms in found.items()], "next": None})


@router.get(
    "/{model}/{day}/{form}",
    responses={
        **protected(Plain, HTTPStatus.NOT_FOUND),
        200: {
            "description": "The report",
            "content": {media: {} for media in ("text/html", "application/json", "text/csv", "application/pdf")},
        },
    },
)
def show_report(request: Request, _: Reader, model: Named, day: date, form: Form) -> Response:
    """One report of a day: a page, JSON, CSV or PDF."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        key = report_key(key_of(platform, connection, model), day, form)
    if not platform.lake.exists(key):
        raise MissingError(f"{model} has no {form.value} report of {day}; GET reports/{model} lists those there are")
    scripted = form in (Form.EVIDENTLY,)
    headers = {POLICY: SCRIPTED_BOX if scripted else BOX, "X-Frame-Options": "SAMEORIGIN"}
    media = MEDIA.get(form, "text/html; charset=utf-8")
    return Response(platform.lake.read_bytes(key), media_type=media, headers=headers)
