"""A ligature's letters come in the order in which they are read."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import pytest

from tests.pages.drawing import add_object, set_contents, written
from tests.pages.making import pymupdf

GLYPHS = {
    "م": 0xFEE3, "ش": 0xFEB8, "ك": 0xFEDC, "ت": 0xFE95, "خ": 0xFEA7, "ل": 0xFEDD, "\u0627": 0xFE8D,
    "س": 0xFEB3, "ن": 0xFEE5, "ب": 0xFE91, " ": 0x20, "a": 0x61, "b": 0x62, "2": 0x32, "5": 0x35,
    "َ": 0x64E,
}  # fmt: skip
"""Letters, and the shape that stands for them here."""

WORDS = [
    ["م", "ش", "ك", "لا", "ت"],
    ["خ", "لا", "ل"],
    ["\u0627", "لأ", "ب"],
    ["لإ", "ن", " ", "لآ", "ل"],
    ["س", "لا", "م", " ", "2", "5"],
    ["ب", "لَا", "ب"],
    ["س", "َ", "ل", "لا"],
    ["ب", "لله", "م"],
]


@functools.cache
def font_file() -> Path | None:
    """A font with Arabic shapes, if the machine has one."""
    places = ["/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu", "/Library/Fonts"]
    found = [Path(place, "DejaVuSans.ttf") for place in places]
    return next((path for path in found if os.access(path, os.R_OK)), None)


needs_font = pytest.mark.skipif(font_file() is None, reason="DejaVu Sans is not installed")


def shape(letters: str) -> int:
    """The character whose glyph shows them: of a ligature its own."""
    ligatures = {
        "لا": 0xFEFB,
        "لأ": 0xFEF7,
        "لإ": 0xFEF9,
        "لآ": 0xFEF5,
        "لَا": 0xFEFC,
        "لله": 0xFDF2,
    }
    return ligatures.get(letters) or GLYPHS[letters]


def draw_word(page: Any, pieces: list[str], *, forms: bool) -> None:
    """Glyphs from left to right, as files have them, each with the letters that it stands for.

    ``forms``: the file names their shapes instead, where Unicode has one.
    """
    document, path = page.parent, font_file()
    assert path is not None
    font = pymupdf.Font(fontfile=str(path))
    codes = [(font.has_glyph(shape(piece)), piece) for piece in reversed(pieces)]
    widths = {font.has_glyph(shape(p)): 1000 * font.glyph_advance(shape(p)) for p in pieces}
    file = add_object(document, "<<>>", path.read_bytes())
    descriptor = add_object(document, (
        "<</Type/FontDescriptor/FontName/DejaVuSans/Flags 4/FontBBox[-1000 -300 1500 1000]"
        f"/ItalicAngle 0/Ascent 900/Descent -200/CapHeight 700/StemV 80/FontFile2 {file} 0 R>>"
    ))  # fmt: skip
    descendant = add_object(document, (
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/DejaVuSans/CIDSystemInfo<</Registry(Adobe)"
        f"/Ordering(Identity)/Supplement 0>>/FontDescriptor {descriptor} 0 R/CIDToGIDMap/Identity"
        f"/W[{' '.join(f'{code} [{width:.0f}]' for code, width in widths.items())}]>>"
    ))  # fmt: skip
    named = {code: chr(shape(piece)) if forms and piece != "لَا" else piece for code, piece in codes}
    entries = "\n".join(
        f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for code, text in named.items()
    )
    unicode = add_object(document, "<<>>", (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "/CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange "
        f"{len(named)} beginbfchar\n{entries}\nendbfchar endcmap end end"
    ).encode())  # fmt: skip
    type0 = add_object(document, (
        "<</Type/Font/Subtype/Type0/BaseFont/DejaVuSans/Encoding/Identity-H"
        f"/DescendantFonts[{descendant} 0 R]/ToUnicode {unicode} 0 R>>"
    ))  # fmt: skip
    shown = "".join(f"{code:04x}" for code, _ in codes)
    set_contents(page, f"BT /F 14 Tf 100 600 Td <{shown}> Tj ET".encode(), type0)


@needs_font
@pytest.mark.parametrize("forms", [False, True], ids=["letters", "forms"])
@pytest.mark.parametrize("pieces", WORDS, ids="".join)
def test_lam_comes_before_its_alef(pieces: list[str], forms: bool) -> None:
    """``مشكلات``, not ``مشكالت``: with every alef, with vowel signs, beside digits."""
    (text,) = written(lambda page: draw_word(page, pieces, forms=forms))
    expected = "".join(pieces)
    if forms:
        expected = expected.replace("لله", "الله")
    words = expected.replace("25", "52").split()  # numbers run from left to right
    assert sorted(text.split()) == sorted(words)
