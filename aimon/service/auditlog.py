"""The audit log, for auditors: what was done and denied, whether the log is whole, all of it to take away."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from aimon.govern.audit import exported, told
from aimon.service.access import Auditor, door_of
from aimon.service.answers import answer, cursor, page, place
from aimon.service.described import Cursor, Limit, Page, Plain, Words, protected

router = APIRouter(prefix="/audit", tags=["audit"])


class Record(Plain):
    """One thing that was done or denied."""

    sequence: int
    at: str
    actor: str = Field(examples=["user:ann"])
    action: str = Field(examples=["incidents.acknowledge"])
    subject: str = Field(examples=["incident:12"])
    detail: dict[str, Any]
    key_id: str
    previous_mac: str
    mac: str


class Verification(Plain):
    """Whether the log is whole; `broken` is the first record that is not as it was."""

    ok: bool
    records: int
    anchored: int
    broken: int | None
    fault: str | None
    notes: list[str]


@router.get("", responses=protected(Page[Record]))
def list_records(
    request: Request,
    _: Auditor,
    actor: Words = None,
    action: Words = None,
    subject: Words = None,
    limit: Limit = 100,
    cursor_: Cursor = None,
) -> Response:
    """What was done and denied, the newest first."""
    (before,) = place(cursor_, (int,)) if cursor_ is not None else (None,)
    trail = door_of(request).accounts.trail
    rows = trail.rows(actor=actor, action=action, subject=subject, before=before, limit=limit + 1)
    following = cursor(rows[limit - 1].sequence) if len(rows) > limit else None
    return page([told(row) for row in rows[:limit]], following)


@router.get("/verify", responses=protected(Verification))
def verify(request: Request, _: Auditor) -> Response:
    """Follow the whole chain; takes a while where it is long."""
    found = door_of(request).accounts.trail.verify()
    fields = ("ok", "records", "anchored", "broken", "fault", "notes")
    return answer({name: getattr(found, name) for name in fields})


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        **protected(Plain),
        HTTPStatus.OK.value: {
            "description": "Every record as a line of JSON",
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        },
    },
)
def export(request: Request, caller: Auditor) -> Response:
    """Every record as it was sealed, one JSON object a line, for `aimon audit verify --file`."""
    trail = door_of(request).accounts.trail
    trail.note(caller.name, "audit.export", "audit")

    def lines() -> Iterator[str]:
        return (f"{exported(row)}\n" for row in trail.scan())

    named = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=named)
