"""Logging in over HTTP, as a program and as a browser; what others try instead."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import structlog
from fastapi import FastAPI

from aimon.access.rights import Role, Scope
from aimon.service.access import Door
from aimon.service.logs import configure_logs
from tests.service.conftest import problem, running
from tests.service.people import PASSWORD, bearer, invite, known_key

API = "/api/v1"


@pytest.fixture
def door(door: Door) -> Door:
    with door.accounts.store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM api_keys")
    invite(door, *Role)
    return door


@pytest.fixture
def nobody(app: FastAPI) -> Iterator[httpx.Client]:
    with running(app) as address, httpx.Client(base_url=address, timeout=60) as opened:
        yield opened


def log_in(client: httpx.Client, name: str = "admin", password: str = PASSWORD) -> httpx.Response:
    return client.post(f"{API}/auth/token", json={"name": name, "password": password})


def test_a_program_logs_in_refreshes_and_logs_out(nobody: httpx.Client) -> None:
    given = log_in(nobody).json()
    me = nobody.get(f"{API}/auth/me", headers=bearer(given["access_token"])).json()
    newer = nobody.post(f"{API}/auth/refresh", json={"refresh_token": given["refresh_token"]}).json()

    assert (given["token_type"], given["expires_in"], me["name"]) == ("Bearer", 600, "user:admin")
    assert nobody.get(f"{API}/models", headers=bearer(newer["access_token"])).status_code == 200
    assert nobody.post(f"{API}/auth/logout", headers=bearer(newer["access_token"])).status_code == 204
    assert nobody.get(f"{API}/models", headers=bearer(newer["access_token"])).status_code == 401


def test_a_stolen_refresh_token_throws_both_out(nobody: httpx.Client) -> None:
    given = log_in(nobody).json()
    newer = nobody.post(f"{API}/auth/refresh", json={"refresh_token": given["refresh_token"]}).json()
    again = nobody.post(f"{API}/auth/refresh", json={"refresh_token": given["refresh_token"]})

    assert problem(again)["detail"] == "this refresh token is not valid; log in again"
    assert nobody.get(f"{API}/models", headers=bearer(newer["access_token"])).status_code == 401


def test_wrong_passwords_and_unknown_names_look_alike(nobody: httpx.Client) -> None:
    wrong, unknown = problem(log_in(nobody, "admin", "guess")), problem(log_in(nobody, "nobody-at-all", "guess"))

    assert {**wrong, "request_id": ""} == {**unknown, "request_id": ""}
    assert wrong["detail"] == "no such name and password"


def test_guessing_is_told_to_wait(nobody: httpx.Client) -> None:
    for _ in range(5):
        assert log_in(nobody, "admin", "guess").status_code == 401
    refused = log_in(nobody)

    assert refused.status_code == 429
    assert 50 <= int(refused.headers["Retry-After"]) <= 60


def test_a_browser_gets_a_cookie_no_script_reads_and_must_show_a_token_to_change_something(
    nobody: httpx.Client,
) -> None:
    entered = nobody.post(f"{API}/auth/login", json={"name": "admin", "password": PASSWORD})
    set_cookies = entered.headers.get_list("set-cookie")
    silence = {"when": {"model": "alpha"}, "until": "2999-01-01T00:00:00Z", "reason": "x"}

    (session,) = [each for each in set_cookies if each.startswith("aimon_session=")]
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    assert nobody.get(f"{API}/auth/me").json()["name"] == "user:admin"
    assert nobody.post(f"{API}/silences", json=silence).status_code == 401
    assert nobody.post(f"{API}/silences", json=silence, headers={"X-CSRF-Token": "guess"}).status_code == 401
    csrf = {"X-CSRF-Token": entered.json()["csrf_token"]}
    other = {**csrf, "Origin": "https://evil.example"}
    assert nobody.post(f"{API}/silences", json=silence, headers=other).status_code == 401
    assert nobody.post(f"{API}/silences", json=silence, headers=csrf).status_code == 422  # more than a year
    assert nobody.post(f"{API}/auth/logout", headers=csrf).status_code == 204
    nobody.cookies.set("aimon_session", session.split("=")[1].split(";")[0])
    assert nobody.get(f"{API}/auth/me").status_code == 401


def test_a_one_time_password_must_be_changed_first(nobody: httpx.Client) -> None:
    admin = bearer(known_key(Scope.ADMIN))
    invited = nobody.post(f"{API}/users", json={"name": "Bob"}, headers=admin).json()
    bob = bearer(log_in(nobody, "bob", invited["password"]).json()["access_token"])

    assert problem(nobody.get(f"{API}/models", headers=bob))["detail"].startswith("the password was given out once")
    chosen = {"old": invited["password"], "new": "a new and long one"}
    assert nobody.post(f"{API}/auth/password", json={**chosen, "old": "guess"}, headers=bob).status_code == 403
    assert nobody.post(f"{API}/auth/password", json=chosen, headers=bob).status_code == 204
    assert nobody.get(f"{API}/models", headers=bob).status_code == 200


def test_nobody_makes_themselves_admin_by_sending_more_than_is_asked(nobody: httpx.Client) -> None:
    admin = bearer(known_key(Scope.ADMIN))
    for body in (
        {"name": "eve", "role": "admin", "password_hash": "x"},
        {"name": "eve", "must_change": False},
        {"name": "eve", "id": 1},
    ):
        assert nobody.post(f"{API}/users", json=body, headers=admin).status_code == 422
    viewer = bearer(log_in(nobody, "viewer").json()["access_token"])
    body = {"old": PASSWORD, "new": "a new and long one", "role": "admin"}
    assert nobody.post(f"{API}/auth/password", json=body, headers=viewer).status_code == 422
    assert nobody.patch(f"{API}/users/viewer", json={"role": "admin"}, headers=viewer).status_code == 403


@pytest.mark.parametrize(
    "text", ["' OR '1'='1", "x'; DROP TABLE users; --", "%27", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "a%0D%0Ab"]
)
def test_texts_that_try_to_be_sql_or_paths_are_only_texts(nobody: httpx.Client, text: str) -> None:
    admin = bearer(known_key(Scope.ADMIN))
    for path in (f"/reports/{text}", f"/models/{text}", f"/users/{text}/reset-password"):
        method = "POST" if "users" in path else "GET"
        assert nobody.request(method, f"{API}{path}", headers=admin).status_code in (404, 405, 422)
    for name in ("model", "status", "severity"):
        answer = nobody.get(f"{API}/monitoring/incidents", params={name: text}, headers=admin)
        assert answer.status_code in (200, 422)
        assert answer.status_code == 422 or answer.json()["items"] == []
    assert log_in(nobody, text, text).status_code == 401
    assert nobody.get(f"{API}/users", headers=admin).status_code == 200


@contextmanager
def logging_to_stderr() -> Iterator[None]:
    """As the service logs, until the block ends."""
    root = logging.getLogger()
    before = root.handlers, root.level
    book = configure_logs(level=logging.DEBUG)
    try:
        yield
        time.sleep(0.1)
    finally:
        book.close()
        root.handlers, root.level = before
        structlog.reset_defaults()


def test_a_name_that_breaks_lines_breaks_no_log(nobody: httpx.Client, capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to_stderr():
        log_in(nobody, 'ann\n{"event": "user:admin logged in"}', "x")
        nobody.get('/nowhere%0A%0D{"event":"injected"}')

    events = [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()]
    assert events.count("request") == 2
    assert not {"injected", "user:admin logged in"} & set(events)


def test_no_secret_is_in_an_answer_or_a_log(nobody: httpx.Client, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "a password nobody may see"
    with logging_to_stderr():
        answers = [
            log_in(nobody, "admin", secret),
            nobody.post(f"{API}/auth/token", json={"name": "admin", "password": [secret]}),
            nobody.post(f"{API}/auth/token", content=f'{{"password": "{secret}", broken'),
            nobody.get(f"{API}/models", headers=bearer(f"aimon_{'0' * 12}_{'s' * 43}")),
        ]
    logged = capfd.readouterr().err

    assert logged.count('"event":"request"') == 4
    told = "\n".join([logged, *(answer.text for answer in answers)])
    assert secret not in told
    assert "s" * 43 not in told


def test_no_page_of_another_site_may_read_answers(nobody: httpx.Client) -> None:
    headers = {**bearer(known_key(Scope.ADMIN)), "Origin": "https://evil.example"}
    answer = nobody.get(f"{API}/models", headers=headers)
    preflight = nobody.options(
        f"{API}/models", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    )

    for each in (answer, preflight):
        assert not any(name.startswith("access-control-") for name in each.headers)


def test_browsers_are_told_what_an_answer_may_do(nobody: httpx.Client) -> None:
    told = nobody.get(f"{API}/monitoring/health").headers
    docs = nobody.get("/docs")

    assert told["content-security-policy"].startswith("default-src 'none'")
    assert told["x-content-type-options"] == "nosniff"
    assert "unsafe-inline" not in docs.headers["content-security-policy"].split("style-src")[0]
    assert "script-src 'self' 'sha256-" in docs.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in docs.headers["content-security-policy"]
    assert "strict-transport-security" not in told  # it is no promise that http could make


def test_where_no_provider_is_declared_the_login_page_is_told_so(nobody: httpx.Client) -> None:
    assert nobody.get(f"{API}/auth/ways").json() == {"provider": None}
