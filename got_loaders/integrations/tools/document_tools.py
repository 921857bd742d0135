"""The questions that an agent may ask. Each gives an :class:`Errand`, which gives the answer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Literal

from got_loaders.errors import OptionError, SourceError, UnsupportedSourceError
from got_loaders.integrations.tools.formatting import (
    told_pages,
    told_part,
    told_regions,
    told_texts,
)
from got_loaders.integrations.tools.null_engine import Unread
from got_loaders.integrations.tools.roots import Place, Shelf
from got_loaders.integrations.tools.tool_call import Errand, Tell, worded
from got_loaders.options import Pages, ReadOptions, ReadOverrides
from got_loaders.pipeline.engines import resolve_engine
from got_loaders.pipeline.reader import ReadJob
from got_loaders.sources import Source, display_path, file_sources
from got_loaders.types import Engine, checked_box

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["MOST_PAGES", "DocumentTools", "ToolOutput", "agent_options"]

MOST_PAGES = 10
"""Of one call: more would hardly fit an agent's context."""

MOST_LISTED = 200
"""Files that are named in one answer."""

_MOST_NAMED = 20
"""Files that are named where one was asked for and a folder found."""

ToolOutput = Literal["markdown", "latex", "text", "html"]


def agent_options(options: ReadOptions | None, overrides: ReadOverrides) -> ReadOptions:
    """``options`` for an agent: no URLs and ten pages, unless ``overrides`` say otherwise.

    Without ``options`` a page that fails says so in its place and does not hide the others.
    """
    chosen = ReadOverrides(**overrides)
    if options is None:
        chosen.setdefault("on_error", "keep")
    chosen.setdefault("urls", False)
    chosen.setdefault("max_pages", MOST_PAGES)
    return ReadOptions.of(options, chosen)


class DocumentTools:
    """What an agent may do with the documents below ``folders``, or below the options' ``root``.

    Usable from any number of threads. Preparing an errand looks at names and may list a folder;
    documents are opened and the model is loaded when it runs.
    """

    def __init__(
        self,
        options: ReadOptions,
        *,
        folders: Sequence[str | os.PathLike[str]] | None = None,
        model: str | None = None,
        engine: Engine | EngineConfig | None = None,
    ) -> None:
        if folders is None and options.root is None:
            raise OptionError("root=None: a tool needs the folder that agents may read from")
        resolve_engine(model, engine)  # a wrong one raises here
        self._shelf = Shelf([str(options.root)] if folders is None else folders)
        self._options = options
        self._model = model
        self._engine = engine

    def list_documents(self, folder: str = "") -> str:
        """The names of PDFs and images in and below a folder; all that may be read if empty."""
        names, most = list[str](), MOST_LISTED + 1
        for place in self._shelf.tops(folder):
            with worded(place):
                found = _names(place, self._within(place))
                names += [place.told(name) for name in islice(found, most)]
        more = "\n(and more; name a folder to see what is in it)" if names[MOST_LISTED:] else ""
        return "\n".join(names[:MOST_LISTED]) + more

    def read_document(
        self,
        source: str,
        pages: str | int | None = None,
        region: Sequence[float] | None = None,
        output: ToolOutput = "markdown",
    ) -> Errand:
        """The text of ``pages`` (counted from 1; all), or of one ``region`` of each."""
        overrides: ReadOverrides = {"output": output, "pages": _numbers(pages)}
        tell = told_texts if region is None else told_part
        return self._errand(source, overrides, tell, region=region)

    def read_region(
        self, source: str, page: int, region: Sequence[float], output: ToolOutput = "markdown"
    ) -> Errand:
        """The text of one region: x0, y0, x1, y1 in the page's unit, origin top left."""
        return self.read_document(source, str(page), region, output)

    def list_regions(self, source: str, page: int) -> Errand:
        """What layout finds on a page (counted from 1), with boxes; reads nothing."""
        overrides: ReadOverrides = {"mode": "region", "regions": "auto", "pages": str(page)}
        return self._errand(source, overrides | _UNREAD, told_regions, unread=True)

    def describe_pages(self, source: str, pages: str | int | None = None) -> Errand:
        """How many pages there are, and what each of ``pages`` is; reads nothing."""
        first: Pages = slice(0, self._options.max_pages)
        chosen = first if pages is None else _numbers(pages)
        overrides: ReadOverrides = {"mode": "page", "regions": None, "pages": chosen}
        overrides |= {"text_layer": "auto", "on_error": "keep"}
        return self._errand(source, overrides | _UNREAD, told_pages, unread=True)

    def _errand(
        self,
        asked: str,
        overrides: ReadOverrides,
        tell: Tell,
        *,
        region: Sequence[float] | None = None,
        unread: bool = False,
    ) -> Errand:
        place = self._shelf.place(asked)
        with worded(place):
            if region is not None:
                boxes = [checked_box(region, name="region")]
                overrides = overrides | _ONE_REGION | {"regions": boxes}
            options = ReadOptions.of(self._within(place), overrides | {"omit_metadata": ()})
            _check_single(place, options)
            if unread:
                reading = ReadJob(place.source, None, Unread(), options)
            else:
                reading = ReadJob(place.source, self._model, self._engine, options)
            return Errand(place, reading, tell, self._options.omit_metadata)

    def _within(self, place: Place) -> ReadOptions:
        return replace(self._options, root=place.root)


_ONE_REGION: ReadOverrides = {
    "mode": "region",
    "box": None,
    "color": None,
    "multi_page": False,
    "text_layer": "ignore",
    "region_prompt": "crop",
}
"""With these, a region is cut out and shown alone, which the model reads best."""

_UNREAD: ReadOverrides = {"box": None, "color": None, "multi_page": False, "cache": None}
"""With these, layout and pages are looked at as they are."""


def _numbers(pages: str | int | None) -> str | None:
    """Pages as people count them, also where a model passes a number for a text."""
    return None if pages is None else str(pages)


def _check_single(place: Place, options: ReadOptions) -> None:
    """Raise unless there is one file: a folder's would be more than a call may read."""
    first, *others = found = list(islice(_files(place, options), _MOST_NAMED + 1))
    own = (place.source, display_path(place.source))
    if not others and (isinstance(first, SourceError) or first.name in own):
        return  # a file; or an error, which the read tells
    names = list(_shown(found))
    shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    text = f"{place.source}: it is a folder; name one of its files: {shown}"
    raise UnsupportedSourceError(text, source=place.source)


def _names(place: Place, options: ReadOptions) -> Iterable[str]:
    """The files in and below a folder; raises what is wrong with it."""
    for found in _files(place, options):
        if isinstance(found, SourceError) and found.source in (
            place.source,
            display_path(place.source),
        ):
            raise found
        yield from _shown([found])


def _shown(found: Iterable[Source | SourceError]) -> Iterable[str]:
    for each in found:
        name = str(each.source if isinstance(each, SourceError) else each.name)
        yield name.removeprefix("./")


def _files(place: Place, options: ReadOptions) -> Iterable[Source | SourceError]:
    return file_sources(place.source, glob=options.glob, root=str(options.root), urls=options.urls)
