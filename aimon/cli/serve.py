"""`aimon serve`: the API over HTTP, until Ctrl-C."""

from typing import Annotated

import typer

from aimon.spec.project import project_root


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on; others than loopback need an API key.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the work.")] = 1,
) -> None:
    """Serve the API: take predictions, labels and feedback, tell what was found. Ends with Ctrl-C.

    The log goes to stderr, one JSON object a line.
    """
    from aimon.service.server import serve as run

    typer.echo(f"aimon: http://{host}:{port}/docs  (Ctrl-C stops it)")
    raise typer.Exit(run(project_root(ctx.obj), host=host, port=port, workers=workers))
