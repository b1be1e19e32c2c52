"""Users and keys: who may come in. Auditors see them, admins change them, nobody sees a secret twice."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from aimon import clock
from aimon.access import keys, users
from aimon.access.rights import Role, Scope
from aimon.errors import MissingError
from aimon.service.access import Admin, Auditor, door_of
from aimon.service.answers import answer
from aimon.service.auth import Body
from aimon.service.described import Moment, Named, Page, Plain, protected
from aimon.store import api_keys
from aimon.store import users as stored
from aimon.store.api_keys import ApiKey
from aimon.store.users import User

router = APIRouter(tags=["access"])
ADDRESS = r"^[^@\s,;<>\x00]+@[^@\s,;<>\x00]+$"


class UserShown(Plain):
    """One person."""

    name: str = Field(examples=["ann"])
    role: Role
    email: str | None
    must_change_password: bool
    created_at: Moment
    disabled_at: Moment | None


class NewUser(Body):
    """Somebody to add."""

    name: str = Field(min_length=1, max_length=100, examples=["ann"])
    role: Role = Role.VIEWER
    email: str | None = Field(default=None, max_length=200, pattern=ADDRESS)


class UserChange(Body):
    """What shall be otherwise; what is left out stays."""

    role: Role | None = None
    disabled: bool | None = None


class Invited(UserShown):
    """Somebody with a password for the first login, which is shown here only."""

    password: str


class OneTime(Plain):
    """A password for the next login, which is shown here only."""

    name: str
    password: str


class KeyShown(Plain):
    """One key, without its secret."""

    prefix: str = Field(examples=["3f9a0c1b7d2e"])
    name: str = Field(examples=["loader of the loans model"])
    scopes: list[Scope]
    state: str = Field(examples=["valid"])
    created_at: Moment
    expires_at: Moment | None
    used_at: Moment | None
    revoked_at: Moment | None
    replaced_by: str | None


class NewKey(Body):
    """A key to make."""

    name: str = Field(min_length=1, max_length=keys.LONGEST_NAME, examples=["loader of the loans model"])
    scopes: set[Scope] = Field(min_length=1, examples=[["ingest"]])
    days: int | None = Field(default=None, ge=1, le=3660, description="how long it is valid; without: until revoked")


class KeyMade(KeyShown):
    """A key with its text, which is shown here only."""

    key: str


@router.get("/users", responses=protected(Page[UserShown]))
def list_users(request: Request, _: Auditor) -> Response:
    """Everybody, those who are disabled too."""
    with door_of(request).accounts.store.session() as connection:
        found = stored.everybody(connection)
    return answer({"items": [_user(user) for user in found], "next": None})


@router.post("/users", status_code=201, responses=protected(Invited, HTTPStatus.CONFLICT, success=HTTPStatus.CREATED))
def add_user(request: Request, caller: Admin, new: NewUser) -> Response:
    """Add somebody. The answer holds a password for the first login."""
    with door_of(request).accounts.trail.change(caller.name) as change:
        user, password = users.add(change, new.name, new.role, email=new.email)
    return answer({**_user(user), "password": password}, HTTPStatus.CREATED)


@router.patch("/users/{name}", responses=protected(UserShown, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
def change_user(request: Request, caller: Admin, name: Named, wanted: UserChange) -> Response:
    """Give somebody another role, disable or enable them. Their sessions end."""
    with door_of(request).accounts.trail.change(caller.name) as change:
        user = users.existing(change, name)
        if wanted.role is not None:
            user = users.set_role(change, name, wanted.role)
        if wanted.disabled is not None:
            user = (users.disable if wanted.disabled else users.enable)(change, name)
    return answer(_user(user))


@router.post("/users/{name}/reset-password", responses=protected(OneTime, HTTPStatus.NOT_FOUND))
def reset_password(request: Request, caller: Admin, name: Named) -> Response:
    """Give somebody a password for the next login. Their sessions end."""
    with door_of(request).accounts.trail.change(caller.name) as change:
        password = users.reset_password(change, name)
    return answer({"name": users.normal(name), "password": password})


@router.get("/keys", responses=protected(Page[KeyShown]))
def list_keys(request: Request, _: Auditor) -> Response:
    """Every key there ever was, without its secret."""
    with door_of(request).accounts.store.session() as connection:
        found = api_keys.every(connection)
    return answer({"items": [_key(key) for key in found], "next": None})


@router.post("/keys", status_code=201, responses=protected(KeyMade, success=HTTPStatus.CREATED))
def create_key(request: Request, caller: Admin, new: NewKey) -> Response:
    """Make a key. The answer holds it; nothing else ever will."""
    accounts = door_of(request).accounts
    ends = None if new.days is None else clock.now() + timedelta(days=new.days)
    with accounts.trail.change(caller.name) as change:
        key, text = keys.create(change, accounts.keyring, new.name, new.scopes, user_id=caller.user_id, expires_at=ends)
    return answer({**_key(key), "key": text}, HTTPStatus.CREATED)


@router.post(
    "/keys/{prefix}/rotate",
    status_code=201,
    responses=protected(KeyMade, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, success=HTTPStatus.CREATED),
)
def rotate_key(
    request: Request,
    caller: Admin,
    prefix: Named,
    overlap_hours: Annotated[int, Query(ge=0, le=24 * 90, description="how long the old key works beside it")] = 24,
) -> Response:
    """Make a key that takes the place of another."""
    accounts = door_of(request).accounts
    with accounts.trail.change(caller.name) as change:
        key, text = keys.rotate(change, accounts.keyring, prefix, overlap=timedelta(hours=overlap_hours))
    return answer({**_key(key), "key": text}, HTTPStatus.CREATED)


@router.delete("/keys/{prefix}", responses=protected(KeyShown, HTTPStatus.NOT_FOUND))
def revoke_key(request: Request, caller: Admin, prefix: Named) -> Response:
    """Let nobody in with this key any more. It stays in the list."""
    accounts = door_of(request).accounts
    with accounts.trail.change(caller.name) as change:
        keys.revoke(change, prefix)
        key = api_keys.get(change.connection, prefix)
    if key is None:
        raise MissingError(f"there is no key {prefix}")
    return answer(_key(key))


def _user(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "role": user.role,
        "email": user.email,
        "must_change_password": user.must_change,
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
    }


def _key(key: ApiKey) -> dict[str, Any]:
    names = ("prefix", "name", "created_at", "expires_at", "used_at", "revoked_at", "replaced_by")
    return {**{name: getattr(key, name) for name in names}, "scopes": list(key.scopes), "state": keys.state(key)}
