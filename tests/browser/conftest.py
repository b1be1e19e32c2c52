"""Debian's Chromium looking at a real service. Every page notes console errors and requests that leave the machine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.site import PASSWORD, Site, make_site

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 20_000


@dataclass
class Window:
    """A page of the browser, and what it complained about."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def watch(self) -> "Window":
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda asked: None if self._ours(asked.url) else self.elsewhere.append(asked.url))
        self.page.set_default_timeout(PATIENCE_MS)
        return self

    def _ours(self, url: str) -> bool:
        return url.startswith((self.site.url, self.site.url.replace("http", "ws", 1), "data:", "blob:"))

    def log_in(self, name: str, password: str = PASSWORD) -> Page:
        self.page.goto(self.site.url)
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        return self.page


Open = Callable[..., Window]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = make_site(tmp_path_factory.mktemp("site") / "project")
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def cookies(browser: Browser, site: Site) -> dict[str, Any]:
    """What each role's browser keeps after logging in."""
    kept: dict[str, Any] = {}
    for role in ("viewer", "auditor", "admin"):
        context = browser.new_context()
        window = Window(context.new_page(), site).watch()
        expect(window.log_in(role).get_by_role("heading", name="All models")).to_be_visible()
        kept[role] = context.storage_state()
        context.close()
    return kept


@pytest.fixture
def open_window(browser: Browser, site: Site, cookies: dict[str, Any]) -> Iterator[Open]:
    """A window of somebody of a role, or of nobody yet."""
    contexts = []

    def opened(role: str | None = "viewer", *, width: int = 1440, theme: str = "light") -> Window:
        state = cookies[role] if role else None
        shown: Any = {"viewport": {"width": width, "height": 900}, "color_scheme": theme}
        context = browser.new_context(storage_state=state, accept_downloads=True, **shown)
        contexts.append(context)
        return Window(context.new_page(), site).watch()

    yield opened
    for context in contexts:
        context.close()
