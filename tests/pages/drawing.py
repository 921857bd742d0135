"""Pages drawn by hand, for what their own text says line by line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from got_loaders.pages.text_layer.inline_mmd import inline_mmd
from got_loaders.pages.text_layer.mupdf_page import draw_ops, read_text
from tests.pages.making import pymupdf

Draw = Callable[[Any], object]


def drawn(draw: Draw) -> bytes:
    """A PDF of one page that ``draw`` draws on."""
    with pymupdf.open() as document:
        draw(document.new_page(width=612, height=792))
        data: bytes = document.tobytes()
    return data


def written(draw: Draw) -> list[str]:
    """The lines of a page that ``draw`` draws on, in the model's language."""
    with pymupdf.open(stream=drawn(draw)) as document:
        page = document[0]
        lines = read_text(pymupdf, page, draw_ops(page)).lines
        return [inline_mmd(line.styled) for line in lines]


def text_width(text: str, size: float) -> float:
    """How wide Helvetica sets ``text``, in points."""
    width: float = pymupdf.get_text_length(text, fontsize=size)
    return width


def html(text: str, **how: Any) -> Draw:
    """Draws formatted text in the middle of the page."""
    return lambda page: page.insert_htmlbox((60, 60, 560, 700), text, **how)


def operators(text: str, width: float = 612, height: float = 792) -> bytes:
    """A PDF of one page with these operators; ``/F`` is Helvetica."""
    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height)
        font = add_object(document, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
        set_contents(page, text.encode("latin-1"), font)
        data: bytes = document.tobytes()
    return data


def add_object(document: Any, body: str, stream: bytes | None = None) -> int:
    """A new object of a document, and its number."""
    number: int = document.get_new_xref()
    document.update_object(number, body)
    if stream is not None:
        document.update_stream(number, stream)
    return number


def set_contents(page: Any, contents: bytes, font: int) -> None:
    """Let a page show ``contents``, in which ``/F`` is the font of that number."""
    document = page.parent
    stream = add_object(document, "<<>>", contents)
    document.xref_set_key(page.xref, "Resources", f"<</Font<</F {font} 0 R>>>>")
    document.xref_set_key(page.xref, "Contents", f"{stream} 0 R")
