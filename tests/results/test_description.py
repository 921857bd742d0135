"""Values show what matters: a line each in a terminal, the page itself in a notebook."""

from __future__ import annotations

from typing import Any

import pytest

from got_loaders import Box, Figure, Location, OcrResult, PageInfo, PageResult, Region
from got_loaders.documents.provenance import register_spans

INFO = PageInfo(source="scan.pdf", number=1, total=7)
TABLE = Region(box=Box(56.69098712446351, 80.1, 300.0, 1e6 / 3), type="table")
OCR = OcrResult(
    text=r"\section*{Annual Report}" + "\nThe year " + "was dry. The year " * 50,
    token_ids=tuple(range(4000)),
    num_tokens=4000,
    confidence=0.98765,
    model="got@1",
)

FIGURE = Figure(
    path=f"data:image/png;base64,{'A' * 99_978}",
    file=None,
    width=40,
    height=30,
    media_type="image/png",
)


def test_a_figure_shows_no_picture_of_letters() -> None:
    """Of one in the text it says how long it is."""
    assert repr(FIGURE) == (
        "Figure(path='data:image/png;base64,AAAAAAAA'… (100,000 characters), 40 x 30, image/png, "
        "caption='')"
    )


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            {"ocr": OCR},
            r"<PageResult: scan.pdf, page 2 of 7, ocr, '\\section*{Annual Report} The year wa…'>",
        ),
        ({"ocr": OcrResult(text="Hi")}, "<PageResult: scan.pdf, page 2 of 7, ocr, 'Hi'>"),
        ({"origin": "blank"}, "<PageResult: scan.pdf, page 2 of 7, blank>"),
        (
            {"origin": "failed", "error": "broken\x1b[31m"},
            r"<PageResult: scan.pdf, page 2 of 7, failed, broken\x1b[31m>",
        ),
        (
            {
                "ocr": OcrResult(text="a", finish_reason="length"),
                "region": TABLE,
                "region_index": 2,
                "retried": True,
                "info": PageInfo(source="scan.pdf", number=1, total=7, warnings=("x", "y")),
            },
            (
                "<PageResult: scan.pdf, page 2 of 7, region 3 (table), Box(56.69, 80.1, 300, "
                "333333.33), ocr, 'a', cut off, retried in tiles, 2 warnings>"
            ),
        ),
        (
            {"info": PageInfo(source="/very/long" * 20 + "/scan.pdf"), "origin": "failed"},
            "<PageResult: …" + ("/very/long" * 20 + "/scan.pdf")[-60:] + ", failed>",
        ),
        (
            {"figure": FIGURE, "origin": "blank"},
            "<PageResult: scan.pdf, page 2 of 7, blank, a picture of 40 x 30>",
        ),
        (
            {"info": PageInfo(source="a.tif", number=0, last_number=3), "origin": "blank"},
            "<PageResult: a.tif, pages 1 to 4, blank>",
        ),
    ],
)
def test_a_result_is_one_line(fields: dict[str, Any], shown: str) -> None:
    """Its place, what became of it, how its text begins, and what is not as it should be."""
    result = PageResult(**{"info": INFO, **fields})
    assert repr(result) == str(result) == shown


def notebook(**fields: Any) -> str:
    """What a notebook shows of a result."""
    return PageResult(**{"info": INFO, **fields})._repr_markdown_()


def test_a_notebook_shows_the_page() -> None:
    """Its Markdown below a bold line; what failed, is blank, cut off or damaged is said there."""
    assert notebook(ocr=OcrResult(text=r"\section*{A}")) == "**scan.pdf, page 2 of 7**\n\n## A"
    assert notebook(origin="blank").endswith("7** *(blank: there was nothing to read)*")
    assert notebook(origin="failed", error="a*b").endswith(r"7** *(failed; a\*b)*")
    assert notebook(ocr=OcrResult(text=" ")).startswith("**scan.pdf, page 2 of 7** *(nothing was")
    own = notebook(ocr=OcrResult(text="a"), origin="text_layer", region=TABLE, region_index=0)
    assert own == "**scan.pdf, page 2 of 7, region 1 (table)** *(the page's own text)*\n\na"
    info = PageInfo(source="a_*b<i>\n.pdf", number=0, warnings=("its contents end early",))
    cut = notebook(info=info, ocr=OcrResult(text="la", finish_reason="repetition"))
    assert cut.startswith(r"**a\_\*b\<i>\n.pdf, page 1** *(repeated itself; its contents end")


def test_a_notebook_says_where_the_page_has_other_words() -> None:
    """By how much a reading agrees with the file's own text, where that is little."""
    words = [f"{letter}word" for letter in "abcdefghijklmnopqrstuvwxyz"]
    own, other = " ".join(words), " ".join([*words[:13], *map(str, range(13))])
    assert "(agrees with the page's own text by 50%)" in notebook(
        ocr=OcrResult(text=other), own_text=own
    )
    assert "agrees" not in notebook(ocr=OcrResult(text=own), own_text=own)


def test_a_reading_shows_its_numbers_and_not_its_tokens() -> None:
    """Four thousand of them fill a screen and tell nothing."""
    assert repr(OCR) == (
        r"OcrResult(text='\\section*{Annual Report}\nThe year was dry. The year was dry.…' "
        "(934 characters), finish_reason='stop', num_tokens=4000, confidence=0.99, model='got@1')"
    )
    assert repr(OcrResult(text="a", cached=True)).startswith("OcrResult(text='a', finish_reason=")
    assert repr(OcrResult(text="a", cached=True)).endswith("cached)")


def test_places_have_two_decimals_and_exact_values() -> None:
    """Shown short; what is compared, computed with and referred to by is exact."""
    place = Location(source="a.pdf", page=0, box=TABLE.box, region_index=2, region_type="table")
    assert "box=Box(56.69, 80.1, 300, 333333.33)" in repr(place)
    assert str(place) == "a.pdf, page 1, region 3 (table), Box(56.69, 80.1, 300, 333333.33)"
    assert str(Location(source="a.pdf", page=2, page_last=4)) == "a.pdf, pages 3 to 5"
    assert place.box is not None
    assert place.box.x0 == 56.69098712446351
    assert repr(Box(-0.001, 1.005, 2, 3.999)) == "Box(0, 1, 2, 4)"


def test_a_reference_to_spans_is_the_same_as_ever() -> None:
    """However places are shown: indexes hold it, and files of caches."""
    box = Box(1 / 3, 2, 300.5, 4.25)
    first = Location(
        source="a.pdf", page=0, box=box, region_index=0, region_type="text", start=0, end=3
    )
    second = Location(source="a.pdf", page=1, page_last=2, start=5, end=8)
    assert register_spans("id", "one\n\ntwo", [first, second]) == "5b989c46f54a7885"
