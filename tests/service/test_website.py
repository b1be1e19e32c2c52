"""The dashboard's files as browsers get them: compressed, kept where the name has a hash, the index for every page."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from aimon.platform import Platform
from aimon.service.access import Door
from aimon.service.app import create_app
from aimon.service.website import Dashboard
from tests.service.conftest import running

SCRIPT = "console.log('a script that is long enough to be worth compressing');\n" * 20
PERSON = {"Accept": "text/html,application/xhtml+xml", "Accept-Encoding": "gzip"}


def built(folder: Path) -> Path:
    """A build with a page and a script, each also compressed."""
    (folder / "assets").mkdir(parents=True)
    for name, text in (("index.html", "<!doctype html><title>aimon</title>"), ("assets/index-ab12.js", SCRIPT)):
        (folder / name).write_text(text)
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    (folder / "assets/index-ab12.js.br").write_bytes(b"as brotli has it")
    return folder


def served(platform: Platform, door: Door, folder: Path) -> FastAPI:
    app = create_app(platform, door)
    app.router.default = Dashboard(app.router.not_found, folder)
    return app


@pytest.fixture
def browser(platform: Platform, door: Door, tmp_path: Path) -> Iterator[httpx.Client]:
    with (
        running(served(platform, door, built(tmp_path / "built"))) as address,
        httpx.Client(base_url=address, headers=PERSON, timeout=60) as opened,
    ):
        yield opened


def test_an_asset_is_sent_compressed_and_kept_for_ever(browser: httpx.Client) -> None:
    answer = browser.get("/assets/index-ab12.js")

    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"


def test_the_smallest_coding_that_the_browser_takes_is_sent(browser: httpx.Client) -> None:
    with browser.stream("GET", "/assets/index-ab12.js", headers={"Accept-Encoding": "gzip, deflate, br"}) as answer:
        sent = b"".join(answer.iter_raw())

    assert (answer.headers["content-encoding"], sent) == ("br", b"as brotli has it")
    plain = browser.get("/assets/index-ab12.js", headers={"Accept-Encoding": "identity"})
    assert ("content-encoding" in plain.headers, plain.text) == (False, SCRIPT)


@pytest.mark.parametrize("path", ["/", "/incidents/12", "/drift?model=alpha"])
def test_every_page_is_the_index_asked_for_anew_with_a_policy_that_runs_our_scripts_only(
    browser: httpx.Client, path: str
) -> None:
    answer = browser.get(path)

    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert browser.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/assets/gone.js", "/docs-files/none.js", "/metrics/more"])
def test_what_is_no_page_stays_missing(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_program_gets_no_page_for_an_address_that_is_none(browser: httpx.Client) -> None:
    assert browser.get("/nowhere", headers={"Accept": "application/json"}).status_code == 404
    assert browser.post("/incidents").status_code == 404


def test_without_a_build_a_sentence_says_how_to_build(platform: Platform, door: Door, tmp_path: Path) -> None:
    with running(served(platform, door, tmp_path / "none")) as address:
        answer = httpx.get(f"{address}/", headers=PERSON, timeout=60)

    assert answer.status_code == 503
    assert "`make web` in the repository builds it" in answer.text
