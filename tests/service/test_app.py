import json
import re
import socket
import time
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import Depends, FastAPI, Request

from aimon.access.rights import Right
from aimon.service.access import needs
from aimon.service.limits import BODY_BYTES, BodyLimits
from aimon.service.logs import configure_logs
from tests.service.conftest import KEY, problem, running


def test_the_service_says_that_it_works(client: httpx.Client) -> None:
    answer = client.get("/api/v1/monitoring/health", headers={"Authorization": ""})

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": "0.1.0", "models": 1}


def test_a_database_that_is_gone_is_told_and_may_come_back(app: FastAPI, client: httpx.Client, root: Path) -> None:
    file = root / "storage" / "aimon.db"
    app.state.platform.store.dispose()
    file.rename(file.with_suffix(".away"))
    file.mkdir()

    answer = client.get("/api/v1/monitoring/health")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert problem(answer)["detail"] == "the operations database cannot be used now"

    file.rmdir()
    file.with_suffix(".away").rename(file)
    assert client.get("/api/v1/monitoring/health").status_code == 200


def test_a_long_answer_is_compressed_for_who_can_read_that_and_a_short_one_is_not(client: httpx.Client) -> None:
    for accepted, encoding in (("gzip", "gzip"), ("identity", None)):
        headers = {"Accept-Encoding": accepted}
        long = client.get("/openapi.json", headers=headers)
        short = client.get("/api/v1/monitoring/health", headers=headers)

        assert (long.headers.get("content-encoding"), short.headers.get("content-encoding")) == (encoding, None)
        assert len(long.json()["paths"]) > 50


@pytest.mark.parametrize(
    ("method", "path", "status", "title", "said"),
    [
        ("GET", "/nowhere", 404, "Not Found", "there is nothing at this address; /docs lists what there is"),
        (
            "POST",
            "/api/v1/monitoring/health",
            405,
            "Method Not Allowed",
            "this address does not take POST; it takes GET",
        ),
    ],
)
def test_what_is_refused_is_answered_with_problem_details(
    client: httpx.Client, method: str, path: str, status: int, title: str, said: str
) -> None:
    told = problem(client.request(method, path))

    assert (told["status"], told["title"], told["type"]) == (status, title, "about:blank")
    assert told["detail"] == said


def test_a_method_that_nobody_knows_and_a_body_of_another_kind_are_refused_like_all_else(client: httpx.Client) -> None:
    brewed = client.request("BREW", "/api/v1/monitoring/health")
    unknown = brewed.json()
    other = client.post("/api/v1/auth/token", content=b"name=ann", headers={"Content-Type": "text/plain"})

    assert brewed.headers["content-type"] == "application/problem+json"
    assert (brewed.status_code, unknown["status"], unknown["title"]) == (400, 400, "Bad Request")
    assert unknown["detail"].startswith("this is no request of HTTP: its method is unknown")
    assert client.get("/api/v1/monitoring/health").status_code == 200
    assert problem(other)["status"] == 415
    assert problem(other)["detail"] == "the body is text/plain; send application/json, and say so in Content-Type"


@pytest.mark.parametrize("path", ["/api/v1/monitoring/health", "/api/v1/models", "/metrics", "/docs", "/nowhere"])
def test_a_head_is_answered_as_a_get_without_its_body(client: httpx.Client, path: str) -> None:
    whole, head = client.get(path), client.head(path)

    assert head.content == b""
    assert head.status_code == whole.status_code
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert client.head("/api/v1/predictions").status_code == 405


def test_a_caller_may_name_the_request_and_nothing_else_passes_as_a_name(client: httpx.Client) -> None:
    named = client.get("/nowhere", headers={"X-Request-ID": "order-4711"})
    unnamed = client.get("/nowhere", headers={"X-Request-ID": "x y\tz" * 40})

    assert problem(named)["request_id"] == "order-4711"
    assert re.fullmatch(r"[0-9a-f]{16}", problem(unnamed)["request_id"])


def test_a_fault_of_ours_tells_the_caller_its_id_only(app: FastAPI, client: httpx.Client) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("a secret of the inside")

    told = problem(client.get("/broken"))

    assert told["status"] == 500
    assert "inside" not in json.dumps(told)


def test_a_wrong_parameter_is_named(app: FastAPI, client: httpx.Client) -> None:
    @app.get("/days")
    def days(limit: int) -> int:
        return limit

    told = problem(client.get("/days", params={"limit": "many"}))

    assert told["status"] == 422
    assert told["errors"][0]["field"] == "limit"
    assert told["detail"].startswith("limit: ")


def test_only_who_has_the_key_may_do_what_needs_a_right(app: FastAPI, client: httpx.Client) -> None:
    @app.get("/kept", dependencies=[Depends(needs(Right.READ))])
    def kept() -> str:
        return "told"

    assert client.get("/kept").json() == "told"
    for shown in ("", "Bearer", "Bearer wrong", "Basic " + KEY["Authorization"].split(" ", 1)[1]):
        answer = client.get("/kept", headers={"Authorization": shown})
        assert problem(answer)["status"] == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_body_that_is_too_large_is_not_read(app: FastAPI, client: httpx.Client) -> None:
    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    assert client.post("/size", content=b"x" * 1000).json() == 1000
    announced = client.post("/size", content=b"x" * (BODY_BYTES + 1))
    streamed = client.post("/size", content=iter([b"x" * (1 << 20)] * 17))
    for answer in (announced, streamed):
        assert problem(answer)["detail"] == "the body is larger than 16 MiB; send fewer rows at a time"
        assert answer.status_code == 413


def test_a_body_that_drips_is_not_waited_for() -> None:
    app = FastAPI()
    app.add_middleware(BodyLimits, seconds=0.2)

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    from aimon.service.problems import explain_problems

    explain_problems(app)
    with running(app) as address, socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as slow:
        slow.sendall(b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        began = time.monotonic()
        answered = slow.recv(1 << 16)

    assert answered.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_pages_of_the_api_load_nothing_from_elsewhere(client: httpx.Client, page: str) -> None:
    text = client.get(page).text
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", text)

    assert loaded
    assert [link for link in loaded if not link.startswith("/")] == []
    for link in loaded:
        assert client.get(link).status_code == 200
    assert "http" not in re.sub(r"<!--.*?-->|http-equiv", "", text)


def test_the_log_is_one_object_a_line_and_has_no_query(client: httpx.Client, capfd: pytest.CaptureFixture[str]) -> None:
    import logging

    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        book = configure_logs()
        answer = client.get("/nowhere", params={"email": "ann@example.org"})
        time.sleep(0.05)
        book.close()
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()
    logged = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    own = [line for line in logged if line.get("request_id") == answer.headers["x-request-id"]]

    assert [(line["event"], line["path"], line["status"]) for line in own] == [("request", "/nowhere", 404)]
    assert "ann@example.org" not in json.dumps(logged)
