"""Documents without files and engines without models, for the tests of the pipeline."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from types import MappingProxyType
from typing import Self

from PIL import Image

from got_loaders.errors import PageError, PasswordError
from got_loaders.options import ReadOptions
from got_loaders.pages import CrashCounter, PageShape, PageWords, TextLayer
from got_loaders.pipeline.corrections import JobCorrections
from got_loaders.results import PageResult
from got_loaders.sources import Source
from got_loaders.types import OcrRequest, OcrResult, Page, PageInfo, Region

A4 = (595.0, 842.0)
NO_TEXT = TextLayer(good=False, reason="no text", parts=())


def picture(number: int = 0, size: tuple[int, int] = (60, 80)) -> Image.Image:
    """A page with ink on it; its corner's colour carries ``number``."""
    image = Image.new("RGB", size, "white")
    image.paste((0, 0, 0), (10, 10, size[0] // 2, size[1] // 2))
    image.putpixel((0, 0), (number % 256, number // 256, 0))
    return image


def number_of(request: OcrRequest) -> int:
    """The number of the page that a request shows."""
    red, green, _ = request.images[0].getpixel((0, 0))  # type: ignore[misc]  # RGB
    return int(red) + 256 * int(green)


def says_number(request: OcrRequest) -> str:
    """A reply: the number of the page."""
    return f"page {number_of(request)}"


class FakeJob:
    """The results of a job that nothing was read for, page by page."""

    file_done = False
    corrections = JobCorrections(ReadOptions())

    def __init__(
        self,
        options: ReadOptions,
        pages: Callable[[], Generator[Sequence[PageResult]]],
        apages: Callable[[], AsyncGenerator[Sequence[PageResult]]] | None = None,
    ) -> None:
        self.options = options
        self._pages = pages
        self._apages = apages

    def pages(self) -> Generator[Sequence[PageResult]]:
        """They, in order."""
        return self._pages()

    def apages(self) -> AsyncGenerator[Sequence[PageResult]]:
        """The same, asynchronously."""
        assert self._apages is not None
        return self._apages()


class FakeDocument:
    """A document of ``total`` pages. ``broken`` ones can't be rendered, ``blank`` ones are white.

    ``regions`` are what it says of each page's layout, ``layers`` the text of those that have it.
    ``warnings`` go with all pages; ``damage`` is what can't be drawn of some.

    ``live`` holds the pictures that anybody still has, ``rendered`` the pages asked for.
    """

    def __init__(
        self,
        total: int,
        *,
        broken: Sequence[int] = (),
        blank: Sequence[int] = (),
        size: tuple[float, float] = A4,
        name: str = "doc.pdf",
        regions: tuple[Region, ...] | None = None,
        layers: Mapping[int, TextLayer] = MappingProxyType({}),
        warnings: tuple[str, ...] = (),
        damage: Mapping[int, tuple[str, ...]] = MappingProxyType({}),
        own_words: Mapping[int, PageWords] = MappingProxyType({}),
    ) -> None:
        self.own_words = own_words
        self.warnings = warnings
        self.damage = damage
        self.found = regions
        self.layers = layers
        self.total = total
        self.name = name
        self.broken = broken
        self.blank = blank
        self.size = size
        self.rendered: list[int] = []
        self.grids: list[tuple[int, int]] = []
        self.live: weakref.WeakValueDictionary[int, Image.Image] = weakref.WeakValueDictionary()
        self.closed = 0
        self.before_render: Callable[[int], object] = lambda number: None

    def info(self, number: int) -> PageInfo:
        """Where the page comes from."""
        width, height = self.size
        return PageInfo(
            source=self.name,
            number=number,
            total=self.total,
            width=width,
            height=height,
            warnings=self.warnings,
        )

    def shape(self, number: int) -> PageShape:
        """At 200 dpi."""
        width, height = (round(side * 200 / 72) for side in self.size)
        return PageShape(width=width, height=height)

    def page(self, number: int, *, width: int, height: int, dpi: float | None = None) -> Page:
        """A small picture."""
        self.rendered.append(number)
        self.grids.append((width, height))
        self.before_render(number)
        if number in self.broken:
            text = f"{self.name}, page {number + 1}: broken"
            raise PageError(text, source=self.name, page=number)
        image = picture(number)
        if number in self.blank:
            image.paste("white", (0, 0, *image.size))
        self.live[number] = image
        damage = self.damage.get(number, ())
        return Page(info=self.info(number).warned(*damage), image=image, damage=damage)

    def regions(self, number: int) -> tuple[Region, ...] | None:
        """The same on each page."""
        return self.found

    def text_layer(self, number: int) -> TextLayer:
        """Where there is one."""
        return self.layers.get(number, NO_TEXT)

    def words(self, number: int) -> PageWords:
        """Where it has some."""
        return self.own_words.get(number, PageWords())

    def close(self) -> None:
        """Count."""
        self.closed += 1


def opener(*documents: FakeDocument) -> Callable[..., FakeDocument]:
    """Opens each of these by its name; any other source is encrypted."""
    by_name = {document.name: document for document in documents}

    def open_document(
        source: Source, *, password: str | None = None, crash_counter: CrashCounter | None = None
    ) -> FakeDocument:
        if source.name not in by_name:
            raise PasswordError(f"{source.name}: is encrypted", source=source.name)
        return by_name[source.name]

    return open_document


class LazyFuture(Future[OcrResult]):
    """Answered when somebody waits for it, and not before: everything else queues up."""

    def __init__(self, answer: Callable[[], OcrResult]) -> None:
        super().__init__()
        self._answer = answer

    def result(self, timeout: float | None = None) -> OcrResult:
        """Answer, then."""
        if not self.done():
            self.set_result(self._answer())
        return super().result(timeout)


class LazyEngine:
    """An engine as slow as can be; ``in_flight`` records what was queued at each answer.

    ``max_batch_size`` is how many requests it says that it runs at once.
    """

    fingerprint = "lazy"

    def __init__(self, max_batch_size: int | None = None) -> None:
        self.max_batch_size = max_batch_size
        self.futures: list[LazyFuture] = []
        self.in_flight: list[int] = []

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Queue it."""
        text = says_number(request)
        future = LazyFuture(lambda: self._answer(text))
        self.futures.append(future)
        return future

    def close(self) -> None:
        """Nothing to do."""

    def _answer(self, text: str) -> OcrResult:
        self.in_flight.append(sum(not future.done() for future in self.futures))
        return OcrResult(text=text)


class HeldEngine:
    """Answers the first request when a fourth has come, and no other ever; or none at all."""

    fingerprint = "held"

    def __init__(self, *, answers_first: bool = True) -> None:
        self.answers_first = answers_first
        self.futures: list[Future[OcrResult]] = []

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Hold it."""
        self.futures.append(Future())
        if self.answers_first and len(self.futures) == 4:
            self.futures[0].set_result(OcrResult(text="first"))
        return self.futures[-1]

    def close(self) -> None:
        """Nothing to do."""

    async def asked(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(60):
            while len(self.futures) < count:
                await asyncio.sleep(0.005)

    @property
    def cancelled(self) -> list[bool]:
        """Of each request, whether it was cancelled."""
        return [future.cancelled() for future in self.futures]


class BackwardsEngine:
    """Answers on a thread of its own, the latest request first; use it in a ``with`` block."""

    fingerprint = "backwards"

    def __init__(self) -> None:
        self.order: list[int] = []
        self._queue: list[tuple[int, Future[OcrResult]]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run)

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Queue it; keeps no picture."""
        future: Future[OcrResult] = Future()
        with self._changed:
            self._queue.append((number_of(request), future))
            self._changed.notify()
        return future

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                # A few at a time; one alone when no more have come for a while.
                self._changed.wait_for(lambda: self._closed or len(self._queue) >= 4, 0.005)
                if self._closed:
                    return
                batch, self._queue = self._queue[::-1], []
            for number, future in batch:
                if not future.cancelled():
                    self.order.append(number)
                    future.set_result(OcrResult(text=f"page {number}"))
