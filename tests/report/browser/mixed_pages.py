"""Twelve pages of every kind as a report shows them, and their pictures, drawn here."""

from __future__ import annotations

import base64
import io
import math
import textwrap
from collections.abc import Iterable
from html import escape

import math_core
from PIL import Image, ImageDraw, ImageFont

from got_loaders.report.page import (
    ReportTotals,
    document_head,
    document_middle,
    document_tail,
    render_entry,
    render_page,
)
from got_loaders.report.page.doubt_rank import DOUBTFUL
from got_loaders.report.values import Flag, Form, Picture, Reading, ReportPage
from got_loaders.results.corrections import Corrected, reading_digest
from got_loaders.types import Box

__all__ = ["as_html", "mixed_pages", "picture", "reading"]

WIDTH, HEIGHT = 595.0, 842.0
SENTENCES = (
    "The river was high in May, and the old bridge stayed closed until the first of June.",
    "Grain prices rose by a fifth; the mills at Oldham stood still for eleven days.",
    "Of the four surveyors two returned before winter, with maps that nobody had asked for.",
    "It is not known who drew the second plan, nor why its northern half is missing.",
)


def mixed_pages() -> list[ReportPage]:
    """The pages of two documents, in order."""
    makers = (
        _columns, _table, _formulas, _figure, _music, _molecule, _chart, _code, _blank, _failed,
        _looped, _cut,
    )  # fmt: skip
    return [make(number) for number, make in enumerate(makers)]


def as_html(
    pages: Iterable[ReportPage], *, title: str = "Survey of 1911", order: str = "page"
) -> str:
    """A whole report; ``order`` is the one its switch shows."""
    pages = list(pages)
    flags: dict[Flag, int] = {}
    for page in pages:
        for flag in page.flags:
            flags[flag] = flags.get(flag, 0) + 1
    totals = ReportTotals(
        pages=len(pages),
        documents=len({page.source for page in pages}),
        readings=sum(len(page.readings) for page in pages),
        doubtful=sum(bool(set(page.flags) & set(DOUBTFUL)) for page in pages),
        flags=flags,
        facts={"model": "tiny", "made with": "got-loaders 0.1"},
    )
    return "".join(
        (
            document_head(title, totals, order="page" if order == "page" else "doubtful"),
            *(render_entry(page, n) for n, page in enumerate(pages, 1)),
            document_middle(),
            *(render_page(page, n) for n, page in enumerate(pages, 1)),
            document_tail(),
        )
    )


def reading(
    shown: str,
    markdown: str,
    *,
    page: int = 0,
    index: int | None = None,
    box: Box | None = None,
    type: str = "",
    **more: object,
) -> Reading:
    """A reading with all its forms, that can be corrected."""
    texts: dict[Form, str] = {
        "markdown": markdown,
        "html": shown,
        "latex": markdown,
        "text": markdown,
        "raw": markdown,
    }
    key = Corrected(
        id="d0c5",
        page=page,
        region=index,
        of="raw",
        digest=reading_digest(markdown),
        source="survey.pdf",
    )
    values = {"origin": "ocr", "confidence": 0.97, "model": "tiny", **more}
    return Reading(
        shown=shown,
        texts=texts,
        key=key,
        index=index,
        box=box,
        type=type,
        **values,  # type: ignore[arg-type]
    )


def _page(
    number: int, readings: Iterable[Reading], image: Image.Image | None, **more: object
) -> ReportPage:
    second = number >= 8
    pictures = () if image is None else (picture(image),)
    little = None if image is None else picture(image.resize((85, 120)))
    values: dict[str, object] = {"warnings": (), "facts": {"seen in": "1 view"}, **more}
    return ReportPage(
        source=f"/archive/{'letters' if second else 'survey'}.pdf",
        name="letters.pdf" if second else "survey.pdf",
        readings=tuple(readings),
        number=number - 8 if second else number,
        total=4 if second else 8,
        width=WIDTH,
        height=HEIGHT,
        pictures=pictures,
        thumbnail=little,
        **values,  # type: ignore[arg-type]
    )


def picture(image: Image.Image) -> Picture:
    """A picture as WebP."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=70)
    return Picture(
        data=buffer.getvalue(), media_type="image/webp", width=image.width, height=image.height
    )


def _sheet(regions: Iterable[tuple[Box, str]], scale: float = 0.9) -> Image.Image:
    """A sheet with lines of text in each box, or what its type looks like."""
    image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 250)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(11 * scale)
    for box, kind in regions:
        x0, y0, x1, y1 = (value * scale for value in box)
        if kind == "table":
            for row in range(6):
                y = y0 + (y1 - y0) * row / 5
                draw.line((x0, y, x1, y), 60, 2)
                draw.line((x0 + (x1 - x0) * row / 5, y0, x0 + (x1 - x0) * row / 5, y1), 60, 2)
        elif kind == "figure":
            draw.rectangle((x0, y0, x1, y1), 180)
            draw.ellipse((x0 + 40, y0 + 40, x1 - 40, y1 - 40), 90, 20, 3)
        else:
            room = round((x1 - x0) / (5.2 * scale))  # characters, about
            lines = textwrap.wrap(" ".join(SENTENCES * 9), room)
            height = 14 * scale
            for n, line in enumerate(lines[: round((y1 - y0) / height)]):
                draw.text((x0, y0 + n * height), line, 40, font)
    return image


def _columns(number: int) -> ReportPage:
    boxes = (
        (Box(50, 50, 545, 80), "title"), (Box(50, 100, 285, 430), "text"),
        (Box(50, 450, 285, 780), "text"),
        (Box(310, 100, 545, 500), "text"), (Box(310, 520, 545, 780), "list"),
        (Box(50, 800, 545, 820), "footer"),
    )  # fmt: skip
    shown = (
        "<h2>The Upper Valley</h2>",
        *(f"<p>{' '.join(SENTENCES[n:] + SENTENCES[:n])}</p>" for n in range(3)),
        "<ul><li>the mill at Oldham</li><li>the weir, and the lock above it</li></ul>", "<p>17</p>",
    )  # fmt: skip
    plain = (
        "## The Upper Valley",
        *(" ".join(SENTENCES[n:] + SENTENCES[:n]) for n in range(3)),
        "- the mill at Oldham\n- the weir, and the lock above it",
        "17",
    )
    readings = [
        reading(html, text, page=number, index=n, box=box, type=kind)
        for n, ((box, kind), html, text) in enumerate(zip(boxes, shown, plain, strict=True))
    ]
    return _page(number, readings, _sheet(boxes), title="Survey of the Upper Valley", label="iii")


def _table(number: int) -> ReportPage:
    boxes = ((Box(50, 60, 545, 160), "text"), (Box(50, 190, 545, 460), "table"))
    names = ("Year", "Water, mm", "Days closed", "Mills", "Remark")
    rows = [
        ("1908", "812", "11", "4", "first survey"),
        ("1909", "1,204", "38", "4", "bridge down"),
        ("1910", "930", "17", "3", ""),
        ("1911", "1,010", "22", "3", "second plan"),
    ]
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>{body}</table>"
    source = (
        "| "
        + " | ".join(names)
        + " |\n| --- | --- | --- | --- | --- |\n"
        + "\n".join("| " + " | ".join(row) + " |" for row in rows)
    )
    return _page(
        number,
        [
            reading(
                f"<p>{SENTENCES[1]}</p>",
                SENTENCES[1],
                page=number,
                index=0,
                box=boxes[0][0],
                type="text",
            ),
            reading(
                table,
                source,
                page=number,
                index=1,
                box=boxes[1][0],
                type="table",
                confidence=0.71,
                flags=("low_confidence",),
            ),
        ],
        _sheet(boxes),
    )


def _formulas(number: int) -> ReportPage:
    convert = math_core.LatexToMathML(annotation=True).convert_with_local_state
    sources = (
        r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}",
        r"\sum_{n=1}^{\infty} \frac{1}{n^2} = \frac{\pi^2}{6}",
        r"A = \begin{pmatrix} \cos\theta & -\sin\theta \\ \sin\theta & \cos\theta \end{pmatrix}",
    )
    inline = convert(r"f\colon \mathbb{R}^n \to \mathbb{R}", displaystyle=False)
    shown = f"<p>Let {inline} be smooth. Then</p>" + "".join(
        convert(tex, displaystyle=True) for tex in sources
    )
    text = "Let $f\\colon \\mathbb{R}^n \\to \\mathbb{R}$ be smooth. Then\n\n" + "\n\n".join(
        f"$$\n{tex}\n$$" for tex in sources
    )
    return _page(
        number,
        [
            reading(
                shown,
                text,
                page=number,
                agreement=0.62,
                flags=("disagrees",),
                only_in_reading=("be smooth. Then",),
            )
        ],
        _sheet(((Box(60, 80, 540, 500), "text"),)),
    )


def svg_image(body: str, words: str, width: int = 320, height: int = 180) -> str:
    """A picture as the renderers give it: an SVG in a data URL."""
    size = f'width="{width}" height="{height}"'
    view = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
    data = base64.b64encode(f"<svg {view} {size}>{body}</svg>".encode()).decode()
    return (
        f'<figure><img alt="{escape(words)}" {size} src="data:image/svg+xml;base64,{data}">'
        f"<details><summary>Source</summary><pre><code>{escape(words)}</code></pre></details>"
        "</figure>"
    )


def _figure(number: int) -> ReportPage:
    boxes = (
        (Box(80, 80, 515, 420), "figure"),
        (Box(80, 430, 515, 470), "caption"),
        (Box(60, 500, 540, 780), "text"),
    )
    image = svg_image(
        '<rect width="320" height="180" fill="#ccc"/><circle cx="160" cy="90" r="60" fill="#555"/>',
        "The weir",
    )
    return _page(
        number,
        [
            reading(
                image,
                "![The weir](weir.png)",
                page=number,
                index=0,
                box=boxes[0][0],
                type="figure",
                confidence=None,
            ),
            reading(
                '<p class="caption">Figure 1. The weir in June.</p>',
                "Figure 1. The weir in June.",
                page=number,
                index=1,
                box=boxes[1][0],
                type="caption",
            ),
            reading(
                f"<p>{' '.join(SENTENCES)}</p>",
                " ".join(SENTENCES),
                page=number,
                index=2,
                box=boxes[2][0],
                type="text",
            ),
        ],
        _sheet(boxes),
        warnings=("seen 4.9 times smaller than it is: raise max_patches, or read parts of it",),
    )


def _music(number: int) -> ReportPage:
    lines = "".join(f'<path d="M10 {y}H310" stroke="#000"/>' for y in range(60, 101, 10))
    notes = "".join(
        f'<ellipse cx="{40 + 30 * n}" cy="{95 - 5 * n}" rx="6" ry="5"/>' for n in range(9)
    )
    return _page(
        number,
        [
            reading(
                svg_image(lines + notes, "**kern *clefG2 4c 4d 4e"),
                "**kern\n*clefG2\n4c\n4d\n4e\n*-",
                page=number,
            )
        ],
        _sheet(((Box(60, 80, 540, 300), "figure"),)),
    )


def _molecule(number: int) -> ReportPage:
    ring = " ".join(
        f"{160 + 50 * math.cos(math.pi * n / 3):.1f},{90 + 50 * math.sin(math.pi * n / 3):.1f}"
        for n in range(6)
    )
    return _page(
        number,
        [
            reading(
                svg_image(
                    f'<polygon points="{ring}" fill="none" stroke="#000" stroke-width="2"/>',
                    "c1ccccc1",
                ),
                "c1ccccc1",
                page=number,
                origin="ocr",
            )
        ],
        _sheet(((Box(200, 200, 400, 400), "figure"),)),
    )


def _chart(number: int) -> ReportPage:
    bars = "".join(
        f'<rect x="{30 + 50 * n}" y="{160 - h}" width="34" height="{h}" fill="#4878a8"/>'
        for n, h in enumerate((60, 110, 80, 130, 45))
    )
    return _page(
        number,
        [
            reading(
                svg_image(bars, '{"title": "Rain"}'),
                '{"title": "Rain", "values": {"May": 60}}',
                page=number,
                flags=("retried",),
            )
        ],
        _sheet(((Box(100, 100, 500, 400), "figure"),)),
    )


def _code(number: int) -> ReportPage:
    code = "def mean(values):\n    total = sum(values)\n    return total / len(values)\n"
    wide = (
        "<table><tr>"
        + "".join(f"<th>column {n}</th>" for n in range(14))
        + "</tr><tr>"
        + "".join(f"<td>{n * 1117}</td>" for n in range(14))
        + "</tr></table>"
    )
    return _page(
        number,
        [
            reading(
                f"<p>As a program:</p><pre><code>{code}</code></pre>{wide}",
                f"As a program:\n\n```\n{code}```",
                page=number,
                origin="text_layer",
                confidence=None,
                flags=("own_text",),
            )
        ],
        _sheet(((Box(60, 80, 540, 200), "text"),)),
    )


def _blank(number: int) -> ReportPage:
    return _page(
        number,
        [reading("", "", page=number, origin="blank", confidence=None, flags=("blank",))],
        _sheet(()),
    )


def _failed(number: int) -> ReportPage:
    failed = reading(
        "",
        "",
        page=number,
        origin="failed",
        confidence=None,
        flags=("failed",),
        error="page 2 of letters.pdf: its contents are damaged: syntax error in content stream",
    )
    return _page(
        number, [failed], None, no_picture="The page can't be drawn: its contents are damaged."
    )


def _looped(number: int) -> ReportPage:
    text = "The committee met again. " * 40
    return _page(
        number,
        [
            reading(
                f"<p>{text}</p>",
                text,
                page=number,
                confidence=0.55,
                agreement=0.31,
                flags=("looped", "disagrees", "low_confidence"),
                only_in_reading=("The committee met again. The committee met again.",),
            )
        ],
        _sheet(((Box(60, 80, 540, 780), "text"),)),
    )


def _cut(number: int) -> ReportPage:
    text = "\n\n".join(SENTENCES * 8)
    shown = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES * 8)
    return _page(
        number,
        [reading(shown, text, page=number, confidence=0.93, flags=("cut", "corrected"))],
        _sheet(((Box(60, 60, 540, 800), "text"),)),
    )
