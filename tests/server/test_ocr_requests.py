"""What ``POST /v1/ocr`` understands, and the shape of what it answers."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from got_loaders.options import ReadOptions
from got_loaders.results import PageResult
from got_loaders.server.errors import ApiError
from got_loaders.server.ocr.figures import FigureLimits
from got_loaders.server.ocr.pages import page_json
from got_loaders.server.ocr.request import parse_call, parse_page_numbers
from got_loaders.server.ocr.tables import extract_tables
from got_loaders.server.reading.document import (
    DocumentRef,
    FileRef,
    decode_header_name,
    file_name,
    resolve,
)
from got_loaders.server.settings import ServerSettings
from got_loaders.types import Box, OcrResult, PageInfo, Region

SETTINGS = ServerSettings(max_pages=100)
DATA = b"%PDF-1.7 \xff\xfe?>"
URL = f"data:application/pdf;base64,{base64.b64encode(DATA).decode()}"
TABLE = r"\begin{tabular}{|l|l|} \hline Part & Price \\ \hline \end{tabular}"


def call(**body: object) -> Any:
    """A request for a document, with these fields."""
    return parse_call({"document": {"document_url": URL}} | body, SETTINGS)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        URL.replace("application/pdf", "application/octet-stream"),
        "data:;base64," + base64.urlsafe_b64encode(DATA).decode().rstrip("="),
        "DATA:application/pdf;charset=x;BASE64," + "\n".join(base64.b64encode(DATA).decode()),
        "data:application/pdf,%25PDF-1.7%20%ff%fe%3f%3e",
        URL.replace("+", "%2B").replace("/8", "%2F8"),
    ],
)
def test_a_data_url_is_its_bytes(url: str) -> None:
    """Whatever it says of its type, however its base64 is written."""
    for document in (
        {"type": "document_url", "document_url": url, "document_name": "../x/a.pdf"},
        {"type": "image_url", "image_url": url},
        {"type": "image_url", "image_url": {"url": url}},
    ):
        ref = call(document=document).document
        assert ref.data == DATA
        assert ref.name == ("a.pdf" if "document_url" in document else ref.name)
        assert ref.name.startswith(("a.pdf", "sha256:"))


def test_an_uploaded_file_is_named_by_its_id() -> None:
    """By Mistral's file_id, or by the URL that the server gave for it."""
    assert call(document={"type": "file", "file_id": "x"}).document == FileRef("x")
    assert call(document={"document_url": "got-loaders:files/x"}).document == FileRef("x")


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ({"document": None}, "invalid_option", "document"),
        ({"document": URL}, "invalid_request", "document"),
        ({"document": {"type": "pdf"}}, "invalid_request", "document.type"),
        ({"document": {"document_url": ""}}, "invalid_request", "document.document_url"),
        ({"document": {"document_url": "data:x;base64,"}}, "invalid_request", "nothing in it"),
        ({"document": {"document_url": "data:x;base64,!"}}, "invalid_request", "base64"),
        ({"document": {"document_url": "data:nothing"}}, "invalid_request", "expected data:"),
        ({"document": {"document_url": "ftp://host/a"}}, "invalid_request", "https:"),
        ({"document": {"type": "file"}}, "invalid_request", "file_id"),
        ({"table_format": "csv"}, "invalid_option", "table_format"),
        ({"tabel_format": "html"}, "unknown_field", "did you mean 'table_format'"),
        ({"include_image_base64": "yes"}, "invalid_option", "include_image_base64"),
        ({"image_limit": -1}, "invalid_option", "image_limit"),
        ({"bbox_annotation_format": {}}, "invalid_option", "bbox_annotation_format"),
        ({"extract_header": True}, "invalid_option", "drop"),
        ({"include_blocks": True}, "invalid_option", "/v1/jobs"),
        ({"confidence_scores_granularity": "word"}, "invalid_option", '"page"'),
        ({"model": 3}, "invalid_option", "model"),
        ({"options": []}, "invalid_option", "options"),
        ({"options": {"root": "/"}}, "invalid_option", "options.root"),
        ({"options": {"urls": True}}, "invalid_option", "options.urls"),
        ({"options": {"cache": True}}, "invalid_option", "options.cache"),
        ({"options": {"progress": True}}, "invalid_option", "options.progress"),
        ({"options": {"layout_model": "/x"}}, "invalid_option", "options.layout_model"),
        ({"options": {"figures": "keep"}}, "invalid_option", "options.figures"),
        ({"options": {"figures_dir": "/x"}}, "invalid_option", "options.figures_dir"),
        ({"options": {"mode": "single"}}, "invalid_option", "/v1/jobs"),
        ({"options": {"pages": "1"}}, "invalid_option", "field of its own"),
        ({"options": {"dpi": 1}}, "invalid_option", "dpi=1"),
        ({"options": {"max_patches": 10**9}}, "invalid_option", "at most 64"),
        ({"options": {"multi_page": 10**9}}, "invalid_option", "one page"),
        ({"options": {"max_new_tokens": 10**400}}, "invalid_option", "at most"),
        ({"options": {"dpii": 100}}, "invalid_option", "did you mean dpi"),
        ({"options": {"regions": {"x": 1, "y": 2}}}, "invalid_option", "options"),
        ({"options": {"drop": {"range": 7}}}, "invalid_option", "options"),
        ({"pages": [0, 0]}, "invalid_option", "twice"),
    ],
)
def test_what_is_wrong_is_named(body: dict[str, object], code: str, named: str) -> None:
    """A field that is not understood, or can't be done, is refused by name."""
    with pytest.raises(ApiError) as caught:
        call(**body)
    assert caught.value.code == code
    assert caught.value.status == 400
    assert named in str(caught.value)
    assert caught.value.param is not None


def test_fields_that_change_nothing_are_taken() -> None:
    """What clients send by default is no reason to refuse them."""
    asked = call(
        model="mistral-ocr-latest", id="7", include_image_base64=False, image_limit=0,
        image_min_size=None, extract_header=False, bbox_annotation_format=None, table_format=None,
        options={"text_layer": "auto", "max_pages": 7, "password": "x"},
    )  # fmt: skip
    assert (asked.options.text_layer, asked.options.max_pages) == ("auto", 7)
    assert asked.options.on_error == "keep"
    assert call(options={"max_pages": 10**9}).options.max_pages == 100


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        (None, None),
        ([], None),
        (3, [3]),
        ([0, 2], [0, 2]),
        ("0-2, 5", [0, 1, 2, 5]),
        (["1-2", 7], [1, 2, 7]),
    ],
)
def test_pages_count_from_0(pages: object, numbers: list[int] | None) -> None:
    """As Mistral counts, in each of its ways of writing them."""
    assert parse_page_numbers(pages, 100) == numbers


@pytest.mark.parametrize("pages", [-1, True, "x", "2-1", "0-100", [1.5], {"a": 1}, [[1]], "", 1e3])
def test_other_pages_are_refused(pages: object) -> None:
    """What is no page, and more pages than are read at all."""
    with pytest.raises(ApiError, match="pages: "):
        parse_page_numbers(pages, 100)


def result(text: str, **changes: Any) -> PageResult:
    """A reading of the second page."""
    info = PageInfo(source="a.pdf", number=1, total=3, width=144, height=72)
    return PageResult(info=info, ocr=OcrResult(text=text, confidence=0.5, num_tokens=2), **changes)


def test_tables_stand_in_the_markdown_or_beside_it() -> None:
    """By default between pipes; else beside the text, where a link stands for each."""
    page = result(f"a\n{TABLE}\nb\n{TABLE}")
    assert "| Part | Price |" in str(page_json([page])["markdown"])
    assert "tables" not in page_json([page])
    for table_format, suffix in (("markdown", "md"), ("html", "html")):
        form = ReadOptions(table_format="html" if suffix == "html" else "gfm")
        written = PageResult(info=page.info, ocr=page.ocr, table_format=form.table_format)
        answer: Any = page_json([written], table_format=table_format)  # type: ignore[arg-type]  # both are
        links = [f"[tbl-{number}.{suffix}](tbl-{number}.{suffix})" for number in (0, 1)]
        assert answer["markdown"] == f"a\n\n{links[0]}\n\nb\n\n{links[1]}"
        assert [table["id"] for table in answer["tables"]] == [f"tbl-{n}.{suffix}" for n in (0, 1)]
        assert all("Part" in table["content"] for table in answer["tables"])


def test_code_is_no_table() -> None:
    """What looks like a table in a fenced block, or in a line of text, stays there."""
    text = "```latex\n| a |\n<table>\n```\n\\| a |"
    assert extract_tables(text, "markdown") == (text, [])
    assert extract_tables(text, "html") == (text, [])
    assert extract_tables("<table>\nopen", "html") == ("<table>\nopen", [])


def test_a_page_says_where_and_how() -> None:
    """Size in pixels, figures, confidence; what went wrong in fields beside Mistral's."""
    figure = result("", region=Region(box=Box(0, 36, 72, 72), type="figure"), region_index=1)
    text = result("text", region=Region(box=Box(0, 0, 72, 36)), region_index=0)
    page: Any = page_json([text, figure], confidence=True)
    assert (page["index"], page["markdown"]) == (1, "text\n\n![img-0.jpeg](img-0.jpeg)")
    assert page["dimensions"] == {"dpi": 200, "width": 400, "height": 200}
    assert page["images"] == [
        {
            "id": "img-0.jpeg", "top_left_x": 0, "top_left_y": 100, "bottom_right_x": 200,
            "bottom_right_y": 200, "image_base64": None,
        }
    ]  # fmt: skip
    for limits in (FigureLimits(count=0), FigureLimits(min_size=101)):
        plain = page_json([text, figure], figures=limits)
        assert (plain["markdown"], plain["images"]) == ("text", [])
    assert page["confidence_scores"]["average_page_confidence_score"] == 0.5
    assert "error" not in page
    failed = PageResult(info=text.info, origin="failed", error="it is broken")
    assert page_json([failed])["error"] == "it is broken"
    assert page_json([failed])["markdown"] == ""


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("a.pdf", "a.pdf"),
        ("/etc/passwd", "passwd"),
        ("C:\\x\\b.pdf", "b.pdf"),
        ("../..", None),
        ("", None),
        ("x\0y\ud800.pdf", "xy\ufffd.pdf"),
        ("n" * 5000, "n" * 300),
    ],
)
def test_a_file_has_its_last_name(sent: str, name: str | None) -> None:
    """No folder, no character that nothing can hold, no name without end."""
    assert file_name(sent) == name


def test_a_header_carries_any_name() -> None:
    """Quoted as Open WebUI does it, or as it is."""
    assert decode_header_name("%C3%A9t%C3%A9%20%2F..%2Fa.pdf") == "a.pdf"
    assert decode_header_name("%C3%A9t%C3%A9.pdf") == "été.pdf"
    assert decode_header_name("%E9t%E9.pdf") == "été.pdf"
    assert decode_header_name("été.pdf".encode().decode("latin-1")) == "été.pdf"  # as curl sends it
    assert decode_header_name("100%.pdf") == "100%.pdf"


@pytest.mark.parametrize(
    ("locator", "flag"),
    [
        ("https://example.org/a.pdf", "--urls"),
        ("a.pdf", "--root"),
        ("file:///etc/passwd", "--root"),
    ],
)
def test_names_need_leave(locator: str, flag: str) -> None:
    """A URL or a path is refused unless the server was started for it; the error says how."""
    with pytest.raises(ApiError, match=flag) as caught:
        resolve(DocumentRef(name=locator, locator=locator), SETTINGS)
    assert caught.value.status == 400
