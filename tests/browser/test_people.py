"""Coming in, and what each role sees: nobody sees a button that would be refused."""

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.site import PASSWORD, Site

ADMINS_ONLY = ("Acknowledge", "Resolve", "Reopen", "Comment", "Assign")


def test_the_first_log_in_asks_for_a_password_of_ones_own(site: Site, open_window: Open) -> None:
    page = open_window(None).log_in("newcomer", site.first_passwords["newcomer"])
    expect(page.get_by_role("heading", name="Welcome, newcomer")).to_be_visible()
    page.get_by_label("The password you were given").fill(site.first_passwords["newcomer"])
    page.get_by_label("New password", exact=True).fill("another good password")
    page.get_by_label("New password again").fill("yet another password")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_have_text("The two new passwords differ.")
    page.get_by_label("New password again").fill("another good password")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="All models")).to_be_visible()

    page.get_by_role("button", name="Menu of newcomer").click()
    page.get_by_role("menuitem", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in to aimon")).to_be_visible()
    assert page.context.cookies() == []


def test_wrong_passwords_are_refused_and_after_five_one_has_to_wait(site: Site, open_window: Open) -> None:
    window = open_window(None)
    page = window.log_in("clumsy", "no password of clumsy")
    expect(page.get_by_role("alert")).to_have_text("no such name and password")
    for _ in range(5):
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("button", name="Log in")).to_be_enabled()

    expect(page.get_by_role("alert")).to_contain_text("too many wrong passwords")
    assert page.context.cookies() == []


def test_a_viewer_sees_no_button_of_an_admin(site: Site, open_window: Open) -> None:
    window = open_window("viewer")
    page = window.page
    page.goto(f"{site.url}/incidents/1?status=all")
    expect(page.get_by_role("dialog").get_by_text("Evidence")).to_be_visible()

    assert [name for name in ADMINS_ONLY if page.get_by_role("button", name=name).count()] == []
    for path, gone in (
        ("/model?model=alpha&tab=limits", "Change the limits of PSI"),
        ("/model?model=alpha&tab=baselines", "Propose one"),
        ("/alerts?tab=silences", "Silence something"),
        ("/alerts?tab=routes", "Add a route"),
    ):
        page.goto(site.url + path)
        expect(page.get_by_role("table").or_(page.locator(".empty")).first).to_be_visible()
        assert page.get_by_role("button", name=gone).count() == 0, path
    assert page.get_by_role("link", name="Administration").count() == 0
    assert window.complaints == []


def test_an_auditor_sees_who_did_what_and_changes_nothing(site: Site, open_window: Open) -> None:
    page = open_window("auditor").page
    page.goto(f"{site.url}/administration")
    expect(page.get_by_role("cell", name="newcomer")).to_be_visible()
    assert page.get_by_role("button", name="Add somebody").count() == 0
    page.get_by_role("tab", name="Audit log").click()
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("none changed")).to_be_visible()
    assert page.get_by_role("cell", name="user:admin").count() > 0


def test_an_admin_adds_somebody_who_can_log_in(site: Site, open_window: Open) -> None:
    page = open_window("admin").page
    page.goto(f"{site.url}/administration")
    page.get_by_role("button", name="Add somebody").click()
    page.get_by_role("dialog").get_by_label("Name").fill("ann")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    word = page.get_by_role("dialog").locator("pre").inner_text()
    page.keyboard.press("Escape")

    expect(page.get_by_role("cell", name="ann", exact=True)).to_be_visible()
    other = open_window(None).log_in("ann", word)
    expect(other.get_by_role("heading", name="Welcome, ann")).to_be_visible()
    assert len(word) >= len(PASSWORD) - 9
