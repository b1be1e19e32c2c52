"""The web server: a socket that is surely ours, one process or several, until somebody stops it."""

import os
import secrets
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from cryptography.x509 import load_pem_x509_certificates
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from aimon.access import users
from aimon.access.accounts import Accounts
from aimon.clock import iso, now
from aimon.errors import UserError
from aimon.govern.audit import open_trail
from aimon.keyring import open_keyring
from aimon.platform import Platform, open_platform
from aimon.privacy.identity import VARIABLE, HashKeys
from aimon.service.access import Door
from aimon.service.app import create_app
from aimon.service.garbage import only_new_garbage
from aimon.service.logs import configure_logs
from aimon.service.metrics import SHARED_FOLDER
from aimon.service.orphan import end_with_the_supervisor
from aimon.service.protocol import ImpatientProtocol
from aimon.service.traces import refuse_traces_without_exporter
from aimon.tracing import SERVICE

STOP_SECONDS = 10
BACKLOG = 2048


def serve(
    root: Path,
    *,
    host: str,
    port: int,
    workers: int,
    tls: tuple[Path, Path] | None = None,
    announce: Callable[[], None] = lambda: None,
) -> int:
    """Serve the project until told to stop; the exit code. Raises `UserError` where it cannot begin.

    `announce` is called once the address is ours.
    """
    refuse_traces_without_exporter()
    os.environ.setdefault(SERVICE, "aimon")
    if tls is not None:
        refuse_bad_certificate(*tls)
    with open_platform(root) as platform:  # mistakes are told, and tables made, before there is any worker
        logs = platform.project.settings.logs_folder
    os.environ["AIMON_ROOT"] = str(root)
    if not os.environ.get(VARIABLE):
        os.environ[VARIABLE] = f"process:{secrets.token_hex(16)}"  # one for all workers
    HashKeys.from_environment()
    config = uvicorn.Config(
        "aimon.service.server:application",
        factory=True,
        workers=workers,
        http=ImpatientProtocol,
        loop="aimon.service.shares:SharingLoop" if workers > 1 else "uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=None if tls is None else tls[0],
        ssl_keyfile=None if tls is None else tls[1],
        timeout_graceful_shutdown=STOP_SECONDS,
        ws_max_size=1 << 16,
        ws_per_message_deflate=False,  # each listener would have its own compression of the same message
    )
    with TemporaryDirectory(prefix="aimon-metrics-") as counts, bound(host, port) as listening:
        announce()
        with open_platform(root) as platform:
            welcome_first_admin(platform)
        if workers > 1:
            os.environ[SHARED_FOLDER] = counts
            configure_logs(logs)  # of the supervisor; each worker has a log of its own
            Multiprocess(config, [listening]).run()
            return 0
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):  # raised again once everything is closed
            server.run([listening])
        return 0 if server.started else 1


def application() -> FastAPI:
    """The application of one worker; the project's folder is in AIMON_ROOT."""
    end_with_the_supervisor()
    platform = open_platform()
    configure_logs(platform.project.settings.logs_folder)
    app = create_app(platform, open_door(platform))
    own = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[None]:
        with platform:
            async with own(running):
                with only_new_garbage():
                    yield

    app.router.lifespan_context = lifespan
    return app


def refuse_bad_certificate(certificate: Path, key: Path) -> None:
    """Say what is wrong with a certificate and its key before anything is served."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as error:
        why = getattr(error, "reason", None) or error.strerror
        raise UserError(f"{certificate} and {key} are no certificate and its key in PEM: {why}") from None
    _refuse_untimely(certificate)


def _refuse_untimely(certificate: Path) -> None:
    """Say that nobody will trust a certificate whose time is over, or has not come."""
    own = load_pem_x509_certificates(certificate.read_bytes())[0]  # the first of the chain is the server's
    if own.not_valid_after_utc <= now():
        raise UserError(f"{certificate} expired on {iso(own.not_valid_after_utc)[:10]}; renew it")
    if own.not_valid_before_utc > now():
        raise UserError(f"{certificate} is not valid before {iso(own.not_valid_before_utc)}; is the clock right?")


def open_door(platform: Platform) -> Door:
    """The door of a platform: its users, keys and audit log."""
    keyring = open_keyring(platform.root)
    trail = open_trail(platform.project.settings, platform.store, keyring)
    return Door(Accounts(platform.store, trail, keyring))


def welcome_first_admin(platform: Platform) -> None:
    """Where there is nobody yet, make an admin and print a password for the first login, once."""
    with open_trail(platform.project.settings, platform.store).change("system") as change:
        password = users.first_admin(change)
    if password is not None:
        said = f"The first user is {users.FIRST_ADMIN!r}. Password for the first login, shown only here: {password}"
        print(said, file=sys.stderr, flush=True)  # noqa: T201 - it belongs to whoever starts the service, not into a log


def bound(host: str, port: int) -> socket.socket:
    """A listening socket on the address; one sentence where somebody else has it."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except OSError as error:
        raise UserError(
            f"{host} is no address of this machine: {error.strerror}; write one such as 127.0.0.1"
        ) from None
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if isinstance(error, PermissionError):
            why = "may not be used by this user; choose one above 1023 with --port"
        else:
            why = "is taken by another program; stop it, or choose another with --port"
        raise UserError(f"port {port} of {host} {why}") from None
    listening.set_inheritable(True)
    return listening
