from datetime import date
from pathlib import Path

from aimon.lake.lake import Lake
from aimon.lake.reports import Form, report_key, reports_of_day, reports_of_model

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def lake_with(folder: Path, *keys: str) -> Lake:
    lake = Lake(str(folder))
    for key in keys:
        lake.write_bytes(key, b"told")
    return lake


def test_a_day_has_the_reports_that_were_written_and_no_other(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, report_key("loans", MONDAY, Form.CSV), report_key("loans", TUESDAY, Form.PDF))

    found = reports_of_day(lake, "loans", MONDAY)

    assert found == {Form.CSV: str(tmp_path / "reports/model=loans/date=2026-11-16/report.csv")}
    assert Path(found[Form.CSV]).read_bytes() == b"told"


def test_a_models_days_are_listed_the_latest_first_with_their_forms_in_one_order(tmp_path: Path) -> None:
    forms = (Form.EVIDENTLY, Form.CSV, Form.HTML)
    keys = [report_key("loans", day, form) for day in (MONDAY, TUESDAY) for form in forms]
    lake = lake_with(tmp_path, *keys, "reports/model=loans/date=2026-11-17/notes.txt", report_key("fraud", MONDAY))

    found = reports_of_model(lake, "loans")

    assert list(found) == [TUESDAY, MONDAY]
    assert found[MONDAY] == [Form.HTML, Form.CSV, Form.EVIDENTLY]
