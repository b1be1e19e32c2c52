"""`aimon up`: Dagster's web server and daemon for the project, as children that end with this process."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from aimon.errors import UserError
from aimon.spec.project import project_root
from aimon_pipelines.instance import dagster_home

HOST = "127.0.0.1"
STOP_SECONDS = 20


def refuse_a_taken_port(port: int) -> None:
    """Say who to ask instead of letting a server fail later."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise UserError(
                f"port {port} of {HOST} is taken by another program; stop it, or choose one with --port"
            ) from None


def serve(root: Path, port: int) -> int:
    """Run Dagster until it ends or this process is told to stop; its exit code."""
    environment = {**os.environ, "AIMON_ROOT": str(root), "DAGSTER_HOME": str(dagster_home(root))}
    command = [sys.executable, "-m", "dagster", "dev", "-m", "aimon_pipelines.definitions"]
    with subprocess.Popen([*command, "--host", HOST, "--port", str(port)], cwd=root, env=environment) as dagster:
        signal.signal(signal.SIGTERM, lambda *_: dagster.send_signal(signal.SIGINT))
        try:
            return dagster.wait()
        except KeyboardInterrupt:
            dagster.send_signal(signal.SIGINT)
            dagster.wait(STOP_SECONDS)
            return 0


def up(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The port of Dagster's pages.")] = 3000,
) -> None:
    """Start Dagster's web server and daemon for the project on this machine, until Ctrl-C."""
    root = project_root(context.obj)
    refuse_a_taken_port(port)
    typer.echo(f"Dagster: http://{HOST}:{port}  (Ctrl-C stops it)")
    raise typer.Exit(serve(root, port))
