"""What of a PDF's page is shown, and how it is turned: pictures, sizes and boxes tell the same."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray

from got_loaders.pages import PageDocument
from got_loaders.pages.pdf.page_box import PdfBox, quarter_turn, shown_box
from got_loaders.types import Box
from tests.pages import making
from tests.pages.making import opened

LETTER = (0, 0, 612, 792)
WORDS = ("Alpha one two three", "Bravo two words", "Charlie three four")

CROPS = {
    "none": None,
    "below the sheet": "[0 -80 612 792]",
    "beyond the sheet all round": "[-300 -300 912 1092]",
    "left of the sheet": "[-50 0 612 792]",
    "right of the sheet": "[0 0 700 792]",
    "above the sheet": "[0 0 612 900]",
    "inside": "[100 100 560 700]",
    "across a corner": "[150 300 700.5 900]",
    "corners swapped": "[612 700 100 0]",
    "empty": "[0 0 0 0]",
    "off the sheet": "[700 800 1000 1000]",
    "touching the sheet": "[612 792 1000 1000]",
    "thinner than a unit": "[100 100 560 100.5]",
    "no numbers": "[(a) 0 612 792]",
}


def words(**keys: str) -> bytes:
    """A page of US Letter with three lines of words, and these keys, "null" taking one away."""
    with making.pymupdf.open() as document:
        page = document.new_page(width=612, height=792)
        for number, line in enumerate(WORDS):
            page.insert_text((180, 250 + 110 * number), line, fontsize=24)
        for key, value in keys.items():
            document.xref_set_key(page.xref, key, value)
        data: bytes = document.tobytes()
    return data


def ink(document: PageDocument, number: int = 0) -> NDArray[np.bool_]:
    """The dark pixels of a page."""
    return np.asarray(document.page(number, width=500, height=500).image.convert("L")) < 128


def left_over(document: PageDocument, boxes: Iterable[Box], number: int = 0) -> int:
    """The ink outside of these boxes, each of which must hold some."""
    pixels, info = ink(document, number), document.info(number)
    x, y = pixels.shape[1] / info.width, pixels.shape[0] / info.height
    rest = pixels.copy()
    for box in boxes:
        left, top, right, bottom = (round(side) for side in box.scaled(x, y))
        place = slice(max(0, top - 2), bottom + 2), slice(max(0, left - 2), right + 2)
        assert pixels[place].any(), box
        rest[place] = False
    return int(rest.sum())


def assert_told_right(document: PageDocument, count: int = 3, number: int = 0) -> None:
    """Regions and the text layer say where the ink is that the picture shows."""
    for boxes in (
        [region.box for region in document.regions(number) or ()],
        [part.region.box for part in document.text_layer(number).parts],
    ):
        assert len(boxes) == count
        assert left_over(document, boxes, number) == 0


@pytest.mark.parametrize("rotate", ["0", "90", "180", "270"])
@pytest.mark.parametrize("crop", CROPS.values(), ids=CROPS)
def test_boxes_hold_the_ink_that_the_picture_shows(rotate: str, crop: str | None) -> None:
    """However a page is turned, and wherever its crop box lies."""
    data = words(Rotate=rotate, **({} if crop is None else {"CropBox": crop}))
    with opened(making.of_bytes(data)) as document:
        assert_told_right(document)


@pytest.mark.parametrize("rotate", ["-90", "450", "90.0", "45", "100", "-1", "/x", "2147483647"])
def test_odd_angles_are_told_as_they_are_shown(rotate: str) -> None:
    """What is no quarter turn is none; others count modulo 360."""
    with opened(making.of_bytes(words(Rotate=rotate, CropBox="[0 -80 612 792]"))) as document:
        assert_told_right(document)
        turned = rotate in ("-90", "450", "90.0")
        size = (792.0, 612.0) if turned else (612.0, 792.0)
        assert (document.info(0).width, document.info(0).height) == size


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("unit", ["2", "0.5", "0", "-1", "1e30", "/x"])
def test_pages_in_other_units_are_told_as_they_are_shown(rotate: int, unit: str) -> None:
    """/UserUnit scales a page; one that says nothing counts for nothing."""
    data = words(Rotate=str(rotate), UserUnit=unit, CropBox="[100 -50 700 792]")
    with opened(making.of_bytes(data)) as document:
        assert_told_right(document)
        scale = float(unit) if unit in ("2", "0.5") else 1
        assert sorted((document.info(0).width, document.info(0).height)) == [
            512 * scale,
            792 * scale,
        ]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_an_inherited_box_is_a_box(rotate: int) -> None:
    """Sheet, crop box and angle may stand with the page's parent, the sheet's origin anywhere."""
    parent = f"/MediaBox[-20 -30 420 330]/CropBox[-90 -10 300 400]/Rotate {rotate}"
    data = making.raw_pdf("/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>")
    data = data.replace(b"/Type/Pages", b"/Type/Pages" + parent.encode("ascii"))
    with making.pymupdf.open(stream=data) as document:
        for body in ("<<>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"):
            document.update_object(document.get_new_xref(), body)
        document.update_stream(4, b"BT /F 24 Tf 20 150 Td (Hello words here) Tj ET", new=True)
        data = document.tobytes()
    with opened(making.of_bytes(data)) as document:
        assert_told_right(document, count=1)
        assert sorted((document.info(0).width, document.info(0).height)) == [320, 340]


@pytest.mark.parametrize(
    "media",
    ["null", "[0 0 0 0]", "[0 0 612]", "(x)", "[0 0 nan 792]", "[0 0 612 0.5]", "[612 792 0 0]"],
)
def test_a_page_that_does_not_say_its_size_is_us_letter(media: str) -> None:
    """As in other viewers, instead of a blank page."""
    with opened(making.of_bytes(words(MediaBox=media, Rotate="90"))) as document:
        assert_told_right(document)
        assert (document.info(0).width, document.info(0).height) == (792, 612)


@pytest.mark.parametrize("crop", ["[0 0 0 0]", "[600 800 1000 1000]"])
def test_a_useless_crop_box_hides_nothing(crop: str) -> None:
    """Empty, or off the sheet: all of the sheet is shown, at its own size."""
    data = making.pdf("eleven lines of text", size=(800, 600))
    with making.pymupdf.open(stream=data) as document:
        document.xref_set_key(document[0].xref, "CropBox", crop)
        data = document.tobytes()
    with opened(making.of_bytes(data)) as document:
        assert (document.info(0).width, document.info(0).height) == (800, 600)
        assert ink(document).any()


def test_pages_that_share_an_object_or_their_contents_are_told_alike() -> None:
    """One page twice, and two pages with one list of contents, their text drawn sideways."""
    with making.pymupdf.open(stream=words(Rotate="90")) as document:
        page = document[0]
        streams = " ".join(f"{xref} 0 R" for xref in page.get_contents())
        parent = int(document.xref_get_key(page.xref, "Parent")[1].split()[0])
        other, shared = document.get_new_xref(), document.get_new_xref()
        document.update_object(shared, f"[{streams}]")
        document.xref_set_key(page.xref, "Contents", f"{shared} 0 R")
        document.update_object(other, document.xref_object(page.xref))
        document.xref_set_key(other, "Rotate", "0")
        document.xref_set_key(parent, "Kids", f"[{page.xref} 0 R {other} 0 R {page.xref} 0 R]")
        document.xref_set_key(parent, "Count", "3")
        data = document.tobytes()
    with opened(making.of_bytes(data)) as document:
        for number in (0, 1, 2, 0, 1):
            assert_told_right(document, number=number)


@pytest.mark.parametrize("kind", ["Highlight", "Ink", "Line", "Polygon", "Widget", "FreeText"])
def test_an_incomplete_annotation_on_a_turned_page_costs_no_text(kind: str) -> None:
    """One without the points, or the name, that it should have."""
    with making.pymupdf.open(stream=words(Rotate="270")) as document:
        note = document.get_new_xref()
        document.update_object(note, f"<</Type/Annot/Subtype/{kind}/Rect[20 20 90 40]>>")
        document.xref_set_key(document[0].xref, "Annots", f"[{note} 0 R]")
        data = document.tobytes()
    with opened(making.of_bytes(data)) as document:
        assert len(document.text_layer(0).parts) == 3


DEBATED = ("off the sheet", "touching the sheet", "thinner than a unit")
"""Crop boxes of which pdfium shows nothing, or a strip, where pdf.js shows all of the sheet."""


@pytest.mark.parametrize("crop", [crop for name, crop in CROPS.items() if name not in DEBATED])
@pytest.mark.parametrize("rotate", ["0", "270"])
def test_another_renderer_shows_the_same(rotate: str, crop: str | None) -> None:
    """pdfium's picture has the same shape, and its ink in the same place."""
    pypdfium2 = pytest.importorskip("pypdfium2")
    data = words(Rotate=rotate, **({} if crop is None else {"CropBox": crop}))
    with opened(making.of_bytes(data)) as document:
        ours = ink(document)
    shown = pypdfium2.PdfDocument(data)
    try:
        picture = shown[0].render(scale=ours.shape[0] / shown[0].get_height()).to_pil()
    finally:
        shown.close()
    theirs = np.asarray(picture.convert("L")) < 128
    assert theirs.shape == pytest.approx(ours.shape, abs=1)
    for axis in (0, 1):
        lines = [np.flatnonzero(each.any(axis=axis)) for each in (ours, theirs)]
        assert lines[0][[0, -1]] == pytest.approx(lines[1][[0, -1]], abs=2)


@pytest.mark.parametrize(
    ("media", "crop", "shown"),
    [
        (None, None, LETTER),
        ((0, 0, 300, 400), None, (0, 0, 300, 400)),
        ((300, 400, 0, 0), (350, 500, -20, 10), (0, 10, 300, 400)),
        ((0, 0, 300, 0.5), (0, 0, 100, 100), (0, 0, 100, 100)),
        ((0, 0, 300, 400), (299.5, 0, 500, 400), (0, 0, 300, 400)),
        ((-1e6, -1e6, 1e6, 1e6), (5, 6, 70, 80), (5, 6, 70, 80)),
    ],
)
def test_the_crop_box_is_cut_to_the_sheet(
    media: PdfBox | None, crop: PdfBox | None, shown: PdfBox
) -> None:
    """What is invalid counts for nothing, whichever it is."""
    assert shown_box(media, crop) == shown


@pytest.mark.parametrize(
    ("rotate", "turn"), [(0, 0), (90, 90), (-90, 270), (450, 90), (-360, 0), (45, 0), (89, 0)]
)
def test_a_turn_is_a_quarter_or_none(rotate: int, turn: int) -> None:
    """As the standard has it."""
    assert quarter_turn(rotate) == turn
