"""A browser that logs in by an identity provider, over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from aimon.service.access import Door
from tests.access.provider import CLIENT, SECRET, FakeProvider, provided
from tests.service.conftest import problem, running

PATH = "/api/v1/auth/oidc"
OIDC = """\
models: models
oidc:
  issuer: {issuer}
  client_id: {client}
  client_secret: $OIDC_SECRET
  redirect_url: https://aimon.example.org/api/v1/auth/oidc/callback
  roles: {{auditor: [auditors]}}
  allow_private: true
"""


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with provided() as opened:
        yield opened


@pytest.fixture
def root(root: Path, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> Path:
    (root / "aimon.yaml").write_text(OIDC.format(issuer=fake.address, client=CLIENT))
    monkeypatch.setenv("OIDC_SECRET", SECRET)
    return root


@pytest.fixture
def browser(app: FastAPI) -> Iterator[httpx.Client]:
    with running(app) as address, httpx.Client(base_url=address, timeout=30) as opened:
        yield opened


def away(browser: httpx.Client) -> tuple[str, str]:
    """Where the browser is sent, and the cookie that it keeps. Marked secure, which httpx honours on loopback not."""
    answer = browser.get(PATH)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/api/v1/auth/oidc", "Max-Age=600"):
        assert attribute in cookie
    return answer.headers["location"], cookie.partition(";")[0]


def test_a_browser_goes_away_and_comes_back_with_a_session(
    browser: httpx.Client, fake: FakeProvider, door: Door
) -> None:
    address, cookie = away(browser)
    back = browser.get(f"{PATH}/callback", params=fake.visited(address), headers={"Cookie": cookie})

    assert back.status_code == 200
    assert 'content="0;url=/"' in back.text  # a page of ours goes on, so that the strict cookie is sent
    set_cookies = back.headers.get_list("set-cookie")
    assert any(each.startswith("aimon_session=") and "SameSite=strict" in each for each in set_cookies)
    assert any(each.startswith('aimon_login=""') for each in set_cookies)
    session = next(each.partition(";")[0] for each in set_cookies if each.startswith("aimon_session="))
    me = browser.get("/api/v1/auth/me", headers={"Cookie": session}).json()
    assert (me["name"], me["rights"]) == ("user:ann", ["audit", "read", "self"])
    assert [row.action for row in door.accounts.trail.rows(actor="user:ann")] == ["sessions.begin"]


def test_what_is_refused_tells_the_browser_nothing_and_the_audit_log_why(
    browser: httpx.Client, fake: FakeProvider, door: Door
) -> None:
    address, cookie = away(browser)
    fake.claims = {"nonce": "another"}
    refused = browser.get(f"{PATH}/callback", params=fake.visited(address), headers={"Cookie": cookie})
    forged = browser.get(f"{PATH}/callback", params={"state": "x", "code": "y"})
    door.denials.flush()

    for answer in (refused, forged):
        assert answer.status_code == 401
        assert problem(answer)["detail"] == "this login was refused; an administrator sees why in the audit log"
        assert "set-cookie" not in answer.headers
    reasons = [row.detail for row in door.accounts.trail.rows(action="request.denied")]
    assert any("oidc: the ID token is of another login" in each for each in reasons)
    assert any("oidc: no login was begun in this browser" in each for each in reasons)


def test_a_provider_that_is_away_is_told(browser: httpx.Client, fake: FakeProvider) -> None:
    fake.announces = {"token_endpoint": "http://evil.example.org/"}
    assert problem(browser.get(PATH))["detail"].endswith("announces no token_endpoint that is encrypted")


def test_no_secret_of_the_provider_is_in_an_answer_or_a_log(
    browser: httpx.Client, fake: FakeProvider, capfd: pytest.CaptureFixture[str]
) -> None:
    address, cookie = away(browser)
    back = browser.get(f"{PATH}/callback", params=fake.visited(address), headers={"Cookie": cookie})
    shown = "".join([address, back.text, str(back.headers), *capfd.readouterr()])
    assert back.status_code == 200
    assert SECRET not in shown
    assert "id_token" not in shown
