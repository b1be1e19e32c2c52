"""`aimon serve`: the API over HTTP, until Ctrl-C."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from aimon.errors import UserError
from aimon.spec.project import project_root


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on; others than loopback want TLS.")] = ("127.0.0.1"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    tls_certificate: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A certificate and its chain in PEM."),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The private key of the certificate, in PEM.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes share the work.")] = 1,
) -> None:
    """Serve the API: take predictions, labels and feedback, tell what was found. Ends with Ctrl-C.

    The log goes to stderr, one JSON object a line.
    """
    from aimon.service.server import serve as run

    if (tls_certificate is None) != (tls_key is None):
        raise UserError("a certificate and its key belong together; give both --tls-certificate and --tls-key")
    scheme = "http" if tls_certificate is None else "https"
    announce = partial(typer.echo, f"aimon: {scheme}://{host}:{port}/docs  (Ctrl-C stops it)")
    tls = None if tls_certificate is None or tls_key is None else (tls_certificate, tls_key)
    root = project_root(ctx.obj)
    raise typer.Exit(run(root, host=host, port=port, workers=workers, tls=tls, announce=announce))
