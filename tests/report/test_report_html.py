"""The HTML of a report, as far as no browser is needed to judge it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import pytest

from got_loaders.report.page import (
    ReportPart,
    ReportTotals,
    document_head,
    document_middle,
    document_tail,
    doubt_rank,
    render_entry,
    render_page,
)
from got_loaders.report.values import Flag, Picture, Reading, ReportPage
from got_loaders.results.corrections import Corrected
from got_loaders.types import Box

PICTURE = Picture(data=b"not looked at", media_type="image/png", width=100, height=140)
VOID = {"meta", "link", "input", "img", "br", "rect"}


def a_page(*flags: Flag, confidence: float | None = None, **more: object) -> ReportPage:
    """A page with two regions."""
    key = Corrected(id="1", page=0, region=0, of="raw", digest="0123456789abcdef", source="a.pdf")
    first = Reading(
        shown="<p>One</p>",
        texts={"markdown": "One", "text": "One", "latex": "\nOne\\&"},
        origin="ocr",
        key=key,
        index=0,
        type="title",
        box=Box(10, 10, 90, 20),
        flags=flags,
        confidence=confidence,
    )
    second = dataclasses.replace(first, key=None, index=1, type="text", box=Box(10, 30, 90, 130))
    values: dict[str, object] = {"pictures": (PICTURE,), "width": 100.0, "height": 140.0, **more}
    return ReportPage(
        source="/a/a.pdf",
        name="a.pdf",
        number=0,
        **{"readings": (first, second), **values},  # type: ignore[arg-type]
    )


def document(*pages: ReportPage, **more: object) -> str:
    """A whole file."""
    totals = ReportTotals(pages=len(pages), documents=1, flags={"cut": 1}, facts={"model": "tiny"})
    return "".join(
        (
            document_head("A <title>", totals, **more),  # type: ignore[arg-type]
            *(render_entry(page, n) for n, page in enumerate(pages, 1)),
            document_middle(),
            *(render_page(page, n) for n, page in enumerate(pages, 1)),
            document_tail(),
        )
    )


class _Outline(HTMLParser):
    """Names, ids and links of a document; fails where tags are not nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


PAGES = (
    a_page("cut"),
    a_page(pictures=(), no_picture="It is gone."),
    a_page(pictures=(PICTURE, PICTURE), last_number=1, title="T", warnings=("w",)),
    a_page(thumbnail=PICTURE, label="iii", facts={"seen in": "1 view"}),
    ReportPage(source="b.pdf", name="b.pdf", readings=()),
)


def test_a_report_is_one_document_whose_links_lead_somewhere() -> None:
    """Tags are nested, no id stands twice, and every link has its target, whatever a page lacks."""
    outline = _Outline(document(*PAGES))
    assert len(outline.ids) == len(set(outline.ids))
    targets = {link.removeprefix("#") for link in outline.links if link.startswith("#")}
    assert targets <= set(outline.ids)
    assert {"p1", "p1b0", "p1r1"} <= targets
    assert {link for link in outline.links if not link.startswith("#")} == {"data:,"}


def test_the_policy_names_the_one_style_and_the_one_script() -> None:
    """Nothing else runs: the digests are those of what stands between the tags."""
    text = document(a_page())
    for tag, directive in (("style", "style-src-elem"), ("script", "script-src")):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in text
    assert "default-src 'none'" in text
    assert "img-src data: blob:;" in text
    assert "file:" not in text.partition("<title>")[0]


def test_a_split_report_has_its_pictures_and_parts_beside_it() -> None:
    """Pictures are asked for by the address given, and the parts link to each other."""
    page = a_page(thumbnail=PICTURE)
    shown = render_page(page, 1, picture_url=lambda picture: f"pictures/1 {picture.width}.png")
    assert 'src="pictures/1 100.png"' in shown
    entry = render_entry(page, 7, file="part 2.html", picture_url=lambda _: "little.png")
    assert 'href="part 2.html#p7"' in entry
    assert 'src="little.png"' in entry
    parts = [ReportPart(label="1–5", href="1.html", current=True), ReportPart(label="6", href="2")]
    text = document(page, parts=parts, pictures_beside=True)
    assert '<a href="1.html" aria-current="page">1–5</a>' in text
    assert "img-src data: blob: 'self' file:;" in text


def test_a_text_that_several_outputs_share_stands_there_once() -> None:
    """Markdown and text are the same here; a line break at the start of another one is kept."""
    text = render_page(a_page(), 1)
    assert text.count('class="source as-markdown as-text"') == 2  # one for each region
    assert 'class="source as-latex" dir="auto" lang="">\n\nOne\\&amp;</pre>' in text


@pytest.mark.parametrize(
    ("number", "last", "total", "label", "words"),
    [
        (2, None, 12, "", "page 3 of 12"),
        (2, 4, 12, "3", "pages 3–5 of 12"),
        (0, None, None, "iii", "page 1 (iii)"),
        (None, None, None, "", ""),
    ],
)
def test_a_page_is_called_by_its_number(
    number: int | None, last: int | None, total: int | None, label: str, words: str
) -> None:
    """Numbers count from 1 here, and the page's own label stands beside them where it differs."""
    page = dataclasses.replace(a_page(), number=number, last_number=last, total=total, label=label)
    text = render_page(page, 1)
    assert (f"<span>{words}</span></h2>" if words else "</bdi></h2>") in text


def test_the_most_doubtful_page_comes_first() -> None:
    """By its heaviest flag, then by the least confidence or agreement; flags without doubt last."""
    pages = [
        a_page("failed"),
        a_page("looped", "failed", confidence=0.2),
        a_page("looped", confidence=0.9),
        a_page("cut"),
        a_page("low_confidence", confidence=0.3),
        a_page("low_confidence", confidence=0.4),
        a_page("blank"),
        a_page("corrected", confidence=0.95),
        a_page(confidence=0.97),
        a_page(),
    ]
    ranks = [doubt_rank(page) for page in pages]
    assert ranks[1] < ranks[0]
    assert ranks[1:] == sorted(ranks[1:])


def test_a_page_without_pictures_says_why() -> None:
    """There are no outlines without a picture, and with several nobody knows where they belong."""
    gone, several = render_page(PAGES[1], 1), render_page(PAGES[2], 1)
    assert "It is gone." in gone
    assert 'class="boxes"' not in gone + several
    assert several.count("<img") == 2
    assert '<span class="place"><b>1</b> title</span>' in gone


def test_every_region_can_be_hit() -> None:
    """What is inside another one lies above it, the tiniest has a size, and none leaves the page or
    brings a class of its own."""
    one = a_page().readings[0]
    boxes = {
        "figure": Box(40, 40, 40.01, 40.01),
        "text": Box(20, 20, 80, 120),
        "copy": Box(-1e5, -1e5, 1e5, 1e5),
        "table": Box(150, 139.9, 160, 90),
    }
    readings = [dataclasses.replace(one, type=kind, box=box) for kind, box in boxes.items()]
    text = render_page(a_page(readings=tuple(readings)), 1)
    found = re.findall(
        r'<a id="p1b(\d)" href="#p1r\1"( class="\w+")? aria-label="([^"]*)">'
        r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/>',
        text,
    )
    numbers = {number: [float(edge) for edge in edges] for number, _, _, *edges in found}
    order = [number for number, *_ in found]
    assert order.index("2") < order.index("1") < order.index("0")
    assert numbers["2"] == [0, 0, 100, 140]
    assert numbers["0"] == pytest.approx([39.605, 39.445, 0.8, 1.12])
    assert numbers["3"] == pytest.approx([99.2, 138.88, 0.8, 1.12], abs=0.1)
    assert {number: css for number, css, *_ in found}["2"] == ""
    assert "Region 3, copy: to its text" in text
