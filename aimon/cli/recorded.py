"""The audit trail of the project that a command is called for, and who calls it."""

from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser

import typer

from aimon.govern.audit import AuditTrail, anchor_path
from aimon.govern.audit_anchor import Anchor
from aimon.keyring import Keyring, open_keyring
from aimon.spec.project import load_project_leniently
from aimon.store import Store, open_store


class CommandTrail(AuditTrail):
    """The trail, with the name of whoever is logged in on this machine."""

    def __init__(self, store: Store, keyring: Keyring, anchor: Anchor) -> None:
        super().__init__(store, keyring, anchor)
        self.keyring = keyring
        self.actor = f"cli:{_login()}"


@contextmanager
def recorded(ctx: typer.Context) -> Iterator[CommandTrail]:
    """The project's trail until the block ends."""
    settings = load_project_leniently(ctx.obj).settings
    with open_store(settings.database_url, settings.root) as store:
        yield CommandTrail(store, open_keyring(settings.root), Anchor(anchor_path(settings)))


def _login() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        return "unknown"
