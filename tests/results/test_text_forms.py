"""A result's text in four forms: that of a Document of the same page, empty where none is."""

from __future__ import annotations

import json
import pickle
from dataclasses import asdict
from typing import Any, get_args

import pytest
from PIL import Image

from got_loaders import OcrRequest, OcrResult, PageInfo, PageResult
from got_loaders.documents import build
from got_loaders.options import Output, ReadOptions
from got_loaders.pages import TextLayer, TextPart
from got_loaders.pipeline import ReadJob
from got_loaders.results.text_forms import text_in
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, Region
from tests.fakes import FakeDocument, opener
from tests.pages import making

READING = (
    "\\section*{A *B* & C}\nOf <b> \\( x_1 \\) 50\\% \x07\n"
    r"\begin{tabular}{ll}\multicolumn{2}{c}{a} \\ b & c\end{tabular}"
)
REGION = Region(box=Box(50, 50, 500, 400))
OWN = TextLayer(good=True, parts=(TextPart(region=REGION, text=r"\section*{Own \& text}"),))
FORMS = ("text", "markdown", "html", "latex")


def form_of(result: PageResult, output: str) -> str:
    """A result's own text in this form."""
    return str(getattr(result, output))


def test_nothing_read_is_an_empty_text() -> None:
    """A blank page and one that failed have an empty text in each form, and raise nothing."""
    info = PageInfo(source="a.pdf", number=0)
    for result in (
        PageResult(info=info, origin="blank"),
        PageResult(info=info, origin="failed", error="broken"),
        PageResult(info=PageInfo(source="gone.pdf"), origin="failed", error="no such file"),
        PageResult(info=info, ocr=OcrResult(text="")),
    ):
        assert [form_of(result, form) for form in FORMS] == [""] * 4


def test_a_formatted_reading_is_converted_and_a_plain_one_only_escaped() -> None:
    """The result itself knows which of both it is."""
    info, ocr = PageInfo(source="a.pdf", number=0), OcrResult(text=r"\section*{A \& B} *c* <i>")
    formatted = PageResult(info=info, ocr=ocr)
    assert formatted.markdown == "## A & B\n\n\\*c\\* \\<i>"
    assert formatted.text == "A & B\n\n*c* <i>"
    assert formatted.html.startswith("<h2>A &amp; B</h2>")
    assert formatted.latex.startswith("\\section*{A \\& B}")
    plain = PageResult(info=info, ocr=OcrResult(text=r"5*3 \( <i>"), formatted=False)
    assert plain.text == r"5*3 \( <i>"
    assert plain.markdown == r"5\*3 \\( \<i>"
    assert plain.html == r"5*3 \( &lt;i&gt;"
    own = PageResult(info=info, ocr=ocr, origin="text_layer", formatted=False)
    assert [form_of(own, form) for form in FORMS] == [form_of(formatted, form) for form in FORMS]


def test_a_reading_in_markdown_is_converted_whatever_was_asked_for() -> None:
    """A model that writes Markdown does so for a plain reading, too; raw is what it wrote."""
    info = PageInfo(source="a.pdf", number=0)
    wrote = "## A\n\n<table><tr><th>b</th></tr><tr><td>$x_1$</td></tr></table>"
    for formatted in (True, False):
        result = PageResult(
            info=info, ocr=OcrResult(text=wrote, markup="markdown"), formatted=formatted
        )
        assert result.markdown == "## A\n\n| b |\n| --- |\n| $x_1$ |"
        assert result.html.startswith("<h2>A</h2>\n<table>")
        assert result.latex.startswith("\\section*{A}")
        assert result.text == "A\n\nb\nx_1"
        assert text_in(result, "raw") == wrote
        assert "## A" in result._repr_markdown_()


def _pages(request: OcrRequest) -> OcrResult:
    return OcrResult(text=f"{READING} {request.images[0].size}")


@pytest.mark.parametrize("output", get_args(Output))
@pytest.mark.parametrize("formatted", [None, True, False])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"table_format": "html"},
        {"mode": "region"},
        {"box": (5, 5, 400, 400)},
        {"multi_page": 2},
        {"text_layer": "auto"},
    ],
    ids=str,
)
def test_a_document_s_text_is_its_result_s(
    output: Any, formatted: bool | None, how: dict[str, Any]
) -> None:
    """For each output, whatever was read and however: neither can say something else."""
    document = FakeDocument(4, blank=[2], broken=[3], layers={1: OWN}, regions=(REGION, REGION))
    options = ReadOptions(output=output, format=formatted, on_error="keep", **how)

    def job() -> ReadJob:
        return ReadJob("doc.pdf", None, FakeEngine(_pages), options, opener=opener(document))

    results = list(job().results())
    texts = [record.text for record in build(job())]
    assert any(texts)
    if output == "raw":
        read = [r for r in results if r.ocr is not None and r.origin == "ocr"]
        assert all(r.ocr is not None and r.ocr.text.replace("\x07", "") in texts for r in read)
    else:
        assert texts == [form_of(result, output) for result in results]


def test_a_result_is_a_value() -> None:
    """It is equal to itself after pickling, and its fields are plain ones, fit for JSON."""
    image = making.image(Image.new("RGB", (64, 64), "gray"), "PNG")
    job = ReadJob(image, None, FakeEngine(READING), ReadOptions(format=False, box=(9, 9, 50, 50)))
    (result,) = job.results()
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert again.markdown == result.markdown
    assert json.loads(json.dumps(asdict(result)))["formatted"] is False
