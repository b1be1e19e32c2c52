"""What a route reaches through its request: the platform, and a store whose changes are recorded as the caller's."""

from typing import Any

from fastapi import Request

from aimon.access.rights import Principal
from aimon.platform import Platform
from aimon.service.access import door_of
from aimon.store import Store


def platform_of(request: Request) -> Platform:
    """The platform of the application that answers, with what its files declare now."""
    platform: Platform = request.app.state.declarations.platform
    return platform


def recorded(request: Request, caller: Principal, action: str, subject: str, **detail: Any) -> Store:
    """The store, each of whose transactions is recorded as this action of the caller."""
    return door_of(request).accounts.trail.audited(caller.name, action, subject, **detail)
