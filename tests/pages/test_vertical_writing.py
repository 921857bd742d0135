"""Vertical writing is read column by column, from right to left."""

from __future__ import annotations

from typing import Any

import pytest

from got_loaders.markup import to_text
from tests.pages.drawing import add_object, drawn
from tests.pages.making import of_bytes, opened, pymupdf

COLUMNS = ["縦書きの文章です。", "右から左へ読みます", "三番目の列である。", "最後の列はここだ。"]
Column = tuple[float, float, str]


def draw_columns(page: Any, columns: list[Column], *, more: str = "", encoding: str = "") -> None:
    """Columns of 14 points that begin at (x, y), from the bottom left, in a vertical font."""
    document = page.parent
    descriptor = add_object(document, (
        "<</Type/FontDescriptor/FontName/HeiseiMin-W3/Flags 6/FontBBox[0 -200 1000 900]"
        "/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>"
    ))  # fmt: skip
    descendant = add_object(document, (
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3/CIDSystemInfo<</Registry(Adobe)"
        f"/Ordering(Japan1)/Supplement 4>>/DW 1000/FontDescriptor {descriptor} 0 R>>"
    ))  # fmt: skip
    vertical = add_object(document, (
        "<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3"
        f"/Encoding/{encoding or 'UniJIS-UTF16-V'}/DescendantFonts[{descendant} 0 R]>>"
    ))  # fmt: skip
    latin = add_object(document, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    shown = "".join(
        f"BT /V 14 Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n"
        for x, y, text in columns
    )
    contents = add_object(document, "<<>>", (shown + more).encode())
    fonts = f"<</Font<</V {vertical} 0 R/H {latin} 0 R>>>>"
    document.xref_set_key(page.xref, "Resources", fonts)
    document.xref_set_key(page.xref, "Contents", f"{contents} 0 R")


def read(columns: list[Column], **how: str) -> list[str]:
    """The parts of a page of columns, as plain text; none of them is a table or a figure."""
    with opened(of_bytes(drawn(lambda page: draw_columns(page, columns, **how)))) as document:
        layer = document.text_layer(0)
    assert layer.good, layer.reason
    assert not {part.region.type for part in layer.parts} & {"table", "figure"}
    return [to_text(part.text) for part in layer.parts]


def four(step: float = 24, columns: list[str] = COLUMNS) -> list[Column]:
    """Columns beside each other, the first one at the right."""
    return [(500 - step * n, 700, text) for n, text in enumerate(columns)]


@pytest.mark.parametrize("encoding", ["UniJIS-UTF16-V", "UniJIS-UCS2-V", "UniJIS-UCS2-HW-V"])
@pytest.mark.parametrize("backwards", [False, True])
def test_columns_are_read_from_the_right(encoding: str, backwards: bool) -> None:
    """Whatever order the file has them in; it is running text, and no table."""
    columns = four()[::-1] if backwards else four()
    assert read(columns, encoding=encoding) == ["".join(COLUMNS)]


def test_a_horizontal_header_comes_first() -> None:
    """Beside vertical text, horizontal text is what it always is."""
    header = "BT /H 14 Tf 60 760 Td (The header of the page) Tj ET"
    assert read(four(), more=header) == ["The header of the page", "".join(COLUMNS)]


def test_short_columns_and_a_single_one() -> None:
    """A list of words, and one line."""
    assert read(four(columns=["目次", "本文", "あとがき"])) == ["目次本文あとがき"]
    assert read(four(columns=COLUMNS[:1])) == [COLUMNS[0]]


def test_tiers_are_read_from_top_to_bottom() -> None:
    """Each of them from the right."""
    upper = ["一段目の最初の列です", "二番目の列", "三番目の列なのです"]
    lower = ["二段目の最初の列です", "その次の列である", "終わりの列"]
    columns = [(500.0 - 24 * n, 700.0, text) for n, text in enumerate(upper)]
    columns += [(500.0 - 24 * n, 500.0, text) for n, text in enumerate(lower)]
    assert "".join(read(columns)) == "".join([*upper, *lower])


def test_a_number_across_a_column_stays_in_it() -> None:
    """As years are set."""
    number = "BT /H 11 Tf 494 646 Td (12) Tj ET"
    rest = "年の春です".encode("utf-16-be").hex()
    more = f"{number} BT /V 14 Tf 500 646 Td <{rest}> Tj ET"
    assert read([(500, 700, "平成")], more=more) == ["平成12年の春です"]


def test_a_page_that_is_turned_is_read_all_the_same() -> None:
    """By its /Rotate."""

    def draw(page: Any) -> None:
        draw_columns(page, four())
        page.set_rotation(90)

    with opened(of_bytes(drawn(draw))) as document:
        assert [part.text for part in document.text_layer(0).parts] == ["".join(COLUMNS)]


def test_characters_set_under_each_other_one_by_one_are_a_column() -> None:
    """Where the font says nothing of vertical writing."""
    font = pymupdf.Font("japan")

    def draw(page: Any) -> None:
        writer = pymupdf.TextWriter(page.rect)
        for x, column in enumerate(COLUMNS):
            for y, character in enumerate(column):
                writer.append((500 - 24 * x, 100 + 15 * y), character, font=font, fontsize=14)
        writer.write_text(page)

    with opened(of_bytes(drawn(draw))) as document:
        assert [part.text for part in document.text_layer(0).parts] == ["".join(COLUMNS)]
