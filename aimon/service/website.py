"""The dashboard's pages, as `make web` built them: compressed once, kept by browsers where the name has a hash.

In: the folder of the build. Out: its files, and `index.html` for every address that a person opens. Not the API.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

BUILT = Path(__file__).parent / "dashboard"
INDEX = "/index.html"
HASHED = "/assets/"
CODINGS = {"br": ".br", "gzip": ".gz"}
NOT_BUILT = (
    "The dashboard is not built. `make web` in the repository builds it (`make up` does so too); then restart.\n"
)
OURS = ("/api/", "/metrics", "/docs", "/redoc")


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the build, in every coding there is."""

    media: str
    tag: str
    lasting: bool
    bodies: Mapping[str, bytes]


class Dashboard:
    """Answers what no route of the service answers; what is not its own goes to `otherwise`."""

    def __init__(self, otherwise: ASGIApp, folder: Path = BUILT) -> None:
        self._otherwise = otherwise
        self._pages = _read(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = self._answer(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        await (self._otherwise if found is None else found)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path, headers = scope["path"], Headers(scope=scope)
        page = self._pages.get(path)
        if page is None:
            if path.startswith(OURS) or "text/html" not in headers.get("accept", "") or "." in path.rpartition("/")[2]:
                return None
            page = self._pages.get(INDEX)
        if page is None:
            return PlainTextResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
        return _told(page, headers)


def _told(page: Page, headers: Headers) -> Response:
    accepted = {each.partition(";")[0].strip() for each in headers.get("accept-encoding", "").split(",")}
    coding = next((each for each in CODINGS if each in accepted and each in page.bodies), "")
    keep = "public, max-age=31536000, immutable" if page.lasting else "no-cache"
    own = {"ETag": f'"{page.tag}{coding}"', "Cache-Control": keep, "Vary": "Accept-Encoding"}
    if own["ETag"] in headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=own)
    if coding:
        own["Content-Encoding"] = coding
    return Response(page.bodies[coding], media_type=page.media, headers=own)


def _read(folder: Path) -> dict[str, Page]:
    """Every file of the build by its address; nothing where there is no build."""
    endings = tuple(CODINGS.values())
    plain = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in endings]
    return {f"/{path.relative_to(folder).as_posix()}": _page(path, folder) for path in plain if path.name[0] != "."}


def _page(path: Path, folder: Path) -> Page:
    body = path.read_bytes()
    coded = {coding: Path(f"{path}{ending}") for coding, ending in CODINGS.items()}
    return Page(
        media=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        tag=hashlib.blake2b(body, digest_size=12).hexdigest(),
        lasting=f"/{path.relative_to(folder).as_posix()}".startswith(HASHED),
        bodies={"": body, **{coding: each.read_bytes() for coding, each in coded.items() if each.exists()}},
    )
