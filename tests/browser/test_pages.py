"""Each page: what it says and shows, in both themes, on a phone, without a serious fault of accessibility."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site

AXE = Path(__file__).parent.parent.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "/": ("All models", "alpha"),
    "/incidents": ("Incidents", "1 incident"),
    "/drift?model=alpha&column=income": ("Drift", "Distribution of income"),
    "/fairness?model=alpha": ("Fairness", "Demographic parity difference"),
    "/health?model=alpha": ("Health", "Estimated accuracy"),
    "/model?model=alpha": ("alpha", "What it is"),
    "/model?model=alpha&tab=limits": ("alpha", "Population stability|PSI"),
    "/alerts": ("Alert centre", "Notices"),
    "/alerts?tab=routes": ("Alert centre", "Who would be told now"),
    "/reports?model=alpha": ("Reports", "Reports by day"),
    "/administration": ("Administration", "newcomer"),
    "/administration?tab=audit": ("Administration", "users.add|auth|user"),
}


def settled(page: Page, heading: str, shown: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    expect(page.locator("main")).to_contain_text(re.compile(shown))
    expect(page.get_by_label("Loading")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def serious(page: Page) -> list[str]:
    """What axe calls serious or critical, with the elements."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations)"
    )
    bad = [each for each in found if each["impact"] in ("serious", "critical")]
    return [f"{each['id']}: {[node['html'][:160] for node in each['nodes'][:3]]}" for each in bad]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_its_words_and_no_fault(site: Site, open_window: Open, path: str) -> None:
    window = open_window("admin")
    window.page.goto(site.url + path)
    settled(window.page, *PAGES[path])

    assert serious(window.page) == []
    window.page.emulate_media(color_scheme="dark")
    assert serious(window.page) == []
    assert window.complaints == []
    assert window.elsewhere == []


@pytest.mark.parametrize("path", ["/", "/drift?model=alpha", "/incidents/1", "/health?model=alpha"])
def test_a_phone_shows_the_page_without_scrolling_sideways(site: Site, open_window: Open, path: str) -> None:
    window = open_window("viewer", width=390)
    window.page.goto(site.url + path)
    expect(window.page.locator("h1")).to_be_attached()
    window.page.wait_for_load_state("networkidle")

    assert window.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_scripts_are_files_of_the_service_and_the_policy_allows_no_others(site: Site, open_window: Open) -> None:
    window = open_window("viewer")
    answer = window.page.goto(site.url)

    assert answer is not None
    policy = answer.headers["content-security-policy"]
    scripts = window.page.locator("script").evaluate_all("all => all.map(each => [each.src, each.textContent])")
    assert "script-src 'self';" in policy
    assert scripts
    assert [text for _, text in scripts if text] == []
    assert all(address.startswith(site.url) for address, _ in scripts)


def test_an_address_that_is_no_page_says_so(site: Site, open_window: Open) -> None:
    window = open_window("viewer")
    window.page.goto(f"{site.url}/nothing-of-the-kind")

    expect(window.page.get_by_text("There is no such page")).to_be_visible()
    assert window.complaints == []
