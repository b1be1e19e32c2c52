"""Answers as they go out: JSON made once and not validated again, and the pages that lists are read in."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from aimon import clock
from aimon.errors import UserError

LONGEST_PAGE = 500
LARGEST = 2**63 - 1


def answer(told: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The value as JSON. Instants are UTC to the second, as everywhere; a number that is not finite is null."""
    text = orjson.dumps(told, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return Response(text, status.value, media_type="application/json")


def page(items: list[Any], following: str | None) -> Response:
    """A page of a list; `next` is the cursor of the following one."""
    return answer({"items": items, "next": following})


def cursor(*place: Any) -> str:
    """A place in a list, as a text that means nothing to the caller."""
    return urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def place(text: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The place that a cursor of ours names."""
    try:
        found = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        fits = isinstance(found, list) and [type(each) for each in found] == list(kinds) and all(map(_is_kept, found))
    except (ValueError, UnicodeEncodeError):
        fits = False
    if not fits:
        raise UserError("cursor: this is no cursor of this list; leave it out to begin with the first page")
    return tuple(found)


def _is_kept(value: Any) -> bool:
    """Whether a database could hold the value: a larger number or a NUL is in no list."""
    return "\0" not in value if isinstance(value, str) else abs(value) <= LARGEST


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON")
