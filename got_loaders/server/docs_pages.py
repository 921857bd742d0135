"""``/docs``: the endpoints for people, in a browser that reaches nothing but us."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from got_loaders.server.auth import DOCS_FILES

__all__ = ["add_docs_pages"]

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_POLICY = (
    "default-src 'none'; connect-src 'self'; font-src 'self' data:; frame-ancestors 'none'; "
    "img-src 'self' data:; style-src 'self' 'unsafe-inline'"
)


def add_docs_pages(app: FastAPI) -> None:
    """Swagger UI, whose files come from the package ``fastapi_offline``.

    ReDoc is left out: it asks its maker's site for a picture.
    """
    app.mount(DOCS_FILES, StaticFiles(directory=_folder()), name="docs-files")
    files = DOCS_FILES.removeprefix("/")  # relative: a proxy may have us below a path of its own

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return _with_policy(
            get_swagger_ui_html(
                openapi_url="openapi.json",
                title=app.title,
                swagger_js_url=f"{files}/swagger-ui-bundle.js",
                swagger_css_url=f"{files}/swagger-ui.css",
                swagger_favicon_url=f"{files}/favicon.png",
                swagger_ui_parameters={"defaultModelsExpandDepth": -1},
            )
        )

    @app.get("/", include_in_schema=False)
    async def start() -> Response:
        return RedirectResponse("docs")


def _folder() -> Path:
    spec = find_spec("fastapi_offline")
    assert spec is not None, "it belongs to the extra"
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"


def _with_policy(page: HTMLResponse) -> Response:
    """The page, which may run the scripts that it has and those of this server, and no others."""
    text = bytes(page.body).decode()
    digests = [hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(text)]
    own = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    policy = f"{_POLICY}; script-src 'self'{own}"
    return HTMLResponse(text, headers={"content-security-policy": policy})
