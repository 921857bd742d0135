"""What a PDF holds beside its pages is told on each of them."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from got_loaders import GotOcrLoader
from got_loaders.testing import FakeEngine
from tests.hostile.writing import page_pdf, stream
from tests.pages.making import pdf

pymupdf: Any = importlib.import_module("pymupdf")  # untyped, and says that it is typed

XFA = "<</XFA 5 0 R/Fields[%s]>>"
NOTICE = stream(b"BT /F1 30 Tf 9 50 Td (Please wait) Tj ET")


def warnings(data: bytes, **options: Any) -> list[str]:
    """What each page warns of."""
    loader = GotOcrLoader(data, engine=FakeEngine("READ"), **options)
    return [document.metadata.get("page_warnings", "") for document in loader.lazy_load()]


@pytest.mark.parametrize("options", [{}, {"mode": "region"}, {"text_layer": "auto"}])
@pytest.mark.parametrize(
    ("root", "told"),
    [
        ("/AcroForm<</XFA 5 0 R/Fields[]>>", True),
        ("/AcroForm<</XFA 5 0 R>>", True),
        ("/AcroForm<</XFA[(a) 5 0 R]/Fields[6 0 R]>>/NeedsRendering true", True),
        ("/AcroForm<</XFA 5 0 R/Fields[6 0 R]>>", False),
        ("/AcroForm<</Fields[]>>", False),
        ("/AcroForm 99 0 R", False),
        ("/AcroForm (none)/Collection 7", False),
    ],
)
def test_a_form_that_others_can_t_show_is_told(root: str, told: bool, options: Any) -> None:
    """A form that also has fields of its own is on its pages."""
    page = "/MediaBox[0 0 200 100]/Contents 4 0 R"
    data = page_pdf(NOTICE, stream(b"<xdp/>"), "<</T(a)/FT/Tx>>", page=page, root=root)
    assert ["the PDF is an XFA form" in text for text in warnings(data, **options)] == [told]


@pytest.mark.parametrize(("count", "told"), [(1, "its attached file is"), (3, "its 3 attached")])
def test_a_portfolio_says_what_is_not_read(count: int, told: str) -> None:
    """On each page, blank ones as well; files that are merely attached are no portfolio."""
    with pymupdf.open(stream=pdf("cover", ""), filetype="pdf") as document:
        for number in range(count):
            document.embfile_add(f"{number}.txt", b"text")
        assert warnings(document.tobytes()) == ["", ""]
        document.xref_set_key(document.pdf_catalog(), "Collection", "<</View/D>>")
        first, second = warnings(document.tobytes())
    assert first == second
    assert first.startswith(f"the PDF is a portfolio: {told}")
