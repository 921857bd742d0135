"""One page of one document as a PNG that people or models look at: no engine, nothing is read."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING

from got_loaders.errors import PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.pages import open_document, select_pages
from got_loaders.pipeline.open_page import OpenPage
from got_loaders.sources import file_sources
from got_loaders.sources.temp_files import TempFiles

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["page_png"]

_SMALLEST_PX = 64
"""The longest side of a picture that is given however many bytes it takes."""


def page_png(path: str, options: ReadOptions, *, side_px: int, max_bytes: int) -> bytes:
    """The page that ``options.pages`` selects of the file, its longest side ``side_px`` at most.

    It is made smaller until it has ``max_bytes`` at most. Blocks. Raises :class:`SourceError` where
    there is no such file or it can't be opened, :class:`PageError` where it has no such page.
    """
    root = None if options.root is None else str(options.root)
    files = file_sources(path, root=root, urls=options.urls, max_bytes=options.max_file_bytes)
    source = next(iter(files))
    if isinstance(source, SourceError):
        raise source
    with closing(TempFiles(options.download_policy, lambda: False)) as temp_files:
        fetched = temp_files.fetch(source)
        with closing(
            open_document(fetched, password=options.password, limits=options.limits)
        ) as document:
            numbers = select_pages(options.pages, document.total, source=source.name)
            if len(numbers) != 1:
                raise PageError(f"{source.name}: a picture shows one page", source=source.name)
            image = _reduced(OpenPage(document, numbers[0]), side_px)
    return _encoded(image, max_bytes)


def _reduced(page: OpenPage, side_px: int) -> Image:
    factor = min(1.0, side_px / max(page.shape))
    width, height = (max(1, round(side * factor)) for side in page.shape)
    image = page.rendered(width, height)
    image.thumbnail((side_px, side_px))
    return image


def _encoded(image: Image, max_bytes: int) -> bytes:
    while True:
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        longest = max(image.size)
        if buffer.tell() <= max_bytes or longest <= _SMALLEST_PX:
            return buffer.getvalue()
        smaller = max(_SMALLEST_PX, round(longest * min(0.9, (max_bytes / buffer.tell()) ** 0.5)))
        image.thumbnail((smaller, smaller))
