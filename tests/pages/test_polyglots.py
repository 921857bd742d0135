"""A file that only pretends to be a PDF is not opened as what it really is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from got_loaders.errors import SourceError
from got_loaders.pages import open_document
from tests.pages import making


def epub() -> bytes:
    """An e-book whose first entry is called like a PDF's header."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_STORED) as parts:
        parts.writestr("%PDF-1.4", "")
        parts.writestr("mimetype", "application/epub+zip")
        parts.writestr(
            "META-INF/container.xml",
            "<container><rootfiles><rootfile full-path='c.opf'/></rootfiles></container>",
        )
        parts.writestr(
            "c.opf",
            "<package><manifest><item id='a' href='a.xhtml' media-type='application/xhtml+xml'/>"
            "</manifest><spine><itemref idref='a'/></spine></package>",
        )
        parts.writestr("a.xhtml", "<html><body><p>a book</p></body></html>")
    return book.getvalue()


PRETENDERS = {
    "html": b"<html><!-- %PDF-1.4 --><body><img src='secret.png'></body></html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><!-- %PDF-1.4 --><text>x</text></svg>",
    "text": b"%PDF-1.4 is what a PDF begins with.\n" * 30,
    "postscript": b"%!PS-Adobe-3.0\n%%PDF-1.4\n(/etc/passwd) (r) file pop showpage\n",
    "epub": epub(),
}


@pytest.mark.parametrize("kind", PRETENDERS)
@pytest.mark.parametrize("by_path", [True, False])
def test_what_is_no_pdf_is_not_opened(kind: str, by_path: bool, tmp_path: Path) -> None:
    """Other formats may name files beside them, which would be shown: none of them is read."""
    Image.new("RGB", (9, 9), "red").save(tmp_path / "secret.png")
    path = tmp_path / "a.pdf"
    path.write_bytes(PRETENDERS[kind])
    source = making.of_path(path) if by_path else making.of_bytes(PRETENDERS[kind])
    with pytest.raises(SourceError):
        open_document(source)
