"""Text whose codes say other letters than its fonts draw is not a page's own text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from got_loaders.pages import TextLayer
from got_loaders.pages.text_layer.encodings import FontUse, contradict
from tests.hostile.writing import page_pdf, stream
from tests.pages.making import of_bytes, opened, pymupdf

PROSE = "The quick brown fox jumps over the lazy dog near the river bank in 1998 and 2004. " * 6
LINES = [PROSE[n : n + 82] for n in range(0, len(PROSE), 82)]

Table = Callable[[int], int]


def to_unicode(table: Table) -> bytes:
    """The table of a font of single bytes."""
    rows = " ".join(f"<{code:02x}> <{table(code):04x}>" for code in range(32, 127))
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def "
        "/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange "
        f"95 beginbfchar {rows} endbfchar endcmap end end"
    ).encode()


def page(table: Table, *, lines: int = 6, font: str = "Helvetica", encoding: str = "") -> bytes:
    """Six lines, the first of which are in a font with such a table, the others in a right one."""
    shown = " ".join(
        f"/{'F' if n < lines else 'G'} 10 Tf ({line}) Tj T*" for n, line in enumerate(LINES)
    )
    kind = "/Type/Font/Subtype/Type1"
    return page_pdf(
        stream(f"BT 14 TL 50 760 Td {shown} ET".encode()),
        stream(to_unicode(table)),
        stream(to_unicode(lambda code: code)),
        f"<<{kind}/BaseFont/{font}{encoding}/ToUnicode 5 0 R>>",
        f"<<{kind}/BaseFont/Times-Roman/ToUnicode 6 0 R>>",
        page="/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 7 0 R/G 8 0 R>>>>",
    )


def layer(data: bytes) -> TextLayer:
    """The own text of its page."""
    with opened(of_bytes(data)) as document:
        return document.text_layer(0)


def shifted(by: int) -> Table:
    """Codes that stand for another character, so many further on."""
    return lambda code: max(32, code + by)


WRONG: dict[str, bytes] = {
    **{f"shifted by {n}": page(shifted(n)) for n in (1, 2, 3, 4, 7, 12, -3, -5, -21, -25)},
    "digits alone": page(lambda code: 48 + (code - 47) % 10 if chr(code).isdigit() else code),
    "two letters": page(lambda code: {97: 101, 101: 97}.get(code, code)),
    "one font of two": page(shifted(1), lines=1),
    "another font": page(shifted(1), font="Courier"),
    "named shapes": page(
        lambda code: code, encoding="/Encoding<</Type/Encoding/Differences[97/b/c/d/e/f]>>"
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_letters_that_the_font_contradicts(name: str) -> None:
    """Whatever the table says, as far as the font names its shapes: the page is read."""
    read = layer(WRONG[name])
    assert not read.good
    assert read.reason in ("its letters are not those that its fonts draw", "unreadable characters")


@pytest.mark.parametrize(
    "encoding", ["", "/Encoding/WinAnsiEncoding", "/Encoding/MacRomanEncoding"]
)
def test_right_tables(encoding: str) -> None:
    """Nor is a table wrong that says large letters for small capitals."""
    assert layer(page(lambda code: code, encoding=encoding)).good
    assert layer(page(lambda code: ord(chr(code).upper()), encoding=encoding)).good


def test_embedded_fonts_with_a_table_of_their_own() -> None:
    """Letters of two bytes: the font's own table knows them."""
    with pymupdf.open() as document:
        document.new_page().insert_htmlbox((50, 50, 560, 500), PROSE)
        document.subset_fonts()
        assert layer(document.tobytes()).good
        for font in document[0].get_fonts(full=True):
            xref = int(document.xref_get_key(font[0], "ToUnicode")[1].split()[0])
            lines = document.xref_stream(xref).decode().split("\n")
            document.update_stream(xref, "\n".join(map(_one_further, lines)).encode())
        assert not layer(document.tobytes()).good


def _one_further(line: str) -> str:
    head, mark, last = line.rstrip().rpartition(" <")
    if not mark or not line.startswith("<") or not last.endswith(">"):
        return line
    return f"{head} <{int(last[:-1], 16) + 1:04x}>"


def test_tables_of_codes_are_no_witness() -> None:
    """A subset's table may number its letters anew; then it knows few of them."""
    uses = Counter({(ord(char), number): 9 for number, char in enumerate("etaoinsrh", 1)})
    numbered = {ord("a"): 2, ord("b"): 3}
    assert not contradict([FontUse(lambda _: 0, lambda char: numbered.get(char, 0), uses)])
    whole = {ord("abcdefghijklmnopqrstuvwxyz"[n]): n for n in range(1, 26)}
    assert contradict([FontUse(lambda _: 0, lambda char: whole.get(char, 0), uses)])
