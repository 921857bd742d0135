"""The pictures of a report's pages: their documents opened again, one at a time, and rendered."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from got_loaders.errors import (
    GotLoadersError,
    OptionError,
    PasswordError,
    UnsupportedSourceError,
    printable,
    shown,
)
from got_loaders.options import ReadOptions
from got_loaders.pages import PageDocument
from got_loaders.pages.page_view import page_view
from got_loaders.pages.reopening import check_unchanged, reopen
from got_loaders.report.values import Picture, ReportPage
from got_loaders.sources import looks_like_url
from got_loaders.sources.temp_files import TempFiles
from got_loaders.types import PageInfo

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["PICTURE_SIDE", "PagePictures", "encode_picture"]

PICTURE_SIDE = 1000
"""Pixels along the longer side of a page's picture: print of ten points can be read."""
THUMBNAIL_SIDE = 120
_MAX_PAGES = 16
"""Pictures of one entry: of pages that were read as one, the first so many."""

_ROUNDED = 0.01
"""Metadata has two decimals."""

_NEWER = "the file was changed after this was kept: the picture may show something else"

_QUALITY = 80
_THUMBNAIL_QUALITY = 60
_METHOD = 4
"""Of WebP: how much time it takes, 0 to 6; some 25 ms for a page."""


class PagePictures:
    """Adds pictures to pages; use it in a ``with`` block. Pages of one document come in a row.

    ``side`` are the pixels along a picture's longer side; 0: none are added. ``source`` stands for
    the document of all pages, wherever it was read from; ``password`` opens it. Of ``options`` the
    password, the root and the other limits count. ``kept_at``: what is known of the pages is what
    records tell, written at that time, in seconds of the epoch; they don't know the files' state.
    ``data`` are documents that can't be opened by their names.
    """

    def __init__(
        self,
        *,
        side: int = PICTURE_SIDE,
        source: object = None,
        password: str | None = None,
        options: ReadOptions,
        kept_at: float | None = None,
        data: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._side = side
        self._given = source
        self._password = password
        self._options = options
        self._kept_at = kept_at
        self._data = data
        self._name: str | None = None
        self._document: PageDocument | None = None
        self._missing = ""
        self._downloads = TempFiles(options.download_policy, _never)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._close_document()
        self._downloads.close()

    def added_to(self, page: ReportPage, info: PageInfo) -> ReportPage:
        """The page with its pictures, or with the reason why there are none."""
        if info.number is None or not self._side:
            return page
        document = self._open(info)
        if document is None:
            return replace(page, no_picture=self._missing)
        last = min(max(info.number, info.last_number or 0), info.number + _MAX_PAGES - 1)
        images: list[Image] = []
        try:
            known = info if self._kept_at is None else _exact(info, document.info(info.number))
            for number in range(info.number, last + 1):
                check_unchanged(document, number, known)
                images.append(page_view(document, number, side=self._side))
            now = document.info(info.number)
        except GotLoadersError as error:
            return replace(page, no_picture=_reason(error, info.source))
        return replace(
            page,
            width=now.width,
            height=now.height,
            unit=now.unit,
            warnings=(*page.warnings, *((_NEWER,) if self._is_newer(now) else ())),
            pictures=tuple(encode_picture(image, quality=_QUALITY) for image in images),
            thumbnail=_thumbnail(images[0]),
        )

    def _open(self, info: PageInfo) -> PageDocument | None:
        """The document of a page; None where it is not to be had, and ``_missing`` says why."""
        if info.source == self._name:
            return self._document
        if self._name is not None and self._given is not None:
            text = f"source={shown(self._given)} stands for one document, and the results are of"
            raise OptionError(f"{text} {printable(self._name)} and {printable(info.source)}")
        self._close_document()
        self._name = info.source
        if self._kept_at is not None and not self._is_file(info.source):
            self._missing = "there is no such file"
            return None
        try:
            self._document = reopen(
                info.source,
                info if self._kept_at is None else None,
                given=self._data.get(info.source) if self._given is None else self._given,
                password=self._password,
                options=self._options,
                temp_files=self._downloads,
            )
        except GotLoadersError as error:
            self._missing = _reason(error, info.source)
        return self._document

    def _is_file(self, source: str) -> bool:
        """Whether a record's source is one file, or a URL: no folder or pattern is looked through,
        for records may come from others."""
        root = self._options.root or ""
        return looks_like_url(source) or os.path.isfile(Path(root, source))  # noqa: PTH113  # raises nothing

    def _is_newer(self, info: PageInfo) -> bool:
        """Whether the file was changed after the records were written."""
        stamp = info.file_stamp
        return self._kept_at is not None and stamp is not None and stamp[1] > self._kept_at * 1e9

    def _close_document(self) -> None:
        document, self._document = self._document, None
        if document is not None:
            document.close()


def encode_picture(image: Image, *, quality: int) -> Picture:
    """An image as WebP, or as PNG where Pillow was built without."""
    from PIL import features

    out = io.BytesIO()
    if features.check("webp"):
        media_type = "image/webp"
        image.save(out, "WEBP", quality=quality, method=_METHOD)
    else:
        media_type = "image/png"
        image.quantize(16).save(out, "PNG", optimize=True)
    return Picture(
        data=out.getvalue(), media_type=media_type, width=image.width, height=image.height
    )


def _exact(kept: PageInfo, now: PageInfo) -> PageInfo:
    """What a record tells of a page, with its size unrounded where that is the page's size now."""
    kept = replace(kept, width=kept.width or now.width, height=kept.height or now.height)
    differs = max(abs(kept.width - now.width), abs(kept.height - now.height)) > _ROUNDED
    return kept if differs else replace(kept, width=now.width, height=now.height)


def _thumbnail(image: Image) -> Picture:
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2)
    return encode_picture(small, quality=_THUMBNAIL_QUALITY)


def _reason(error: GotLoadersError, source: str) -> str:
    """Why a document can't be shown, without its name, which stands above."""
    if isinstance(error, PasswordError):
        return "the document needs a password"
    if isinstance(error, UnsupportedSourceError):  # whose text has the beginning of the file
        return "it is no PDF and no image"
    text = printable(str(error))
    return text.removeprefix(printable(source)).lstrip(" ,:")


def _never() -> bool:
    """No download is given up."""
    return False
