"""Ordinary pages, of many styles, lose no word, and gain none, by what is done about hidden text,
letters drawn twice, raised ones and hyphens."""

from __future__ import annotations

import html
import importlib
import io
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageFilter

from got_loaders import PageResult, read
from got_loaders.markup import to_text
from got_loaders.testing import FakeEngine

pymupdf: Any = importlib.import_module("pymupdf")  # it has no types

TEXT = """
    The quick brown fox jumps over the lazy dog near the river bank and then sleeps while several
    quiet farmers discuss heavy weather in Lisbon and Prague during autumn
"""

Draw = Callable[[Any], str]
"""Draws on a page, and gives the words that it drew."""


def prose(count: int, seed: int) -> str:
    """So many words of running text."""
    chosen = random.Random(seed)
    return " ".join(chosen.choice(TEXT.split()) for _ in range(count))


def body(text: str) -> Draw:
    """A page of HTML; beside what is tried there is a paragraph, as on any page."""

    def draw(page: Any) -> str:
        content = f"{text}<p>{prose(60, len(text))}</p>"
        page.insert_htmlbox(pymupdf.Rect(40, 40, 572, 752), content)
        parted = re.sub(r"</?(?:p|li|ul|ol|td|tr|table|h2|pre)\b[^>]*>", " ", content)
        return html.unescape(re.sub(r"<[^>]+>", "", parted))

    return draw


def _rows(count: int, row: Callable[[int], str]) -> str:
    return "".join(map(row, range(count)))


PAGES: dict[str, Draw] = {
    "tinted rows": body(
        "<table style='border:1px solid'>"
        + _rows(
            12,
            lambda n: (
                f"<tr style='background-color:{'#dde' if n % 2 else '#fff'}'>"
                f"<td>Item{n}</td><td>Quantity {n * 3}</td><td>{n}.50 EUR</td></tr>"
            ),
        )
        + "</table>"
    ),
    "dark table head": body(
        "<table><tr style='background-color:#036;color:#fff'><td>Name</td><td>Amount</td></tr>"
        + _rows(9, lambda n: f"<tr><td>Row{n}</td><td>{n * 7}</td></tr>")
        + "</table>"
    ),
    "prices": body(
        "<table>"
        + _rows(8, lambda n: f"<tr><td>Widget {n}</td><td>${n}<sup>99</sup></td></tr>")
        + "</table>"
    ),
    "headings in colors": body(
        "".join(
            f"<h2 style='color:#{color}'>Heading {color} shown</h2><p>{prose(30, n)}</p>"
            for n, color in enumerate(("c00", "0a0", "00c", "aaa", "bbbbbb", "e8c000", "7ec8e3"))
        )
    ),
    "light text": body(
        "".join(
            f"<p style='color:#{color}'>{prose(20, n)}</p>"
            for n, color in enumerate(("777", "999", "bbb", "ccc", "ffe000"))
        )
    ),
    "footnotes": body(
        "<p>Claim<sup>1</sup> and other<sup>2,3</sup> end.</p>"
        "<p style='font-size:6pt'><sup>1</sup> See Miller, p. 12.</p>"
    ),
    "formulas": body(
        "<p>E = mc<sup>2</sup>, H<sub>2</sub>O, x<sub>i</sub> = 10<sup>-6</sup> m<sup>2</sup>; "
        "a<sub>n</sub> ≤ b<sub>n</sub> for all n ∈ N.</p>"
    ),
    "ordinals": body("<p>On the 1<sup>st</sup> and 23<sup>rd</sup> of May, n<sup>o</sup> 5.</p>"),
    "code": body("<p>Run this:</p><pre>def f(x):\n    return x ** 2\n\nprint(f(3))</pre>"),
    "Chinese, Japanese, Korean": body(
        "<p>吾輩は猫である。名前はまだ無い。</p><p>天地玄黃，宇宙洪荒。</p>"  # noqa: RUF001  # so written
        "<p>모든 인간은 태어날 때부터 자유로우며</p>"
    ),
    "Hebrew": body("<p dir='rtl'>כל בני האדם נולדו בני חורין ושווים בערכם</p>"),
    "Cyrillic": body("<p>Все люди рождаются <b>свободными</b> и <i>равными</i> в правах.</p>"),  # noqa: RUF001  # as it is written
    "Greek": body("<p>Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι.</p>"),  # noqa: RUF001  # the same
    "accents": body(
        "<p>Příliš žluťoučký kůň úpěl ďábelské ódy. Zażółć gęślą jaźń. Ñandú, façade, naïve.</p>"
    ),
    "narrow": body(f"<p style='text-align:justify;width:160px'>{prose(90, 7)}</p>"),
    "lists": body(
        "<ul><li>Apple pie</li><li>Banana split<ul><li>Nested one</li></ul></li></ul>"
        "<ul><li>First thing</li><li>Second thing</li></ul>"
    ),
    "underlined and struck": body(
        "<p><u>Underlined words</u>, <s>struck words</s>, <b>bold</b> <i>italic</i> mixed.</p>"
    ),
    "marked": body(
        "<p><span style='background-color:yellow'>Marked words</span> and "
        "<span style='background-color:#000;color:#fff'>white on black</span> and "
        "<span style='background-color:#fdd;color:#a00'>red on pink</span></p>"
    ),
    "links": body("<p>See <a href='https://example.org/x'>our website</a> for more.</p>"),
    "small print": body(f"<p style='font-size:5pt'>{prose(60, 17)}</p>"),
    "smaller print": body(f"<p style='font-size:3pt'>{prose(60, 18)}</p>"),
    "large type": body("<p style='font-size:60pt'>Big words ahead</p>"),
    "many fonts": body(
        "<p>"
        + " ".join(
            f"<span style='font-family:{('serif', 'sans-serif', 'monospace')[n % 3]}'>{word}</span>"
            for n, word in enumerate(prose(60, 24).split())
        )
        + "</p>"
    ),
    "many sizes": body(
        "<p>"
        + " ".join(
            f"<span style='font-size:{(8, 12, 10, 16, 6)[n % 5]}pt'>{word}</span>"
            for n, word in enumerate(prose(40, 28).split())
        )
        + "</p>"
    ),
    "signs": body("<p>100 % &amp; 5 &lt; 6; a_b, $5, #3, {curly}, [square], it's; C++.</p>"),
}


def page(draw: Draw) -> Draw:
    """Enter a page by its function's name; the paragraph is drawn here."""

    def draw_both(sheet: Any) -> str:
        text = prose(60, len(PAGES))
        sheet.insert_textbox((50, 40, 560, 240), text, fontsize=12)
        return f"{text} {draw(sheet)}"

    PAGES[draw.__name__.replace("_", " ")] = draw_both
    return draw


@page
def text_on_a_light_photo(sheet: Any) -> str:
    """As brochures have it."""
    noise = Image.effect_noise((600, 400), 40).point(lambda value: min(255, value // 3 + 170))
    photo = io.BytesIO()
    noise.convert("RGB").filter(ImageFilter.GaussianBlur(2)).save(photo, "PNG")
    sheet.insert_image((50, 300, 550, 500), stream=photo.getvalue())
    sheet.insert_textbox((70, 320, 530, 480), prose(30, 41), fontsize=12)
    return prose(30, 41)


@page
def filled_form(sheet: Any) -> str:
    """What is written in its fields is text, too."""
    values = {"Name": "Johanna Schmidt", "City": "Wellington", "Zip": "94107"}
    for n, (name, value) in enumerate(values.items()):
        sheet.insert_text((60, 340 + 40 * n), f"{name}:", fontsize=12)
        field = pymupdf.Widget()
        field.field_name, field.field_value = name, value
        field.field_type = pymupdf.PDF_WIDGET_TYPE_TEXT
        field.rect = pymupdf.Rect(140, 325 + 40 * n, 350, 345 + 40 * n)
        field.fill_color = (0.9, 0.9, 1)
        sheet.add_widget(field)
    return " ".join(f"{name}: {value}" for name, value in values.items())


@page
def annotated(sheet: Any) -> str:
    """Marks over words, and a remark."""
    sheet.insert_text((60, 300), "Peculiar Zebra Yonder Xylophone", fontsize=12)
    for word, kind in (
        ("Peculiar", "highlight"),
        ("Zebra", "underline"),
        ("Yonder", "strikeout"),
        ("Xylophone", "squiggly"),
    ):
        getattr(sheet, f"add_{kind}_annot")(sheet.search_for(word)[0])
    sheet.add_freetext_annot((60, 400, 300, 430), "Stamped remark", fontsize=12)
    return "Peculiar Zebra Yonder Xylophone Stamped remark"


@page
def note_in_the_margin(sheet: Any) -> str:
    """Turned by a quarter."""
    sheet.insert_text((30, 700), "Sideways margin note", rotate=90, fontsize=10)
    return "Sideways margin note"


@page
def letters_set_one_by_one(sheet: Any) -> str:
    """And a little nearer than their widths."""
    writer, font, x = pymupdf.TextWriter(sheet.rect), pymupdf.Font("helv"), 60.0
    for word in prose(8, 45).split():
        for letter in word:
            writer.append((x, 300), letter, font=font, fontsize=12)
            x += font.text_length(letter, 12) * 0.98
        x += 3.4
    writer.write_text(sheet)
    return prose(8, 45)


@page
def watermark(sheet: Any) -> str:
    """Pale, large and askew."""
    turned = (pymupdf.Point(120, 650), pymupdf.Matrix(45))
    sheet.insert_text(
        (120, 650), "CONFIDENTIAL", fontsize=60, color=(0.85, 0.85, 0.85), morph=turned
    )
    sheet.insert_textbox((50, 260, 550, 600), prose(120, 47), fontsize=12)
    return f"CONFIDENTIAL {prose(120, 47)}"


@page
def dense_type(sheet: Any) -> str:
    """A page full of small print."""
    sheet.insert_textbox((30, 250, 590, 780), prose(600, 48), fontsize=8)
    return prose(600, 48)


@page
def equal_letters_side_by_side(sheet: Any) -> str:
    """Which are not drawn twice."""
    text = "bookkeeper llama aardvark Mississippi III XXVIII 1111 00000 www llll Hawaii vacuum"
    for n, font in enumerate(("helv", "tiro", "cour", "heit", "hebo", "cobo")):
        sheet.insert_text((40, 300 + 30 * n), text, fontname=font, fontsize=(10, 5, 9, 7, 9, 8)[n])
    return " ".join([text] * 6)


@page
def condensed_type(sheet: Any) -> str:
    """Down to half of its width."""
    text = "illegible filling still million lilliputian 1111 illili"
    for n, width in enumerate((1, 0.8, 0.6, 0.5)):
        corner = pymupdf.Point(40, 300 + 40 * n)
        sheet.insert_text(corner, text, fontsize=14, morph=(corner, pymupdf.Matrix(width, 1)))
    return " ".join([text] * 4)


@page
def equal_cells(sheet: Any) -> str:
    """A table that says the same again and again."""
    cells = []
    for row in range(25):
        for column in range(10):
            cells.append("0.00" if (row + column) % 3 else "11.1")
            sheet.insert_text((40 + 52 * column, 270 + 9 * row), cells[-1], fontsize=8)
    return " ".join(cells)


@page
def tight_lines(sheet: Any) -> str:
    """Nearer than their letters are high."""
    lines = [prose(9, 60 + row % 2) for row in range(40)]
    for row, line in enumerate(lines):
        sheet.insert_text((50, 280 + 5.5 * row), line, fontsize=6)
    return " ".join(lines)


@page
def four_columns(sheet: Any) -> str:
    """Of justified text."""
    columns = [prose(100, 70 + n) for n in range(4)]
    for n, text in enumerate(columns):
        box = (30 + 142 * n, 260, 160 + 142 * n, 770)
        sheet.insert_textbox(box, text, fontsize=8, align=pymupdf.TEXT_ALIGN_JUSTIFY)
    return " ".join(columns)


@page
def half_transparent(sheet: Any) -> str:
    """Text that lets through what is behind it."""
    sheet.insert_text((60, 400), "Half transparent words", fontsize=14, fill_opacity=0.5)
    sheet.insert_text((60, 440), "Quarter transparent words", fontsize=14, fill_opacity=0.25)
    return "Half transparent words Quarter transparent words"


@page
def outlined(sheet: Any) -> str:
    """Letters that are drawn by their outlines, and filled with white."""
    sheet.insert_text((60, 400), "Outlined words", fontsize=24, render_mode=1, border_width=0.02)
    style: dict[str, Any] = {"render_mode": 2, "fill": (1, 1, 1), "border_width": 0.02}
    sheet.insert_text((60, 440), "Both painted", fontsize=24, **style)
    return "Outlined words Both painted"


@page
def chemistry(sheet: Any) -> str:
    """Digits lowered by hand."""
    x = 60.0
    for text, lower, size in (
        ("Fe", 0, 12),
        ("2", 3, 8),
        ("(SO", 0, 12),
        ("4", 3, 8),
        (")", 0, 12),
    ):
        sheet.insert_text((x, 400 + lower), text, fontsize=size)
        x += pymupdf.get_text_length(text, "helv", size)
    return "Fe2(SO4)"


def bag(text: str) -> Counter[str]:
    """Its words by their letters and digits, however these are raised."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = ("".join(filter(str.isalnum, word)) for word in plain.split())
    return Counter(word for word in words if word)


def plain_text(result: PageResult) -> str:
    """What was read, without the addresses of its links."""
    assert result.ocr is not None
    return re.sub(r" \(https?://[^\s)]*\)", "", to_text(result.ocr.text))


def test_no_word_is_lost_or_added() -> None:
    """On forty pages: tables, lists, colors, scripts, small and large type, photos, forms."""
    with pymupdf.open() as pdf:
        expected = [bag(draw(pdf.new_page(width=612, height=792))) for draw in PAGES.values()]
        data = pdf.tobytes()
    results = list(read(data, engine=FakeEngine("READ"), text_layer="auto"))
    assert len(PAGES) >= 40
    for name, words, result in zip(PAGES, expected, results, strict=True):
        assert result.origin == "text_layer", name
        assert bag(plain_text(result)) == words, name
