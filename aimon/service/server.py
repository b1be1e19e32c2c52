"""The web server: a socket that is surely ours, one process or several, until somebody stops it."""

import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from aimon.errors import UserError
from aimon.platform import open_platform
from aimon.privacy.identity import VARIABLE
from aimon.service.access import SECRET_VARIABLE, SecretAccess
from aimon.service.app import create_app
from aimon.service.logs import configure_logs

STOP_SECONDS = 10
BACKLOG = 2048


def serve(root: Path, *, host: str, port: int, workers: int) -> int:
    """Serve the project until told to stop; the exit code. Raises `UserError` where it cannot begin."""
    if not (os.environ.get(SECRET_VARIABLE) or _is_loopback(host)):
        raise UserError(
            f"{host} can be reached from other machines, and no API key is set; set {SECRET_VARIABLE}, "
            "or serve on 127.0.0.1"
        )
    open_platform(root).close()  # mistakes are told, and tables made, before there is any worker
    os.environ["AIMON_ROOT"] = str(root)
    os.environ.setdefault(VARIABLE, f"process:{secrets.token_hex(16)}")  # one for all workers
    config = uvicorn.Config(
        "aimon.service.server:application",
        factory=True,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        ws_max_size=1 << 16,
    )
    configure_logs()
    with bound(host, port) as listening:
        if workers > 1:
            Multiprocess(config, [listening]).run()
            return 0
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):  # raised again once everything is closed
            server.run([listening])
        return 0 if server.started else 1


def application() -> FastAPI:
    """The application of one worker; the project's folder is in AIMON_ROOT."""
    configure_logs()
    platform = open_platform()
    app = create_app(platform, SecretAccess(os.environ.get(SECRET_VARIABLE) or None))
    own = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[None]:
        with platform:
            async with own(running):
                yield

    app.router.lifespan_context = lifespan
    return app


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


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
