"""Opens PDFs through PyMuPDF. Runs in the worker only: PyMuPDF is not thread-safe and may crash.

Its errors have no base class but ``Exception``: some are RuntimeErrors, some FzErrors.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from got_loaders.pages.media_type import PDF
from got_loaders.pages.own_words import PageWord
from got_loaders.pages.pdf.damage import find_damage
from got_loaders.pages.pdf.metadata import document_info
from got_loaders.pages.pdf.mupdf_messages import listen, lost
from got_loaders.pages.pdf.opening import drop_structure, open_pdf
from got_loaders.pages.pdf.page_box import load_page
from got_loaders.pages.pdf.page_labels import LabelRule, page_label
from got_loaders.pages.pdf.plain_words import read_words
from got_loaders.pages.pdf.repair import recover_pages
from got_loaders.pages.pdf.unread_parts import unread_parts
from got_loaders.pages.protocol import (
    Bytes,
    DocumentInfo,
    PageGeometry,
    RenderedPage,
    WorkerFailure,
)
from got_loaders.pages.render_size import points_to_nominal_pixels, zoom_to_cover
from got_loaders.pages.text_layer import TextLayer
from got_loaders.pages.text_layer.extractor import TextExtractor
from got_loaders.pages.text_layer.layout_model import block_layout_model
from got_loaders.sources import sanitize_text
from got_loaders.types import Region

_GLANCE = 64
"""Pixels of a page that is drawn for nothing but to hear what MuPDF says of it."""

_MAX_LABEL = 200
"""Characters of a page's label, which a file may make as long as it likes."""


def load_pymupdf() -> Any:
    """PyMuPDF, silent and without its layout model.

    Left alone it imports pymupdf4llm, onnxruntime and a model that only ``page.get_layout`` needs:
    1 s of CPU instead of 0.2 s, and 100 MB.
    """
    block_layout_model()
    try:
        pymupdf: Any = importlib.import_module("pymupdf")
    except ImportError as error:
        raise WorkerFailure(
            "source", f"PyMuPDF, which reads PDFs, can't be imported: {error}"
        ) from error
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf


class PdfDocument:
    """An open PDF."""

    def __init__(self, path: str | None, data: Bytes, password: str | None) -> None:
        self._pymupdf = load_pymupdf()
        self._pdf = open_pdf(self._pymupdf, path, data, password)
        self._total, self._warnings = recover_pages(self._pymupdf, self._pdf)
        drop_structure(self._pymupdf, self._pdf)
        self._is_damaged = False
        self._label_rules = self._read_label_rules()
        self._text = TextExtractor(self._pymupdf, self._page)

    @property
    def info(self) -> DocumentInfo:
        """The page count and the document's own information."""
        if not self._total:
            raise WorkerFailure("source", "the PDF has no pages, and none could be recovered")
        return DocumentInfo(
            total=self._total,
            file_type=PDF,
            document=document_info(self._pdf.metadata or {}, self._xmp()),
            warnings=(*self._warnings, *unread_parts(self._pymupdf, self._pdf)),
        )

    def _xmp(self) -> str:
        try:
            return str(self._pdf.get_xml_metadata() or "")
        except Exception:  # noqa: BLE001  # damaged: it is not worth the document
            return ""

    def measure(self, number: int) -> PageGeometry:
        """Page ``number``'s label, its size in points as it is shown, and its shape."""
        rect = self._page(number).rect
        label = sanitize_text(page_label(number, self._label_rules)[:_MAX_LABEL])
        return PageGeometry(
            label=label or str(number + 1),
            width=round(rect.width, 2),
            height=round(rect.height, 2),
            unit="pt",
            shape=points_to_nominal_pixels((rect.width, rect.height)),
        )

    def render(self, number: int, width: int, height: int, dpi: float | None) -> RenderedPage:
        """The page on white, upright, with annotations and form fields."""
        if self._is_damaged:  # what MuPDF has decoded before it takes without a word
            self._pymupdf.TOOLS.store_shrink(100)
        with self._listen() as messages:
            page = self._page(number)
            zoom = zoom_to_cover((page.rect.width, page.rect.height), (width, height), dpi)
            try:
                pixmap = page.get_pixmap(
                    matrix=self._pymupdf.Matrix(zoom, zoom),
                    colorspace=self._pymupdf.csRGB,
                    alpha=False,
                    annots=True,
                )
            except Exception as error:
                raise WorkerFailure("page", f"it can't be rendered: {error}") from error
        if not (pixmap.width and pixmap.height):
            raise WorkerFailure("page", "it can't be rendered: it is too thin to have a pixel")
        damage, pixels = find_damage(self._pymupdf, page, pixmap, zoom, messages)
        return RenderedPage(size=(pixmap.width, pixmap.height), pixels=pixels, damage=damage)

    def text_layer(self, number: int) -> TextLayer:
        """Page ``number``'s own text, and whether it is good; it warns of what can't be drawn."""
        with self._listen():
            layer = self._text.layer(number)
        if not layer.good:
            return layer
        return replace(layer, warnings=(*layer.warnings, *self._damage(number)))

    def regions(self, number: int) -> tuple[Region, ...] | None:
        """Page ``number``'s regions, where its own text tells them."""
        with self._listen():
            return self._text.regions(number)

    def words(self, number: int) -> list[PageWord]:
        """Page ``number``'s words as the file has them."""
        with self._listen():
            return read_words(self._pymupdf, self._page(number))

    @contextmanager
    def _listen(self) -> Iterator[list[str]]:
        """What MuPDF says in the block; that something is damaged is kept in mind."""
        with listen(self._pymupdf) as messages:
            yield messages
        self._is_damaged = self._is_damaged or bool(lost(messages))

    def _damage(self, number: int) -> tuple[str, ...]:
        with suppress(WorkerFailure):  # its text is there
            return self.render(number, _GLANCE, _GLANCE, None).damage
        return ("it can't be rendered",)

    def close(self) -> None:
        """Close the file, and drop what MuPDF keeps of it."""
        self._pdf.close()
        self._pymupdf.TOOLS.store_shrink(100)

    def _page(self, number: int) -> Any:
        return load_page(self._pymupdf, self._pdf, number)

    def _read_label_rules(self) -> list[LabelRule]:
        mupdf = self._pymupdf.mupdf
        try:
            root = mupdf.pdf_dict_gets(mupdf.pdf_trailer(self._pdf_document()), "Root")
            return sorted(_label_rules(mupdf, mupdf.pdf_dict_gets(root, "PageLabels")))
        except Exception:  # noqa: BLE001  # damaged: the labels are not worth the document
            return []

    def _pdf_document(self) -> Any:
        """The document as MuPDF's own functions want it."""
        return self._pymupdf.mupdf.pdf_document_from_fz_document(self._pdf.this)


def _label_rules(mupdf: Any, tree: Any) -> Iterator[LabelRule]:
    """The rules in a number tree; at most 10,000 nodes, lest a loop never ends."""
    nodes = [tree]
    for _ in range(10_000):
        if not nodes:
            return
        node = nodes.pop()
        kids = mupdf.pdf_dict_gets(node, "Kids")
        nodes += [mupdf.pdf_array_get(kids, i) for i in range(mupdf.pdf_array_len(kids))]
        pairs = mupdf.pdf_dict_gets(node, "Nums")
        for i in range(0, mupdf.pdf_array_len(pairs) - 1, 2):
            start = mupdf.pdf_to_int(mupdf.pdf_array_get(pairs, i))
            yield _label_rule(mupdf, start, mupdf.pdf_array_get(pairs, i + 1))


def _label_rule(mupdf: Any, start: int, rule: Any) -> LabelRule:
    first = mupdf.pdf_dict_gets(rule, "St")
    return LabelRule(
        start=start,
        style=mupdf.pdf_to_name(mupdf.pdf_dict_gets(rule, "S")),
        prefix=mupdf.pdf_to_text_string(mupdf.pdf_dict_gets(rule, "P")),
        first=mupdf.pdf_to_int(first) if mupdf.pdf_is_int(first) else 1,
    )
