"""Who reaches which route: every route of the application, by every role, every scope, and by nobody."""

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from aimon.access.rights import OF_ROLE, OF_SCOPE, Right, Role, Scope
from aimon.service.access import PUBLIC, Door, refuse_open_routes, rights_of
from aimon.service.app import API
from tests.service.conftest import running
from tests.service.people import PASSWORD, bearer, invite, known_key

EXAMPLES = {
    "number": "1",
    "name": "nobody",
    "prefix": "none",
    "model": "alpha",
    "day": "2026-11-01",
    "form": "html",
    "deed": "resolve",
    "baseline": "b",
    "notice": "n",
    "section": "routes",
    "envelope": "0" * 64,
}
ASKS_NOBODY = {f"{API}{path}" for path in PUBLIC}
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


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


def routes(app: FastAPI) -> list[tuple[str, str, Right | None]]:
    return [(method, path, right) for (method, path), right in rights_of(app, API).items()]


def filled(path: str) -> str:
    return API + re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: EXAMPLES[found[1]], path)


def test_every_route_needs_the_right_that_its_reader_expects(app: FastAPI) -> None:
    found = routes(app)

    assert len(found) > 40
    assert {path for _, path, right in found if right is None} == set(PUBLIC)
    for method, path, right in found:
        if method in CHANGES and path not in PUBLIC and not path.startswith("/auth/"):
            assert right in (Right.ADMIN, Right.INGEST, Right.AGENT), (method, path)
    for path in ("/users", "/keys", "/audit", "/audit/verify", "/audit/export"):
        assert ("GET", path, Right.AUDIT) in found


def test_each_role_reaches_what_its_rights_say_and_nothing_else(app: FastAPI, nobody: httpx.Client) -> None:
    """Whoever may not is told 401 or 403 before anything else is looked at; whoever may gets any other answer."""
    callers: dict[str, tuple[dict[str, str], frozenset[Right]]] = {"nobody": ({}, frozenset())}
    for role in Role:
        answer = nobody.post(f"{API}/auth/token", json={"name": role.value, "password": PASSWORD})
        callers[role.value] = (bearer(answer.json()["access_token"]), OF_ROLE[role])
    for scope in Scope:
        callers[f"key:{scope}"] = (bearer(known_key(scope)), OF_SCOPE[scope])
    wrong = []
    for method, path, right in routes(app):
        if right is None or path == "/auth/logout":
            continue
        for name, (headers, rights) in callers.items():
            if right in rights and method in CHANGES:
                continue  # it would work
            status = nobody.request(method, filled(path), headers=headers).status_code
            expected = status not in (401, 403) if right in rights else status == (401 if name == "nobody" else 403)
            if not expected or status >= 500:
                wrong.append((name, method, path, status))

    assert wrong == []


def test_a_route_that_asks_nobody_stops_the_application() -> None:
    app = FastAPI()

    @app.get("/api/v1/secrets")
    def secrets() -> str:
        return "told to everybody"

    with pytest.raises(RuntimeError, match="GET /secrets"):
        refuse_open_routes(app, API)


def test_every_refusal_is_in_the_audit_log(door: Door, nobody: httpx.Client) -> None:
    nobody.get(f"{API}/models")
    nobody.get(f"{API}/audit", headers=bearer(known_key(Scope.READ)))
    nobody.get(f"{API}/models", headers=bearer("aimon_guessed"))
    nobody.post(f"{API}/auth/token", json={"name": "admin", "password": "guess"})

    rows = door.accounts.trail.rows(action="request.denied")

    assert [(row.actor, row.subject) for row in reversed(rows)] == [
        ("nobody", "GET /api/v1/models"),
        (f"key:{known_key(Scope.READ).split('_')[1]}", "GET /api/v1/audit"),
        ("nobody", "GET /api/v1/models"),
        ("user:admin", "POST /api/v1/auth/token"),
    ]
    assert door.accounts.trail.verify().ok


def test_a_flood_of_refusals_is_counted_and_does_not_fill_the_log(door: Door) -> None:
    from aimon.service.denials import Denials

    denials = Denials(door.accounts.trail, a_minute=5)
    for number in range(50):
        denials.note("nobody", "192.0.2.1", "GET", f"/{number}", "nothing was shown")
    denials.flush()

    rows = door.accounts.trail.rows(limit=10)
    assert rows[0].detail == '{"count":45}'
    assert [row.subject for row in rows[1:6]] == [f"GET /{number}" for number in (4, 3, 2, 1, 0)]
