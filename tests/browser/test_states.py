"""What stands where data is not: no model yet, an answer on its way, one that is refused."""

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.site import Site

ABOUT_A_MODEL = {"drift": "Drift", "fairness": "Fairness", "health": "Health", "model": "Model"}
REFUSAL = '{"title": "Internal Server Error", "status": 500, "detail": "The log has it."}'


def answer(page: Page, paths: str, body: str, status: int = 200) -> None:
    """The service's answer to these addresses."""

    def fulfil(route: Route) -> None:
        route.fulfill(status=status, content_type="application/json", body=body)

    page.route(paths, fulfil)


def test_pages_about_a_model_say_so_where_there_is_none(site: Site, open_window: Open) -> None:
    window = open_window("viewer")
    page = window.page
    answer(page, "**/monitoring/overview*", '{"days": [], "items": [], "next": null}')
    for path, title in ABOUT_A_MODEL.items():
        page.goto(f"{site.url}/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.get_by_text("No model is declared yet")).to_be_visible()
        expect(page.get_by_label("Loading")).to_have_count(0)
    assert window.complaints == []


def test_numbers_that_are_on_their_way_or_refused_are_not_called_missing(site: Site, open_window: Open) -> None:
    page = open_window("viewer").page
    page.route("**/monitoring/trends/**", lambda route: None)
    for path, shown in (("drift", "Distribution of"), ("health", "Latency")):
        page.goto(f"{site.url}/{path}?model=alpha")
        expect(page.get_by_role("heading", name=shown)).to_be_visible()
        expect(page.get_by_label("Loading").first).to_be_visible()
        assert page.get_by_text("Nothing to draw").count() + page.get_by_text("Unsupported").count() == 0
    page.unroute("**/monitoring/trends/**")
    answer(page, "**/monitoring/trends/**", REFUSAL, 500)
    for path in ("drift", "health"):
        page.goto(f"{site.url}/{path}?model=alpha")
        expect(page.get_by_role("alert").first).to_contain_text("The log has it.")
        assert page.get_by_text("Nothing to draw").count() + page.get_by_text("Unsupported").count() == 0
    page.unroute("**/monitoring/trends/**")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_label("Accuracy, by labels and estimated").get_by_role("img").first).to_be_visible()
