"""Where the reports of a model's day lie in the lake. The one module that knows, so a link made today holds tomorrow.

reports/model=<model>/date=<day>/report.html, report.json, report.csv, report.pdf, evidently.html
"""

from datetime import date
from enum import StrEnum

from aimon.lake.lake import Lake

FOLDER = "reports"


class Form(StrEnum):
    """The forms of a day's report; all but `evidently` say the same."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"
    EVIDENTLY = "evidently"


FILES = {
    Form.HTML: "report.html",
    Form.JSON: "report.json",
    Form.CSV: "report.csv",
    Form.PDF: "report.pdf",
    Form.EVIDENTLY: "evidently.html",
}


def report_key(model: str, day: date, form: Form = Form.HTML) -> str:
    """The key under which the lake has, or would have, the report.

    >>> report_key("loan-approval", date(2026, 11, 19), Form.CSV)
    'reports/model=loan-approval/date=2026-11-19/report.csv'
    """
    return f"{FOLDER}/model={model}/date={day.isoformat()}/{FILES[form]}"


def reports_of_model(lake: Lake, model: str) -> dict[date, list[Form]]:
    """The days that have reports, the latest first, and in which forms."""
    forms = {file: form for form, file in FILES.items()}
    found: dict[date, list[Form]] = {}
    for key in lake.keys(f"{FOLDER}/model={model}"):
        folder, _, file = key.rpartition("/")
        if file in forms:
            found.setdefault(date.fromisoformat(folder.rpartition("date=")[2]), []).append(forms[file])
    order = list(Form)
    return {day: sorted(found[day], key=order.index) for day in sorted(found, reverse=True)}


def reports_of_day(lake: Lake, model: str, day: date) -> dict[Form, str]:
    """The path or URL of each report that the day has."""
    keys = {form: report_key(model, day, form) for form in Form}
    return {form: lake.path(key) for form, key in keys.items() if lake.exists(key)}
