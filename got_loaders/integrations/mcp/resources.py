"""The documents as resources: listed, read as text, their pages as pictures.

No postponed annotations: the SDK looks for the real ones.
"""

import re
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from mcp.server.mcpserver import Context, MCPServer, ResourceSecurity
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, Resource

from got_loaders._async import call_in_thread
from got_loaders.errors import EngineError, GotLoadersError, SourceError
from got_loaders.integrations.mcp.tools import run_reporting
from got_loaders.integrations.tools import DocumentTools

__all__ = ["DocumentResources", "one_page"]

_MAX_RESOURCES = 20_000
"""Documents that are listed in all."""

_LIST_SIZE = 500
"""Documents in one answer; the client asks for the next with a cursor."""

_OUR_CHECKS = ResourceSecurity(reject_path_traversal=False, reject_absolute_paths=False)
"""A path is judged by where it leads, by whoever opens it, and the refusal says why."""

_PAGE = re.compile(r"-?[0-9]{1,9}")


class DocumentResources:
    """What a client lists and reads, by the names that the tools have."""

    def __init__(self, tools: DocumentTools) -> None:
        self._tools = tools

    def add_templates(self, server: "MCPServer[None]") -> None:
        """Let ``server`` answer for any document, and for any page of it."""
        server.resource(
            "document:///{+source}",
            name="document",
            description="The text of a document's first pages as Markdown, read by OCR.",
            mime_type="text/markdown",
            security=_OUR_CHECKS,
        )(self._text)
        server.resource(
            "document-page:///{page}/{+source}",
            name="document_page",
            description="A picture of one page; pages count from 1, -1 is the last.",
            mime_type="image/png",
            security=_OUR_CHECKS,
        )(self._picture)

    async def listed(self) -> list[Resource]:
        """Every document, as the folders are now; none where they can't be listed."""
        try:
            names = await call_in_thread(partial(self._tools.documents, "", _MAX_RESOURCES))
        except SourceError:
            return []
        return [
            Resource(
                uri=f"document:///{quote(name)}",
                name=name,
                title=PurePosixPath(name).name,
                mime_type="text/markdown",
            )
            for name in names.documents
        ]

    async def _text(self, source: str, context: Context) -> str:
        try:
            call = await call_in_thread(partial(self._tools.read_beginning, source))
            return (await run_reporting(call, context)).text
        except GotLoadersError as error:
            raise _resource_error(error) from error

    async def _picture(self, page: str, source: str) -> bytes:
        if not _PAGE.fullmatch(page):
            text = f"page {page!r}: expected one page's number, counted from 1; -1 is the last"
            raise ResourceNotFoundError(text)
        try:
            return await call_in_thread(partial(self._tools.page_picture, source, page))
        except GotLoadersError as error:
            raise _resource_error(error) from error


def one_page(result: dict[str, Any], cursor: object) -> dict[str, Any]:
    """A part of a list of resources: what follows the ``cursor``, which an answer before gave.

    The cursor names the last one that was given, so that files that came or went meanwhile shift
    nothing; where it is gone itself, its place counts.
    """
    resources = result["resources"]
    start = 0 if cursor is None else _start(cursor, [each["uri"] for each in resources])
    end = start + _LIST_SIZE
    page = {**result, "resources": resources[start:end]}
    if end < len(resources):
        page["nextCursor"] = f"{end} {resources[end - 1]['uri']}"
    return page


def _start(cursor: object, uris: list[str]) -> int:
    place, _, last = str(cursor).partition(" ")
    if not last or not place.isdecimal() or len(place) > len(str(_MAX_RESOURCES)):
        raise MCPError(code=INVALID_PARAMS, message="no such cursor; list from the beginning")
    return uris.index(last) + 1 if last in uris else int(place)


def _resource_error(error: GotLoadersError) -> ResourceError:
    """An error that the client is told: its own, unless it is the model that failed."""
    return (ResourceError if isinstance(error, EngineError) else ResourceNotFoundError)(str(error))
