"""The five tools that agents are given, defined once for every framework and for MCP.

No postponed annotations: the frameworks make the tools' schemas from the real ones.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from got_loaders.errors import OptionError, SourceError, printable
from got_loaders.integrations.pickling import check_picklable
from got_loaders.integrations.tools.content import (
    DocumentList,
    list_page_facts,
    list_part,
    list_region_boxes,
    list_texts,
)
from got_loaders.integrations.tools.defaults import AGENT_DEFAULTS, agent_options
from got_loaders.integrations.tools.formatting import (
    format_beginning,
    format_documents,
    format_pages,
    format_part,
    format_regions,
    format_texts,
)
from got_loaders.integrations.tools.lookup import check_single, find_document, list_documents
from got_loaders.integrations.tools.null_engine import NullEngine
from got_loaders.integrations.tools.roots import ResolvedPath, RootFolders
from got_loaders.integrations.tools.schemas import (
    X0,
    X1,
    Y0,
    Y1,
    FolderArg,
    OutputArg,
    PageArg,
    PagesArg,
    SourceArg,
    ToolOutput,
)
from got_loaders.integrations.tools.tool_call import (
    ContentBuilder,
    Formatter,
    ToolCall,
    agent_errors,
)
from got_loaders.options import Pages, ReadOptions, ReadOverrides
from got_loaders.options.description import describe_options
from got_loaders.pipeline.corrections import with_corrections
from got_loaders.pipeline.engines import describe_engine, resolve_engine
from got_loaders.pipeline.page_picture import page_png
from got_loaders.pipeline.reader import ReadJob
from got_loaders.types import Engine, checked_box

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["DocumentTools"]

_MAX_LISTED = 200
"""Files that are named in one result."""

_SIDE_PX = 1568
"""Longest side of a page's picture: what models with vision commonly see unreduced."""

_MAX_PNG_BYTES = 3_750_000
"""Of a page's picture: 5 MB in base64, which is what models' APIs take."""


class DocumentTools:
    """The tools for the documents below ``folders``, or below the options' ``root``.

    The parameters and docstrings of the first five methods are what agents are told of each tool.
    No URLs are read and ten pages at most, unless ``overrides`` say otherwise, whatever ``options``
    say; without ``options`` a page that fails says so in its place and does not hide the others.
    Usable from any number of threads. A tool looks at names and may list a folder; documents are
    opened and the model is loaded when the :class:`ToolCall` that it gives is run.
    """

    def __init__(
        self,
        options: ReadOptions | None,
        overrides: ReadOverrides,
        *,
        folders: Sequence[str | os.PathLike[str]] | None = None,
        model: str | None = None,
        engine: "Engine | EngineConfig | str | None" = None,
    ) -> None:
        self._options = with_corrections(agent_options(options, overrides))
        if folders is None and self._options.root is None:
            raise OptionError("root=None: a tool needs the folder that agents may read from")
        self._roots = RootFolders([str(self._options.root)] if folders is None else folders)
        self._roots.check()
        resolved = resolve_engine(model, engine, self._options)
        # By its URL a server is found again when it has another model than at the beginning.
        self._engine = engine if isinstance(engine, str) else resolved

    def described(self) -> list[str]:
        """``name=value`` of the arguments that differ from the defaults."""
        defaults = ReadOptions.of(None, AGENT_DEFAULTS)
        root = [f"root={str(self._options.root)!r}"] if self._options.root is not None else []
        options = describe_options(replace(self._options, root=None), defaults)
        return [*root, *describe_engine(resolve_engine(None, self._engine)), *options]

    def __getstate__(self) -> dict[str, object]:
        check_picklable("tool", self._engine, self._options.password)
        return self.__dict__

    def __deepcopy__(self, _memo: object) -> "DocumentTools":
        return self  # nothing in it changes, and it is used from any thread

    def list_documents(self, folder: FolderArg = "") -> str:
        """Lists the PDF and image files that may be read, in a folder and below."""
        return format_documents(self.documents(folder))

    def describe_pages(self, source: SourceArg, pages: PagesArg = None) -> ToolCall:
        """Tells how many pages a document has, how large each is, and whether it is blank."""
        first: Pages = slice(0, self._options.max_pages)
        selection = first if pages is None else _page_text(pages)
        overrides: ReadOverrides = {"mode": "page", "regions": None, "pages": selection}
        overrides |= {"text_layer": "auto", "on_error": "keep"}
        return self._call(source, overrides | _DRY_RUN, format_pages, list_page_facts, dry_run=True)

    def list_regions(self, source: SourceArg, page: PageArg) -> ToolCall:
        """Lists the titles, texts, tables and figures of one page with their coordinates."""
        overrides: ReadOverrides = {"mode": "region", "regions": "auto", "pages": _page_text(page)}
        described = overrides | _DRY_RUN
        return self._call(source, described, format_regions, list_region_boxes, dry_run=True)

    def read_document(
        self, source: SourceArg, pages: PagesArg = None, output: OutputArg = "markdown"
    ) -> ToolCall:
        """Reads the pages of a PDF or an image by OCR, also scans, tables and formulas."""
        return self.read(source, pages, output=output)

    def read_region(  # scalars, for models fill these in more reliably
        self,
        source: SourceArg,
        page: PageArg,
        x0: X0,
        y0: Y0,
        x1: X1,
        y1: Y1,
        output: OutputArg = "markdown",
    ) -> ToolCall:
        """Reads one part of one page by OCR, such as a table."""
        return self.read(source, page, (x0, y0, x1, y1), output)

    def read(
        self,
        source: str,
        pages: str | int | None = None,
        region: Sequence[float] | None = None,
        output: ToolOutput = "markdown",
    ) -> ToolCall:
        """The text of ``pages`` (counted from 1; all), or of one ``region`` of each."""
        numbers = None if pages is None else _page_text(pages)
        overrides: ReadOverrides = {"output": output, "pages": numbers}
        if region is None:
            return self._call(source, overrides, format_texts, list_texts)
        return self._call(source, overrides | _ONE_REGION, format_part, list_part, region=region)

    def read_beginning(self, source: str) -> ToolCall:
        """The text of as many pages as a call may read; the end says how many more there are."""
        first: Pages = slice(0, self._options.max_pages)
        overrides: ReadOverrides = {"output": "markdown", "pages": first}
        return self._call(source, overrides, format_beginning, list_texts)

    def page_picture(self, source: str, page: str) -> bytes:
        """A page, named as people count, as a PNG of a size that models see well; blocks."""
        target = find_document(source, self._roots, self._options)
        with agent_errors(target):
            options = replace(self._options_below(target), pages=_page_text(page))
            check_single(target, options)
            return page_png(target.path, options, side_px=_SIDE_PX, max_bytes=_MAX_PNG_BYTES)

    def documents(self, folder: str = "", limit: int = _MAX_LISTED) -> DocumentList:
        """The documents in a folder and below; of several roots, empty ones don't count."""
        names: list[str] = []
        errors: list[SourceError] = []
        for target in self._top_level(folder):
            try:
                with agent_errors(target):
                    below = list_documents(target, self._options)
                    names += [printable(file.requested) for file in islice(below, limit + 1)]
            except SourceError as error:
                errors.append(error)
        if errors and not names:
            raise errors[0]
        return DocumentList(documents=names[:limit], more=len(names) > limit)

    def _call(
        self,
        name: str,
        overrides: ReadOverrides,
        formatter: Formatter,
        content: ContentBuilder,
        *,
        region: Sequence[float] | None = None,
        dry_run: bool = False,
    ) -> ToolCall:
        target = find_document(name, self._roots, self._options)
        with agent_errors(target):
            if region is not None:
                overrides = overrides | {"regions": [checked_box(region, name="region")]}
            if region is not None or dry_run:  # of no text that people have seen
                overrides = overrides | {"corrections": None, "figures": "drop"}
            overrides = overrides | {"omit_metadata": (), "drop_blank": False}
            if self._options.omit_metadata:  # headers need all but what differs from run to run
                overrides = overrides | {"omit_metadata": ("ocr_draft_share",)}
            options = ReadOptions.of(self._options_below(target), overrides)
            check_single(target, options)
            job = ReadJob(target.path, None, NullEngine() if dry_run else self._engine, options)
            return ToolCall(target, job, formatter, content, self._options.omit_metadata)

    def _top_level(self, folder: str) -> list[ResolvedPath]:
        """The folder that is meant; all that may be read where it is empty."""
        if folder.strip() in ("", ".", "./"):
            return self._roots.top_level("")
        return [find_document(folder, self._roots, self._options, folder=True)]

    def _options_below(self, target: ResolvedPath) -> ReadOptions:
        return replace(self._options, root=target.root)


def _page_text(pages: str | int) -> str:
    """A selection of pages as a text; models pass a number for one."""
    try:
        return str(pages)
    except ValueError:  # Python writes out no number of more than 4,300 digits
        raise OptionError("pages: no document has a page of such a number") from None


_ONE_REGION: ReadOverrides = {
    "mode": "region",
    "box": None,
    "color": None,
    "multi_page": False,
    "text_layer": "ignore",
    "region_prompt": "crop",
}
"""With these, a region is cut out and shown alone, which the model reads best."""

_DRY_RUN: ReadOverrides = {"box": None, "color": None, "multi_page": False, "cache": None}
"""With these, layout and pages are looked at as they are, for nothing is read."""
