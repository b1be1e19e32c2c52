import re
from html.parser import HTMLParser

import pytest

from aimon.report.content import MOST_CARDS, MOST_FINDINGS
from aimon.report.page import render_report
from aimon.verdict.record import Family, Record, Verdict
from tests.report.loans import AS_OF, SPEC, binary, records

NASTY = """</style><script>alert(1)</script>'"><img src=x onerror=alert(2)>&{{7*7}}"""
VOID = {"meta", "br", "path", "line", "rect", "circle", "use", "img"}


class Page(HTMLParser):
    """What a browser would see: the tags with their attributes, and whether each was closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def rendered(found=None, *, title="loans", facts=(), **names):
    grid, profile = binary(**names)
    found = records(**{k: v for k, v in names.items() if k != "city"}) if found is None else found
    return render_report(title, SPEC, found, profile, profile, grid, as_of=AS_OF, facts=facts)


def test_the_same_arguments_give_the_same_page():
    assert rendered() == rendered()


def test_the_page_says_the_answer_in_words_before_anything_else():
    text = rendered(facts=["version 2.3"])
    assert "1 of 2 columns drifted: income; unfair by race." in text
    assert text.index("1 of 2 columns drifted") < text.index("<svg class=")
    for said in ("1,000 reference rows", "1,000 current rows", "version 2.3", "2026-11-20T06:00:00Z"):
        assert said in text
    assert "Black selected 33% of the time, White 57%: 0.58 times as often" in text
    assert "Provisional: labels may still arrive for 7d after a prediction." in text


def test_every_tag_is_closed_and_every_link_has_its_target():
    page = Page(rendered())
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = [attrs["href"] for _, attrs in page.tags if "href" in attrs]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)


def test_the_page_needs_no_network_and_runs_no_script():
    text = rendered()
    page = Page(text)
    assert not re.findall(r"https?://|@import|url\(", text)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "src"]
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_names_from_the_data_cannot_become_markup():
    nasty = Page(rendered(title=NASTY, facts=[NASTY], name=NASTY, group=NASTY, city=NASTY))
    calm = Page(rendered(title="x", facts=["x"], name="x", group="x", city="x"))
    assert [tag for tag, _ in nasty.tags] == [tag for tag, _ in calm.tags]
    assert [sorted(attrs) for _, attrs in nasty.tags] == [sorted(attrs) for _, attrs in calm.tags]
    assert "{{7*7}}" in rendered(name=NASTY)
    assert "alert(2)>" not in rendered(name=NASTY)


def test_every_drawing_has_words_and_a_table_beside_it():
    page = Page(rendered())
    drawings = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "img"]
    assert len(drawings) == 2
    assert all(len(attrs["aria-label"]) > 20 for attrs in drawings)
    text = rendered()
    assert "The drawing as a table" in text
    assert "<caption" in text


def test_an_ordinary_page_is_small():
    assert len(rendered().encode()) < 60_000


def test_findings_beyond_what_a_person_reads_are_counted_not_listed():
    extra = [
        Record(family=Family.DRIFT, metric="psi", column=f"c{i}", value=0.5, threshold=0.25, verdict=Verdict.CRITICAL)
        for i in range(MOST_FINDINGS + 7)
    ]
    text = rendered(extra)
    assert "7 more are in the table below." in text


@pytest.mark.parametrize("found", [[], [Record(family=Family.OPERATIONS, metric="volume", value=0.0)]])
def test_a_page_of_hardly_anything_is_still_a_page(found):
    text = rendered(found)
    assert Page(text).open == []
    assert "Nothing to compare." in text


def test_results_of_calm_segments_are_left_to_the_json():
    calm = Record(family=Family.DRIFT, metric="psi", column="income", value=0.0, segment="city=Paris")
    assert "1 other of segments are in the JSON" in rendered([*records(), calm])
    assert "All 8 results" in rendered()


def test_of_very_many_columns_the_worst_are_drawn():
    many = [
        Record(family=Family.DRIFT, metric="psi", column=f"c{i}", value=0.0, threshold=0.25)
        for i in range(MOST_CARDS + 30)
    ]
    text = rendered([*many, *records()])
    assert "32 more columns are not drawn" in text
    assert f'id="column-{MOST_CARDS - 1}"' in text
    assert f'id="column-{MOST_CARDS}"' not in text
    assert text.index('id="column-0"') < text.index("income", text.index('id="column-0"'))
