"""`aimon sealed agent`: at the owner of the key, what waits on a server is opened, judged and answered."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aimon.errors import UserError

if TYPE_CHECKING:
    from aimon.owner.gates import Gates
    from aimon.owner.server import Server
    from aimon.platform import Platform


def agent(
    ctx: typer.Context,
    server: Annotated[str, typer.Option(help="The server's address, such as https://aimon.example.org.")],
    key: Annotated[list[Path], typer.Option(help="A secret key; may be given several times.")],
    every: Annotated[int, typer.Option(min=1, help="How many seconds to wait between two looks.")] = 60,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end with 1 if a sum failed the checks.")] = False,
) -> None:
    """Open the sums that wait on a server, judge them here, and hand back what the model files allow.

    Runs at the owner of the keys, in a project folder of their own. AIMON_API_KEY is a key of the scope `agent`.
    """
    from aimon.owner.gates import opened
    from aimon.owner.server import Server
    from aimon.platform import open_platform

    shown = os.environ.get("AIMON_API_KEY")
    if not shown:
        raise UserError("AIMON_API_KEY is not set; make one with `aimon keys create NAME --scope agent`")
    with open_platform(ctx.obj) as platform, opened(platform.root, key) as gates, Server(server, shown) as asked:
        while True:
            faulty = _passed(platform, asked, gates, patient=not once)
            if once:
                raise typer.Exit(1 if faulty else 0)
            time.sleep(every)


def _passed(platform: "Platform", server: "Server", gates: "Gates", *, patient: bool) -> bool:
    """One look at the server, told line by line; whether a sum failed the checks."""
    from aimon.owner.agent import run_once
    from aimon.owner.server import ServerError

    faulty = False
    try:
        for outcome in run_once(platform, server, gates):
            faulty |= outcome.faulty
            waiting = outcome.waiting
            typer.echo(f"{waiting.model} {waiting.day}: {outcome.said}{f'; {outcome.page}' if outcome.page else ''}")
    except ServerError as error:
        if not patient:
            raise
        typer.echo(str(error), err=True)
    return faulty
