import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pypdf import PdfReader

from aimon.report.pdf import render_pdf
from aimon.verdict.record import Family, Record, Verdict
from tests.report.loans import AS_OF, SPEC, binary, records

NASTY = '#panic("run") $x$ *b* `c` </text><script>'


def rendered(found: Sequence[Record] | None = None, *, title: str = "loans", **told: Any) -> bytes:
    names = {name: told.pop(name) for name in ("name", "group", "city") if name in told}
    grid, profile = binary(**names)
    found = records(**{key: value for key, value in names.items() if key != "city"}) if found is None else found
    arguments = {"baseline": profile, "current": profile, "grid": grid, "as_of": AS_OF, **told}
    return render_pdf(title=title, spec=SPEC, records=found, **arguments)


def pages(pdf: bytes) -> list[str]:
    """The words of each page, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_the_paper_says_what_the_page_says() -> None:
    text = " ".join(pages(rendered(facts=["version 2.3"])))

    for said in (
        "1 of 2 columns drifted: income; unfair by race.",
        "version 2.3",
        "Black selected 33% of the time, White 57%: 0.58 times as often",
        "Provisional: labels may still arrive for 7d after a prediction.",
        "How to read this",
        "made by aimon 2026-11-20T06:00:00Z",
    ):
        assert said in text


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert rendered() == rendered()
    assert rendered() != rendered(as_of=AS_OF + timedelta(hours=6))


def test_names_from_the_data_are_words_and_never_markup() -> None:
    text = " ".join(pages(rendered(title=NASTY, name=NASTY, group=NASTY, city=NASTY, facts=[NASTY], notes=[NASTY])))

    assert '#panic("run") $x$ *b* `c` </text><script>' in text


def test_names_in_other_alphabets_are_on_the_paper() -> None:
    text = " ".join(pages(rendered(name="dochód Łódź", group="Москва", city="Αθήνα")))

    assert "dochód Łódź" in text
    assert "Москва" in text


def test_what_alarms_over_longer_windows_is_on_the_paper() -> None:
    weekly = Record(
        family=Family.DRIFT, metric="psi", column="income", value=0.5, threshold=0.25, verdict=Verdict.WARNING
    )

    text = " ".join(pages(rendered(longer={"7d": [weekly], "30d": [Record(family=Family.DRIFT, metric="psi")]})))

    assert "Beyond its limit over the last 7 days" in text
    assert "over the last 30 days" not in text


def test_a_report_of_hardly_anything_is_one_page() -> None:
    found = pages(rendered([]))

    assert len(found) == 1
    assert "Nothing to compare." in found[0]


def test_every_page_says_which_it_is() -> None:
    many = [Record(family=Family.PERFORMANCE, metric="f1", group=f"class {i}", value=0.5) for i in range(120)]

    found = pages(rendered([*records(), *many]))

    assert len(found) > 2
    assert all(f"{number} / {len(found)}" in text for number, text in enumerate(found, 1))
