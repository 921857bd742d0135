"""An open document, whose pages are rendered one by one in a worker process.

Here the worker's answers become values and its failures become errors that name source and page.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from got_loaders.errors import PageError
from got_loaders.pages.media_type import PDF
from got_loaders.pages.own_words import PageWords, words_from_json
from got_loaders.pages.protocol import DocumentInfo, PageGeometry, WorkerFailure
from got_loaders.pages.render_size import PageShape
from got_loaders.pages.text_layer.values import TextLayer, layer_from_json, regions_from_json
from got_loaders.pages.worker.crash_counter import CrashCounter
from got_loaders.pages.worker.failures import (
    TRIPPED,
    sanitize_reason,
    sanitize_warnings,
    worker_error_text,
)
from got_loaders.pages.worker.handle import WORDS_LIMIT_S, Answer, DocumentSpec
from got_loaders.pages.worker.pool import Pool, shared_pool
from got_loaders.pages.worker.process import WorkerError, WorkerTimeoutError
from got_loaders.sources import Source, file_version
from got_loaders.types import Page, PageInfo, Region, describe_page

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["CHANGED", "PageDocument"]

CHANGED = "the file was changed or removed while it was read; read it again"
"""Why what was read of it can't be used."""


class PageDocument:
    """The pages of one open document, counted from 0. Usable from any number of threads.

    Nothing is kept here but the pages' sizes: every call of ``page`` renders. Where the worker
    hangs or dies, that call raises :class:`PageError` and the next one works again; but not after
    three such calls in a row.
    """

    def __init__(
        self,
        source: Source,
        spec: DocumentSpec,
        info: DocumentInfo,
        crash_counter: CrashCounter,
        pool: Pool | None = None,
    ) -> None:
        self.source = source
        self.total = info.total
        self._spec = spec
        self._crash_counter = crash_counter
        self._pool = pool
        self._closed = threading.Event()
        self._geometry: dict[int, PageGeometry] = {}
        self._info = PageInfo(
            source=source.name,
            total=info.total,
            file_name=source.file_name,
            file_type=info.file_type,
            document=info.document,
            warnings=info.warnings,
            file_stamp=source.stamp,
        )

    def info(self, number: int) -> PageInfo:
        """Where page ``number`` comes from and how large it is shown."""
        page = self._measure(number)
        return replace(
            self._info,
            number=number,
            label=page.label,
            width=page.width,
            height=page.height,
            unit=page.unit,
        )

    def shape(self, number: int) -> PageShape:
        """The size of page ``number`` in pixels at a nominal 200 dpi."""
        width, height = self._measure(number).shape
        return PageShape(width=width, height=height)

    def page(self, number: int, *, width: int, height: int, dpi: float | None = None) -> Page:
        """Page ``number`` as a picture for a model that sees ``width`` × ``height`` pixels.

        A PDF page is rendered undistorted, just large enough to cover both (a page of extreme
        shape less: see ``render_size``), or at ``dpi``. An image comes at its full
        size, whatever is asked for: resizing it, once, is the model's business.
        """
        info = self.info(number)
        answer, pixels = self._request("render", number, width=width, height=height, dpi=dpi)
        damage = self._warnings(answer["damage"])
        try:
            image = _image(answer["size"], pixels)
            return Page(info=info.warned(*damage), image=image, damage=damage)
        except (MemoryError, ValueError) as error:
            raise self._page_error(number, f"its picture can't be taken over: {error}") from error

    def text_layer(self, number: int) -> TextLayer:
        """The page's own text, region by region, and whether it is good enough instead of OCR.

        The worker loads PyMuPDF's layout model at the first such call. Images have no text layer:
        theirs is not good, says so, and has no parts.
        """
        answer, _ = self._request("text_layer", number)
        return layer_from_json({**answer, "warnings": self._warnings(answer["warnings"])})

    def regions(self, number: int) -> tuple[Region, ...] | None:
        """The page's regions in reading order, found from its own text; None where it has none.

        None for images, for scans (also those with an invisible text) and for pages on which
        PyMuPDF's layout model finds nothing or too much is drawn. Figures are regions, too.
        """
        answer, _ = self._request("regions", number)
        return regions_from_json(answer["regions"])

    def words(self, number: int) -> PageWords:
        """The page's words as its file has them, in a few milliseconds; an image has none.

        The layout model is not asked. A document that hangs or kills the worker at this has none
        from then on, and that counts for nothing else: they are a hint.
        """
        if self._info.file_type != PDF or self._crash_counter.words_given_up:
            return PageWords()
        answer, _ = self._request("words", number)
        return words_from_json(answer["words"])

    def close(self) -> None:
        """Let go of the file. Never waits; may be called twice."""
        self._closed.set()
        (self._pool or shared_pool()).release(self._spec)

    def _measure(self, number: int) -> PageGeometry:
        if number not in self._geometry:
            answer, _ = self._request("measure", number)
            answer["shape"] = tuple(answer["shape"])
            self._geometry[number] = PageGeometry(**answer)
        return self._geometry[number]

    def _request(self, do: str, number: int, **arguments: float | None) -> Answer:
        if not 0 <= number < self.total:
            text = f"there is no such page; the document has {self.total}"
            raise self._page_error(number, text)
        if self._closed.is_set():
            raise self._page_error(number, "the document was closed")
        if self._crash_counter.tripped:
            raise self._page_error(number, TRIPPED)
        is_text = do in ("text_layer", "regions")
        if is_text and number in self._crash_counter.hung_texts:
            raise self._page_error(
                number, "its own text took too long before, and is not asked for"
            )
        pool = self._pool or shared_pool()
        spec = self._spec.hurried(WORDS_LIMIT_S) if do == "words" else self._spec
        crashed = False
        try:
            answer = pool.request(spec, {"do": do, "page": number, **arguments})
        except WorkerFailure as failure:
            self._check_version(number)
            reason = sanitize_reason(failure, self._spec.path, self.source.name)
            raise self._page_error(number, reason) from None
        except WorkerError as error:
            crashed = True
            if is_text and isinstance(error, WorkerTimeoutError):
                self._crash_counter.hung_texts.add(number)
            if do == "words":
                self._crash_counter.words_given_up = True
            limit_s = pool.time_limit_s or spec.limits.page_seconds
            reason = worker_error_text(error, "decoding it", limit_s)
            raise self._page_error(number, reason) from error
        else:
            self._check_version(number)
            return answer
        finally:
            if do != "words" and (crashed or do != "measure"):  # which says little if it works
                self._crash_counter.record(crashed=crashed)
            if self._closed.is_set():  # by another thread, just before it was opened once more
                pool.release(self._spec)

    def _check_version(self, number: int) -> None:
        """Raise where what the worker has read may be of another version than pages before."""
        if self.source.version != file_version(self.source):
            raise self._page_error(number, CHANGED)

    def _warnings(self, texts: Iterable[object]) -> tuple[str, ...]:
        return sanitize_warnings(texts, self._spec.path, self.source.name)

    def _page_error(self, number: int, reason: str) -> PageError:
        name = self.source.name
        return PageError(f"{describe_page(name, number)}: {reason}", source=name, page=number)


def _image(size: tuple[int, int], pixels: bytearray) -> Image:
    from PIL import Image  # here: importing the package loads no Pillow

    return Image.frombytes("RGB", (size[0], size[1]), pixels)
