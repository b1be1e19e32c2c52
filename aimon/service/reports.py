"""Reports of model days, as they lie in the lake. Pages are shown in a box: nothing in them could reach the API."""

from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from aimon.errors import MissingError
from aimon.lake.reports import Form, report_key, reports_of_model
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.described import Day, Named, Page, Plain, protected
from aimon.service.headers import POLICY
from aimon.service.naming import key_of
from aimon.service.opened import platform_of

router = APIRouter(prefix="/reports", tags=["reports"])
MEDIA = {Form.JSON: "application/json", Form.CSV: "text/csv; charset=utf-8", Form.PDF: "application/pdf"}
BOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
SCRIPTED_BOX = BOX.replace("sandbox", "sandbox allow-scripts") + "; script-src 'unsafe-inline' 'unsafe-eval'"


class ReportDay(Plain):
    """A day that has reports."""

    day: Day
    forms: list[Form] = Field(examples=[["html", "json", "csv"]])


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
