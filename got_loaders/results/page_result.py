"""The result of reading a page, as users hold it in their hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from got_loaders.results.description import describe, notebook_markdown
from got_loaders.types import Location, OcrResult, Origin, PageInfo, Region

if TYPE_CHECKING:
    from PIL.Image import Image

    from got_loaders.options import ReadOptions

__all__ = ["PageResult", "TableFormat"]

TableFormat = Literal["gfm", "html"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """The result for a page, a region of one, or several pages read in one request.

    Its text is there in four forms: ``markdown``, ``html``, ``latex`` and ``text``, each written
    when it is asked for. They are those of a Document of the same page, and empty where nothing was
    read: of a blank page, and of one that failed.

    ``region`` is the part of the page that was read, in page units; None where it is all of it.
    ``region_index`` counts a page's regions from 0 in reading order; None where they were not
    asked for (a single ``box=`` has none). ``origin``: "ocr" the model read it, "text_layer" it is
    the document's own text, which ``ocr.text`` then holds in the model's language, "blank" there
    was nothing to read, "failed" reading failed: ``error`` then says why. ``ocr`` is None where
    nothing was read.
    ``retried`` says that the first output was repetition, and the page was read again in tiles.
    ``formatted`` says that the model was asked for its formatted reading, which is mark-up; a plain
    one is text as it stands on the page, unless ``ocr.markup`` says that the model writes Markdown
    whatever it is asked. ``table_format`` is the option: how ``markdown`` writes
    tables.
    """

    info: PageInfo
    region: Region | None = None
    region_index: int | None = None
    ocr: OcrResult | None = None
    origin: Origin = "ocr"
    retried: bool = False
    error: str | None = None
    formatted: bool = True
    table_format: TableFormat = "gfm"

    @property
    def markdown(self) -> str:
        """The text as Markdown, formulas between dollars; empty where nothing was read."""
        return self._written("markdown")

    @property
    def html(self) -> str:
        """The text as a fragment of HTML, all that was read escaped; empty likewise."""
        return self._written("html")

    @property
    def latex(self) -> str:
        """The text as a fragment of LaTeX; empty likewise."""
        return self._written("latex")

    @property
    def text(self) -> str:
        """The text without mark-up; empty likewise. ``ocr.text`` is what the model wrote."""
        return self._written("text")

    @property
    def location(self) -> Location:
        """Where the text stood: source, page and box, as ``locate`` tells it of a chunk."""
        region, info = self.region, self.info
        return Location(
            source=info.source,
            page=info.number,
            page_last=info.last_number,
            box=None if region is None else region.box,
            region_index=self.region_index,
            region_type=None if region is None or self.region_index is None else region.type,
        )

    def draw(
        self,
        *,
        color: str = "red",
        width: int = 3,
        dpi: float | None = None,
        source: object = None,
        password: str | None = None,
        options: ReadOptions | None = None,
    ) -> Image:
        """A picture (Pillow's) of the page, with a frame around the region that was read, if any.

        The arguments, what is raised, and how to draw several results: :func:`draw_location`. The
        document is opened and rendered again. Where that is a file that was changed meanwhile, or
        it was read from bytes, it raises :class:`SourceError`: pass ``source=``.
        """
        from got_loaders.pages import draw_location  # here: values load no room that renders

        return draw_location(
            self,
            color=color,
            width=width,
            dpi=dpi,
            source=source,
            password=password,
            options=options,
        )

    def __repr__(self) -> str:
        return describe(self)

    def _repr_markdown_(self) -> str:
        """What a notebook shows: the Markdown, below a line that names the page."""
        return notebook_markdown(self)

    def _written(self, form: Literal["markdown", "html", "latex", "text"]) -> str:
        from got_loaders.results.text_forms import text_in  # here: it loads the parser

        return text_in(self, form)
