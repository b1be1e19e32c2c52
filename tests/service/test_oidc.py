"""A browser that logs in by an identity provider, over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from aimon.access import users
from aimon.access.rights import Role
from aimon.service.access import Door
from tests.access.provider import CLIENT, SECRET, FakeProvider, provided
from tests.service.conftest import problem, running
from tests.service.people import PASSWORD

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


def session_of(browser: httpx.Client, fake: FakeProvider) -> dict[str, str]:
    """The headers of a browser that logged in by the provider."""
    address, cookie = away(browser)
    back = browser.get(f"{PATH}/callback", params=fake.visited(address), headers={"Cookie": cookie})
    cookies = [each.partition(";")[0] for each in back.headers.get_list("set-cookie")]
    session, csrf = (
        next(each for each in cookies if each.startswith(name)) for name in ("aimon_session", "aimon_csrf")
    )
    return {"Cookie": session, "X-CSRF-Token": csrf.partition("=")[2]}


def test_the_login_page_is_told_where_the_way_by_the_provider_begins(browser: httpx.Client, fake: FakeProvider) -> None:
    told = browser.get("/api/v1/auth/ways").json()
    assert told == {"provider": {"host": fake.address.removeprefix("http://"), "begin": PATH}}
    assert fake.asked == []


def test_who_came_by_the_provider_is_told_where_to_log_out_of_it_too(browser: httpx.Client, fake: FakeProvider) -> None:
    fake.announces = {"end_session_endpoint": f"{fake.address}/leave"}
    headers = session_of(browser, fake)
    left = browser.post("/api/v1/auth/logout", headers=headers)

    assert left.status_code == 200
    expected = "client_id=aimon&post_logout_redirect_uri=https%3A%2F%2Faimon.example.org%2F"
    assert left.json() == {"provider_logout": f"{fake.address}/leave?{expected}"}
    assert browser.get("/api/v1/auth/me", headers=headers).status_code == 401


def test_where_the_provider_has_no_logout_the_session_ends_here_alone(
    browser: httpx.Client, fake: FakeProvider, door: Door
) -> None:
    headers = session_of(browser, fake)
    assert browser.post("/api/v1/auth/logout", headers=headers).status_code == 204

    fake.announces = {"end_session_endpoint": f"{fake.address}/leave"}
    with door.accounts.trail.change("tests") as change:
        users.add(change, "viewer", Role.VIEWER, password=PASSWORD)
    entered = browser.post("/api/v1/auth/login", json={"name": "viewer", "password": PASSWORD})
    own = {"Authorization": "", "X-CSRF-Token": entered.json()["csrf_token"]}
    session = next(each for each in entered.headers.get_list("set-cookie") if each.startswith("aimon_session="))
    browser.cookies.clear()
    left = browser.post("/api/v1/auth/logout", headers={**own, "Cookie": session.partition(";")[0]})
    assert left.status_code == 204  # they came by a password, and are nobody at the provider


def test_a_provider_whose_logout_is_not_encrypted_is_refused(browser: httpx.Client, fake: FakeProvider) -> None:
    fake.announces = {"end_session_endpoint": "http://evil.example.org/"}
    assert problem(browser.get(PATH))["detail"].endswith("announces no end_session_endpoint that is encrypted")


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
