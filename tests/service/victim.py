"""A server in a process of its own that is quick to start, to be killed. Everything is imported before the fork."""

import asyncio
import multiprocessing
import os
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from socket import socket

import uvicorn

from aimon.platform import open_platform
from aimon.service.app import create_app
from aimon.service.server import open_door


def serve(root: Path, listening: socket, now: str | None) -> None:
    os.environ.pop("AIMON_NOW", None)  # whoever started the fork server may have had another clock
    if now is not None:
        os.environ["AIMON_NOW"] = now
    with open_platform(root) as platform:
        app = create_app(platform, open_door(platform))
        config = uvicorn.Config(app, log_config=None, log_level="error", access_log=False)
        asyncio.run(uvicorn.Server(config).serve([listening]))


def start(root: Path, listening: socket) -> ForkServerProcess:
    """The process; the socket listens already, so that what is sent to it waits until it answers."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.service.victim", "river.drift"])
    process = context.Process(target=serve, args=(root, listening, os.environ.get("AIMON_NOW")), daemon=True)
    process.start()
    return process
