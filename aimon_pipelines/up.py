"""`aimon up`: the API, Dagster's web server and its daemon for the project, as one command that looks after them."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from aimon.errors import UserError
from aimon.spec.project import project_root
from aimon_pipelines.instance import ENVIRONMENT, dagster_home
from aimon_pipelines.supervisor import Program, Supervisor

HOST = "127.0.0.1"
DEFINITIONS = "aimon_pipelines.definitions"
ANSWER_SECONDS = 5


def refuse_a_taken_port(port: int, option: str) -> None:
    """Say who to ask instead of letting a server fail later."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise UserError(
                f"port {port} of {HOST} is taken by another program; stop it, or choose one with {option}"
            ) from None


def programs(root: Path, *, port: int, api_port: int) -> list[Program]:
    """What runs, in the order of its start: the API brings the database up to date, the daemon works for both."""
    api = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", str(root), "serve"]
    web = [sys.executable, "-m", "dagster_webserver", "-m", DEFINITIONS, "--host", HOST, "--port", str(port)]
    daemon = [sys.executable, "-m", "dagster._daemon", "run", "-m", DEFINITIONS]
    return [
        Program(
            "the API", [*api, "--port", str(api_port)], _answers(f"http://{HOST}:{api_port}/api/v1/monitoring/health")
        ),
        Program("Dagster's web server", web, _answers(f"http://{HOST}:{port}/server_info")),
        Program("Dagster's daemon", daemon, lambda: True),
    ]


def serve(root: Path, *, port: int, api_port: int) -> int:
    """Run everything until this process is told to stop; its exit code."""
    environment = {**os.environ, **ENVIRONMENT, "AIMON_ROOT": str(root), "DAGSTER_HOME": str(dagster_home(root))}
    running = Supervisor(programs(root, port=port, api_port=api_port), root, environment, _say)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.stop.set())
    return running.run()


def up(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of Dagster's pages.")] = 3000,
    api_port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the API and the dashboard.")] = 8000,
) -> None:
    """Start the API, Dagster's web server and its daemon for the project on this machine, until Ctrl-C.

    What crashes is started again; what crashes five times in five minutes stops everything.
    """
    root = project_root(context.obj)
    if port == api_port:
        raise UserError(f"--port and --api-port are both {port}; choose two")
    refuse_a_taken_port(port, "--port")
    refuse_a_taken_port(api_port, "--api-port")
    typer.echo(f"API: http://{HOST}:{api_port}/docs  Dagster: http://{HOST}:{port}  (Ctrl-C stops both)")
    raise typer.Exit(serve(root, port=port, api_port=api_port))


def _answers(url: str) -> Callable[[], bool]:
    def asked() -> bool:
        try:
            with urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - an address of this machine
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    return asked


def _say(text: str) -> None:
    typer.echo(f"aimon up: {text}", err=True)
