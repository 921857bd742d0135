"""The result of reading a page, as users hold it in their hands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from got_loaders.errors import OptionError
from got_loaders.results.description import describe, notebook_markdown
from got_loaders.types import (
    Corrected,
    Correction,
    CorrectionForm,
    Figure,
    Location,
    OcrResult,
    Origin,
    PageInfo,
    Region,
)

if TYPE_CHECKING:
    from PIL.Image import Image

    from got_loaders.options import ReadOptions
    from got_loaders.results.agreement import Agreement

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
    was nothing to read, "failed" reading failed: ``error`` then says why, "corrected" a person
    wrote it, and ``ocr.text`` holds what. ``ocr`` is None where nothing was read.
    ``retried`` says that the first output was repetition, and the page was read again in tiles.
    ``formatted`` says that the model was asked for its formatted reading, which is mark-up; a plain
    one is text as it stands on the page, unless ``ocr.markup`` says that the model writes Markdown
    whatever it is asked. ``table_format`` is the option: how ``markdown`` writes
    tables. ``own_text`` are the words that the file itself names in the part that was read, in its
    order, a line a line: they may be hidden, and wrong. None where it names none, as in a picture,
    and for a box of a ``color``. ``figure`` is the picture of a region of type "figure", where the
    option ``figures`` keeps it: the texts begin with a reference to it. ``corrected`` is what the
    correction was kept by that stands here now. It, ``own_text`` and ``document_id`` are no part of
    what is compared.
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
    own_text: str | None = field(default=None, repr=False, compare=False)
    figure: Figure | None = None
    document_id: str = field(default="", repr=False, compare=False)
    corrected: Corrected | None = field(default=None, repr=False, compare=False)

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
    def agreement(self) -> Agreement | None:
        """How far the reading agrees with ``own_text``, and what only the model wrote.

        None where the model read nothing (``origin`` is another than "ocr"), or there are no words
        to compare. It is worked out anew each time, in some milliseconds.
        """
        from got_loaders.results.text_forms import agreement_of  # here: it loads the parser

        return agreement_of(self)

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

    @property
    def draft_share(self) -> float | None:
        """The part of its tokens that came from a draft, 0 to 1. It depends on what was read beside
        it; None where the model read nothing now, or does not count its tokens.
        """
        ocr = self.ocr
        if self.origin != "ocr" or ocr is None or ocr.cached or not ocr.num_tokens:
            return None
        return min(1.0, ocr.accepted_tokens / ocr.num_tokens)  # a loop was cut off: fewer are left

    def correction(self, text: str, *, form: CorrectionForm = "markdown") -> Correction:
        """``text`` in the place of what was read, for the option ``corrections``.

        It is Markdown, or with ``form="raw"`` written as ``ocr.text`` is. Of a result that was
        corrected already it takes the place of that correction. Raises :class:`OptionError` where
        it is not known what Document this is in: no read gave it.
        """
        from got_loaders.results.corrections import corrected_of  # here: files, JSON

        corrected = corrected_of(self)
        if corrected is None:
            raise OptionError("this result does not name its Document: read() gives those that do")
        return Correction(corrected=corrected, form=form, text=text)

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

    def _repr_html_(self) -> str:
        """What a notebook shows: the page, its region outlined, beside the typeset reading."""
        from got_loaders.results.notebook import notebook_html  # here: it loads what typesets

        return notebook_html(self)

    def _repr_markdown_(self) -> str:
        """What a notebook without HTML shows: the Markdown, below a line that names the page."""
        return notebook_markdown(self)

    def _written(self, form: Literal["markdown", "html", "latex", "text"]) -> str:
        from got_loaders.results.text_forms import text_in  # here: it loads the parser

        return text_in(self, form)
