"""`/docs` and `/redoc`: the API described, from files on this machine. No page loads anything from elsewhere."""

import hashlib
import re
from base64 import b64encode
from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from aimon.service.headers import PAGES, POLICY

FILES = "/docs-files"


def serve_pages(app: FastAPI) -> None:
    """Add both pages, and the scripts and styles they need, to an application that was made without them."""
    openapi = str(app.openapi_url)
    icon = f"{FILES}/favicon.png"
    app.mount(FILES, StaticFiles(directory=str(files("fastapi_offline") / "static")), name="docs-files")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return _guarded(
            get_swagger_ui_html(
                openapi_url=openapi,
                title=f"{app.title} API",
                swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
                swagger_css_url=f"{FILES}/swagger-ui.css",
                swagger_favicon_url=icon,
            )
        )

    @app.get("/redoc", include_in_schema=False)
    async def redoc() -> HTMLResponse:
        return _guarded(
            get_redoc_html(
                openapi_url=openapi,
                title=f"{app.title} API",
                redoc_js_url=f"{FILES}/redoc.standalone.js",
                redoc_favicon_url=icon,
                with_google_fonts=False,
            )
        )


def _guarded(made: HTMLResponse) -> HTMLResponse:
    """The page with a policy that lets its own script run, by its hash, and no other that somebody slips in."""
    scripts = re.findall(rb"<script>(.*?)</script>", bytes(made.body), flags=re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts)
    policy = PAGES.replace("script-src 'self'", f"script-src 'self' {hashes}")
    made.headers[POLICY] = f"{policy}; worker-src blob:"
    return made
