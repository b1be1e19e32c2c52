"""What admins change by forms: routes, silences, rules, calendars, models, baselines, keys; and the way back."""

from datetime import timedelta

import httpx
from playwright.sync_api import Page, expect

from aimon.clock import today
from tests.browser.conftest import Open
from tests.browser.site import Site


def undo(page: Page, reason: str) -> None:
    """Take back the change that was made for this reason, on the page where it was made."""
    page.get_by_role("button", name=f"Undo “{reason}”").click()
    page.get_by_role("dialog").get_by_label("Why").fill("it was a try")
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_route_is_added_changed_removed_and_all_of_it_undone(site: Site, open_window: Open) -> None:
    window = open_window("admin")
    page, file = window.page, site.root / "aimon.yaml"
    before = file.read_text()
    page.goto(f"{site.url}/alerts?tab=routes")
    page.get_by_role("button", name="Add a route").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("group", name="Severity").get_by_label("critical").check()
    dialog.get_by_role("group", name="About").get_by_label("drift").check()
    dialog.get_by_label("Models").fill("alp*, beta")
    dialog.get_by_label("At what times").select_option("not office")
    dialog.get_by_role("group", name="Goes to").get_by_label("desk").check()
    dialog.get_by_label("Escalates after").fill("2 fortnights")
    dialog.get_by_role("group", name="Then also to").get_by_label("duty").check()
    dialog.get_by_label("Why").fill("drift wakes somebody")
    dialog.get_by_role("button", name="Write").click()
    expect(dialog.get_by_role("alert")).to_contain_text("2 fortnights")
    dialog.get_by_label("Escalates after").fill("2h")
    dialog.get_by_role("button", name="Write").click()
    expect(page.get_by_role("cell", name="critical, of drift, about alp* or beta, outside of office")).to_be_visible()

    page.get_by_role("button", name="Change route 1").click()
    expect(dialog.get_by_label("Models")).to_have_value("alp*, beta")
    expect(dialog.get_by_label("Escalates after")).to_have_value("2h")
    dialog.get_by_role("button", name="In the digest").click()
    dialog.get_by_label("Why").fill("it can wait")
    dialog.get_by_role("button", name="Write").click()
    expect(page.get_by_role("cell", name="in the digest")).to_be_visible()
    page.get_by_role("button", name="Remove route 1").click()
    dialog.get_by_label("Why").fill("nobody wants it")
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No route is declared")).to_be_visible()

    for reason in ("nobody wants it", "it can wait", "drift wakes somebody"):
        undo(page, reason)
    expect(page.get_by_text("No route is declared")).to_be_visible()
    assert file.read_text() == before
    assert [text for text in window.complaints if "422" not in text] == []


def test_a_silence_has_an_end_a_reason_and_what_it_holds_back(site: Site, open_window: Open) -> None:
    page = open_window("admin").page
    page.goto(f"{site.url}/alerts?tab=silences")
    page.get_by_role("button", name="Silence something").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("planned migration")
    expect(dialog.get_by_role("button", name="Silence")).to_be_disabled()
    dialog.get_by_label("Models").fill("alpha")
    dialog.get_by_role("group", name="Severity").get_by_label("warning").check()
    dialog.get_by_label("Until").fill(f"{today() + timedelta(days=2)}T08:00")
    dialog.get_by_role("button", name="Silence").click()
    row = page.get_by_role("row", name="warning, about alpha planned migration")
    expect(row).to_be_visible()

    page.get_by_role("button", name="Change the silence of warning, about alpha").click()
    dialog.get_by_label("Models").fill("alpha, live-one")
    dialog.get_by_role("button", name="Change").click()
    expect(page.get_by_role("row", name="warning, about alpha or live-one")).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="End the silence of").click()
    dialog.get_by_role("button", name="End it").click()
    expect(page.get_by_role("main").get_by_text("Whoever should be told is told.")).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_role("cell", name="planned migration")).to_have_count(2)
    assert "silences" not in (site.root / "aimon.yaml").read_text()


def test_a_silence_of_the_file_is_changed_in_the_file_and_comes_back(site: Site, open_window: Open) -> None:
    page, file = open_window("admin").page, site.root / "aimon.yaml"
    plain = file.read_text()
    until = today() + timedelta(days=3)
    written = f"silences:\n  - {{when: {{model: alpha}}, until: {until}, reason: a move, author: ann}}  # by the desk\n"
    file.write_text(plain + written)
    while not page.request.get(f"{site.url}/api/v1/silences").json()["items"]:
        page.wait_for_timeout(200)  # the service looks at its files every other second
    page.goto(f"{site.url}/alerts?tab=silences")
    expect(page.get_by_role("row", name="about alpha a move ann")).to_be_visible()
    page.get_by_role("button", name="Change the silence of about alpha").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Models").fill("alpha, live-one")
    dialog.get_by_label("Why it is changed").fill("the other moves, too")
    dialog.get_by_role("button", name="Change").click()
    expect(page.get_by_role("row", name="about alpha or live-one a move ann")).to_be_visible()
    assert "live-one" in file.read_text()

    undo(page, "the other moves, too")
    expect(page.get_by_role("row", name="about alpha a move ann")).to_be_visible()
    assert file.read_text() == plain + written
    file.write_text(plain)


def test_rules_and_calendars_are_checked_written_and_undone(site: Site, open_window: Open) -> None:
    window = open_window("admin")
    page, file = window.page, site.root / "aimon.yaml"
    before = file.read_text()
    page.goto(f"{site.url}/alerts?tab=rules")
    page.get_by_role("button", name="Add a calendar").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("night")
    dialog.get_by_role("textbox", name="From hours").fill("22:00")
    ends = dialog.get_by_role("textbox", name="To of the next day")
    ends.fill("6 am")
    dialog.get_by_label("Why").fill("people sleep")
    dialog.get_by_role("button", name="Write").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is not a time of the day")
    ends.fill("06:00")
    dialog.get_by_role("button", name="Write").click()
    expect(page.get_by_role("cell", name="Monday to Friday, 22:00 to 06:00 of the next day in UTC")).to_be_visible()

    page.get_by_role("button", name="Change the rules").click()
    expect(dialog.get_by_label("The same cause again after")).to_have_attribute("placeholder", "6h")
    dialog.get_by_label("Quiet hours").select_option("night")
    dialog.get_by_role("textbox", name="Drift", exact=True).fill("https://wiki.example.org/drift")
    dialog.get_by_label("Why").fill("a quiet night")
    dialog.get_by_role("button", name="Write").click()
    expect(page.get_by_role("cell", name="During night only critical notices go out")).to_be_visible()

    page.get_by_role("button", name="Remove night").click()
    dialog.get_by_label("Why").fill("nobody sleeps")
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no calendar is called 'night'")
    page.keyboard.press("Escape")

    undo(page, "a quiet night")
    undo(page, "people sleep")
    expect(page.get_by_role("button", name="Remove night")).to_have_count(0)
    assert file.read_text() == before
    assert [text for text in window.complaints if "422" not in text] == []


def test_a_model_file_is_checked_before_it_is_written_and_comes_back(site: Site, open_window: Open) -> None:
    page, file = open_window("admin").page, site.root / "models" / "live-one.yaml"
    before = file.read_text()
    page.goto(f"{site.url}/model?model=live-one&tab=file")
    text = page.get_by_label("Text of models/live-one.yaml")
    text.fill(before + "ownr: nobody\n")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("owner")
    text.fill(before + "owner: the-desk\n")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("Nothing is wrong with it")).to_be_visible()
    page.get_by_label("Why").fill("somebody owns it now")
    page.get_by_role("button", name="Write").click()
    undo_it = page.get_by_role("button", name="Undo “somebody owns it now”")
    expect(undo_it).to_be_visible()
    assert "owner: the-desk" in file.read_text()

    undo(page, "somebody owns it now")
    expect(text).to_have_value(before)
    assert file.read_text() == before


def test_a_new_model_is_declared_and_stands_on_the_home_page(site: Site, open_window: Open) -> None:
    page = open_window("admin").page
    page.goto(site.url)
    page.get_by_role("button", name="Declare a model").click()
    dialog = page.get_by_role("dialog")
    text = dialog.get_by_label("The model's file")
    text.fill(text.input_value().replace("my-model", "newest"))
    dialog.get_by_label("Why").fill("the desk asked for it")
    dialog.get_by_role("button", name="Declare").click()
    expect(page.get_by_role("link", name="newest")).to_be_visible()
    assert (site.root / "models" / "newest.yaml").exists()

    page.goto(f"{site.url}/administration?tab=changes")
    page.get_by_text("the desk asked for it").click()
    expect(dialog.get_by_text("+model: newest")).to_be_visible()
    assert dialog.get_by_role("button", name="Undo").count() == 0


def test_a_baseline_is_proposed_approved_and_put_to_use(site: Site, open_window: Open) -> None:
    page, last = open_window("admin").page, today() - timedelta(days=3)
    page.goto(f"{site.url}/model?model=alpha&tab=baselines")
    page.get_by_role("button", name="Propose one").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("From").fill(str(last - timedelta(days=1)))
    dialog.get_by_label("To").fill(str(last))
    dialog.get_by_label("Why").fill("a new season")
    dialog.get_by_role("button", name="Propose").click()
    for deed in ("Approve", "Put to use"):
        page.get_by_role("button", name=deed, exact=True).first.click()
        dialog.get_by_label("Why").fill("a new season")
        dialog.get_by_role("button", name=deed).click()
        expect(page.get_by_role("dialog")).to_have_count(0)

    expect(page.get_by_text(f"Compared with {last - timedelta(days=1)} to {last}")).to_be_visible()
    assert page.get_by_role("cell", name="active", exact=True).count() == 1


def test_a_key_is_shown_once_works_and_is_revoked(site: Site, open_window: Open) -> None:
    page = open_window("admin").page
    page.goto(f"{site.url}/administration?tab=keys")
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What it is for").fill("a notebook")
    dialog.get_by_label("What it may").select_option("read")
    dialog.get_by_role("button", name="Make").click()
    bearer = {"Authorization": f"Bearer {dialog.locator('pre').inner_text()}"}
    page.keyboard.press("Escape")
    assert httpx.get(f"{site.url}/api/v1/models", headers=bearer, timeout=30).status_code == 200

    page.get_by_role("button", name="Revoke a notebook").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="a notebook")).to_contain_text("revoked")
    assert httpx.get(f"{site.url}/api/v1/models", headers=bearer, timeout=30).status_code == 401
