"""HEAD is GET without a body: routes are asked as for GET, and the web server sends the head of their answer alone."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Heads:
    """Asks the application for GET where the caller asked for HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the web server's own scope still says HEAD, so that it drops the body."""
        asked = {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope
        await self._app(asked, receive, send)
