"""Where the reports of a model's day lie in the lake. The one module that knows, so a link made today holds tomorrow.

reports/model=<model>/date=<day>/report.html, report.json, report.csv, report.pdf, week.html
samples/model=<model>/date=<day>/evidently.html

Evidently's page is drawn from a sample of rows, so it lies beside the sample and expires with it.
"""

from datetime import date
from enum import StrEnum

from aimon.lake.lake import Lake


class Form(StrEnum):
    """The forms of a day's report. The first four say the same; `week` is about the seven days that end with it."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"
    WEEK = "week"
    EVIDENTLY = "evidently"


FOLDERS = ("reports", "samples")
FILES = {
    Form.HTML: "reports/{day}/report.html",
    Form.JSON: "reports/{day}/report.json",
    Form.CSV: "reports/{day}/report.csv",
    Form.PDF: "reports/{day}/report.pdf",
    Form.WEEK: "reports/{day}/week.html",
    Form.EVIDENTLY: "samples/{day}/evidently.html",
}


def report_key(model: str, day: date, form: Form = Form.HTML) -> str:
    """The key under which the lake has, or would have, the report.

    >>> report_key("loan-approval", date(2026, 11, 19), Form.CSV)
    'reports/model=loan-approval/date=2026-11-19/report.csv'
    """
    return FILES[form].format(day=f"model={model}/date={day.isoformat()}")


def reports_of_model(lake: Lake, model: str) -> dict[date, list[Form]]:
    """The days that have reports, the latest first, and in which forms."""
    forms = {file.rpartition("/")[2]: form for form, file in FILES.items()}
    found: dict[date, list[Form]] = {}
    for key in (key for folder in FOLDERS for key in lake.keys(f"{folder}/model={model}")):
        folder, _, file = key.rpartition("/")
        if file in forms:
            found.setdefault(date.fromisoformat(folder.rpartition("date=")[2]), []).append(forms[file])
    order = list(Form)
    return {day: sorted(found[day], key=order.index) for day in sorted(found, reverse=True)}


def reports_of_day(lake: Lake, model: str, day: date) -> dict[Form, str]:
    """The path or URL of each report that the day has."""
    keys = {form: report_key(model, day, form) for form in Form}
    return {form: lake.path(key) for form, key in keys.items() if lake.exists(key)}
