"""A page's own text is what a reader sees: hidden words are left out, or the page is read."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from got_loaders import read
from got_loaders.pages.text_layer.actual_text import states_what_is_shown
from got_loaders.testing import FakeEngine
from tests.pages.hiding import WAYS, Text, page_of
from tests.pages.making import pymupdf

PROSE = "The quick brown fox jumps over the lazy dog near the river bank"
LINES = [" ".join([*PROSE.split()[n % 9 :], *PROSE.split()[: n % 9]]) for n in range(48)]


def rows(count: int, y: float, leading: float = 14, way: str = "") -> list[Text]:
    """Lines of text below each other, the first one at ``y``."""
    word = "SECRET " if way else ""
    return [Text(50, y - n * leading, f"{word}{LINES[n]}", way) for n in range(count)]


def own_text(data: bytes) -> str | None:
    """What comes out as the page's own text; None where the page is read."""
    (result,) = read(data, engine=FakeEngine("READ"), text_layer="auto")
    assert result.ocr is not None or result.origin == "blank"
    return result.ocr.text if result.ocr and result.origin == "text_layer" else None


@pytest.mark.parametrize("way", WAYS)
def test_what_nobody_sees_is_no_text(way: str) -> None:
    """Alone, below other text, and in the midst of a line, whatever it is that hides it."""
    alone = own_text(page_of([Text(60, 500, "SECRET", way)]))
    assert alone is None or "SECRET" not in alone
    line = [Text(50, 614, "before it"), Text(100, 614, "SECRET", way), Text(160, 614, "after it")]
    found = own_text(page_of([*rows(9, 740), *line, Text(60, 400, "SECRET", way)]))
    assert found is not None
    assert "SECRET" not in found
    assert found.count("dog") == 9
    assert "before it" in found
    assert "after it" in found


@pytest.mark.parametrize("way", ["white", "render mode 3", "under a black box", "alpha 0.01"])
def test_however_much_there_is_of_it(way: str) -> None:
    """Eight lines that are seen and 48 that are not, and the other way round."""
    much = own_text(page_of([*rows(8, 760), *rows(48, 640, 12, way)]))
    assert much is None
    little = own_text(page_of([*rows(48, 760, 12), *rows(8, 170, 14, way)]))
    assert little is None or "SECRET" not in little
    assert little is None or little.count("dog") == 48


def test_a_part_of_a_word() -> None:
    """A box over the midst of it; the rest stays."""
    data = page_of([*rows(12, 740), Text(60, 400, "beforeSECRETafter")])
    with pymupdf.open(stream=data) as document:
        page = document[0]
        (place,) = page.search_for("SECRET")
        page.draw_rect(place, fill=(0, 0, 0), color=None)
        found = own_text(document.tobytes())
    assert found is not None
    assert "before after" in found


def test_hidden_annotations_are_not_shown() -> None:
    """One that is hidden, and one that was never to be seen on a screen."""
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((50, 40, 560, 300), " ".join(LINES[:12]), fontsize=12)
        for number, flag in enumerate((pymupdf.PDF_ANNOT_IS_HIDDEN, pymupdf.PDF_ANNOT_IS_NO_VIEW)):
            note = page.add_freetext_annot(
                (60, 400 + 40 * number, 300, 430 + 40 * number), "SECRET"
            )
            note.set_flags(flag)
            note.update()
        found = own_text(document.tobytes())
    assert found is not None
    assert "SECRET" not in found


def photo() -> bytes:
    """Dark and colored, without an edge."""
    picture = Image.new("RGB", (4, 3))
    picture.putdata([(90, 20 * n % 120, 40 + 9 * n % 100) for n in range(12)])
    buffer = io.BytesIO()
    picture.resize((400, 300), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def seen_page() -> bytes:
    """Ordinary text of every kind, each word of it with its kind's name."""
    with pymupdf.open() as document:
        page = document.new_page(width=612, height=792)
        page.insert_textbox((50, 30, 560, 330), " ".join(LINES[:30]), fontsize=11)
        for n, color in enumerate(((1, 0, 0), (1, 0.9, 0), (0, 1, 1), (0.6,) * 3, (0.85,) * 3)):
            page.insert_text((50 + 90 * n, 350), f"color{n}", fontsize=12, color=color)
        page.draw_rect((50, 360, 200, 380), fill=(0.1, 0.1, 0.4), color=None)
        page.insert_text((55, 374), "ondark", fontsize=10, color=(1, 1, 1))
        page.draw_rect((210, 360, 300, 380), fill=(0.9, 0.93, 1), color=None)
        page.insert_text((215, 374), "tinted", fontsize=10)
        page.insert_image((310, 360, 390, 420), stream=photo())
        page.insert_text((320, 390), "onphoto", fontsize=12, color=(1, 1, 1))
        page.insert_text((50, 400), "footnote", fontsize=5)
        page.insert_text((100, 400), "small", fontsize=3)
        page.insert_text((140, 400), "outlined", fontsize=14, render_mode=2, fill=(1, 1, 1))
        page.insert_text((220, 400), "hairline", fontsize=14, render_mode=1, border_width=0.01)
        page.insert_text((50, 440), "highlighted marked", fontsize=12)
        page.add_highlight_annot(page.search_for("highlighted")[0])
        page.draw_rect((115, 425, 200, 445), fill=(1, 1, 0), color=None, fill_opacity=0.5)
        turn = (pymupdf.Point(300, 600), pymupdf.Matrix(45))
        page.insert_text((300, 600), "watermark", fontsize=60, color=(0.9,) * 3, morph=turn)
        page.insert_text((55, 480), "l", fontname="zadb", fontsize=24)
        page.insert_text((61, 477), "7", fontsize=12, color=(1, 1, 1))
        page.insert_text((100, 480), ". - _ | l I ' \" , : ;", fontsize=8)
        data: bytes = document.tobytes()
    return data


def test_what_is_seen_stays() -> None:
    """Colors, dark grounds, photos, small print, outlines, highlights, watermarks, signs."""
    found = own_text(seen_page())
    assert found is not None
    kinds = "ondark tinted onphoto footnote small outlined hairline highlighted marked watermark"
    for word in [*kinds.split(), *(f"color{n}" for n in range(5)), "7", "| l I '"]:
        assert word in found, word
    assert found.count("fox") == 30


def test_stamps_that_let_text_through_hide_nothing() -> None:
    """A picture over all of the page, through which it is read."""
    stamp = io.BytesIO()
    Image.new("RGBA", (60, 80), (200, 0, 0, 40)).save(stamp, "PNG")
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((50, 40, 560, 400), " ".join(LINES[:20]), fontsize=12)
        page.insert_image(page.rect, stream=stamp.getvalue())
        found = own_text(document.tobytes())
    assert found is not None
    assert found.count("fox") == 20


def test_stated_text_that_is_shown() -> None:
    """Ligatures without codes, hyphens at line ends and blanks may be stated; no other letter."""
    assert states_what_is_shown("office", "o\ufffdce" + "") is False  # one of four is unknown
    shown = "the o\ufffdce of a long page where all other letters are known"
    assert states_what_is_shown(shown.replace("\ufffd", "ffi"), shown)
    assert not states_what_is_shown(shown.replace("\ufffd", "ther pl"), shown)
    assert states_what_is_shown("soft\u00adly 1 000", "soft-ly 1000")
    assert not states_what_is_shown("pay $10.00", "pay $1000")
    assert not states_what_is_shown("five", "six")
    assert not states_what_is_shown("a six", "six")
    assert not states_what_is_shown("sixty", "six")
