"""What people do: filter, drill down, take an incident, take tables away, change limits, see what happens now."""

import re
import time
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site


def saved(page: Page, button: str, to: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).or_(page.get_by_role("link", name=button)).click()
    download.value.save_as(to)
    return to.read_bytes()


def click_at(page: Page, chart: Locator, share: float) -> None:
    """Click into a chart, so far from its left edge."""
    box = chart.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)


def test_filters_live_in_the_address_and_come_back_with_it(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    page.goto(f"{site.url}/drift")
    expect(page.get_by_role("combobox", name="Model")).to_have_value("alpha")
    page.get_by_role("button", name="7 d").first.click()
    page.wait_for_url("**/drift?*range=7d*")
    page.get_by_role("button", name="region", exact=True).click()
    page.wait_for_url("**column=region*")
    address = page.url

    other = open_window("viewer").page
    other.goto(address)
    expect(other.get_by_role("heading", name="Distribution of region")).to_be_visible()
    expect(other.get_by_role("button", name="7 d").first).to_have_attribute("aria-pressed", "true")
    other.get_by_role("link", name="Health").click()
    other.wait_for_url("**/health?*model=alpha*range=7d*")
    assert "column" not in other.url


def test_a_point_of_the_trend_opens_the_distributions_of_its_day(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    page.goto(f"{site.url}/drift?model=alpha")
    chart = page.get_by_role("img", name="Drift score by day")
    expect(chart.locator("canvas")).to_be_visible()
    click_at(page, chart, 0.12)
    page.wait_for_url("**day=2*")
    first = page.url.split("day=")[1][:10]

    expect(page.get_by_role("region", name="Distribution of")).to_contain_text("400 rows")
    click_at(page, chart, 0.95)
    page.wait_for_function("first => !location.search.includes(first)", arg=first)
    expect(page.get_by_text("shifted up").first).to_be_visible()


def test_a_model_whose_counts_are_not_here_shows_what_its_records_say(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    refusal = {"title": "Not Found", "status": 404, "detail": "no counts are kept here"}
    page.route("**/distributions?*", lambda route: route.fulfill(status=404, json=refusal))
    page.goto(f"{site.url}/drift?model=alpha")
    gauge = page.get_by_role("region", name="Drift score", exact=True)

    expect(page.get_by_role("region", name="Columns").first).to_contain_text("Critical")
    expect(gauge).to_contain_text(re.compile(r"\d columns"))
    assert "OK" not in gauge.inner_text()


def test_every_chart_is_also_a_table_and_both_can_be_taken_away(site: Site, open_window: Open, tmp_path: Path) -> None:
    page = open_window("viewer").page
    page.goto(f"{site.url}/drift?model=alpha")
    panel = page.get_by_role("region", name="Drift score by day").first
    expect(panel.locator("canvas")).to_be_visible()

    told = saved(page, "Save Drift score by day as CSV", tmp_path / "score.csv").decode()
    assert told.splitlines()[0] == "Day,Series,Value,Low,High,Limit,Verdict,Rows,Version"
    assert len(told.splitlines()) == 6
    assert saved(page, "Save Drift score by day as PNG", tmp_path / "score.png").startswith(b"\x89PNG")
    panel.get_by_role("button", name="Table").click()
    expect(panel.get_by_role("row")).to_have_count(6)


def test_an_admin_takes_an_incident_and_resolves_it(site: Site, open_window: Open, tmp_path: Path) -> None:
    window = open_window("admin")
    page = window.page
    page.goto(f"{site.url}/incidents")
    assert saved(page, "Save incidents as CSV", tmp_path / "incidents.csv").startswith(b"id,")
    page.get_by_role("link", name="alpha: ").first.click()
    page.wait_for_url("**/incidents/1*")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Words for the history").fill("a new region was opened")
    dialog.get_by_role("button", name="Acknowledge").click()
    expect(dialog.get_by_text("a new region was opened")).to_be_visible()
    expect(dialog.get_by_role("button", name="Acknowledge")).to_have_count(0)
    dialog.get_by_role("button", name="Resolve").click()
    expect(dialog.get_by_role("button", name="Reopen")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("No incident stands")).to_be_visible()
    page.goto(f"{site.url}/incidents/1?status=all")
    page.get_by_role("dialog").get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Resolve")).to_be_visible()
    assert window.complaints == []


def test_an_admin_changes_a_limit_and_undoes_it(site: Site, open_window: Open) -> None:
    page = open_window("admin").page
    file = site.root / "models" / "alpha.yaml"
    before = file.read_text()
    page.goto(f"{site.url}/model?model=alpha&tab=limits")
    page.get_by_role("button", name="Change the limits of PSI", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Warning").fill("0.3")
    dialog.get_by_label("Critical").fill("0.2")
    dialog.get_by_label("Why").fill("income moves with the season")
    dialog.get_by_role("button", name="Write").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Critical").fill("0.6")
    dialog.get_by_role("button", name="Write").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "0.6" in file.read_text()

    page.goto(f"{site.url}/administration?tab=changes")
    page.get_by_text("income moves with the season").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_label("Why").fill("it does not")
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name="income moves with the season")).to_contain_text("undone by")
    assert file.read_text() == before


def test_what_is_ingested_is_on_the_screen_within_a_second(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    page.goto(f"{site.url}/health?model=live-one")
    site.report()
    tile = page.locator('[data-live-version="1"] .big').first
    expect(tile).to_have_text("1")
    delays = []
    for total in (2, 3, 4, 5):
        began = time.monotonic()
        site.report()
        expect(tile).to_have_text(str(total))
        delays.append(time.monotonic() - began)

    assert sorted(delays)[1] < 1.0, delays


def test_a_lost_connection_is_seen_and_comes_back_by_itself(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    page.goto(site.url)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    site.stop()
    try:
        expect(page.get_by_text("Connection lost")).to_be_visible()
    finally:
        site.start()
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=40_000)
    expect(page.get_by_role("link", name="alpha")).to_be_visible()
    assert page.url.startswith(site.url)


def test_the_keyboard_alone_opens_a_model_its_tabs_and_an_incident(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    page.goto(site.url)
    expect(page.get_by_role("link", name="alpha")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="alpha"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("tab", name="About"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Baselines")).to_have_attribute("aria-selected", "true")
    page.wait_for_url("**tab=baselines*")

    page.goto(f"{site.url}/incidents")
    first = page.get_by_role("link", name="alpha: ").first
    expect(first).to_be_visible()
    tab_to(page, first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.split("?")[0] == f"{site.url}/incidents"


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(40):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not come there")


def test_a_group_is_chosen_and_shown_by_day(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    page.goto(f"{site.url}/fairness?model=alpha")
    page.get_by_role("combobox", name="Group").select_option("female")
    page.wait_for_url("**group=female*")

    expect(page.get_by_role("heading", name="Selection rate of female by day")).to_be_visible()
    expect(page.get_by_role("img", name="Selection rate of female by day").locator("canvas")).to_be_visible()
    assert "model=alpha" in page.url
