"""From words and boxes to text in the model's language: nothing is lost, order is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from got_loaders.pages.text_layer.assign_lines import (
    MAX_BLOCKS,
    BlockKind,
    LayoutBox,
    TextBlock,
    assign_lines,
)
from got_loaders.pages.text_layer.code_blocks import is_monospace_page
from got_loaders.pages.text_layer.glyphs import FILLED
from got_loaders.pages.text_layer.graphics import covered_fraction
from got_loaders.pages.text_layer.hyphens import KnownWords, known_words
from got_loaders.pages.text_layer.inline_mmd import escape
from got_loaders.pages.text_layer.mupdf_page import clip_lines, simplified_lines
from got_loaders.pages.text_layer.paragraphs import NO_WORDS, join_rows
from got_loaders.pages.text_layer.quality import InkCoverage, QualitySignals, assess_quality
from got_loaders.pages.text_layer.reading_order import reading_order
from got_loaders.pages.text_layer.styled_text import PLAIN, Style, StyledText
from got_loaders.pages.text_layer.tables import table_rows
from got_loaders.pages.text_layer.to_mmd import to_mmd
from got_loaders.pages.text_layer.words import Line, Word, compose_accents, read_lines
from got_loaders.types import Box


def line(text: str, x: float = 0, y: float = 10, *, size: float = 10, block: int = 0) -> Line:
    """A line of letters half as wide as high, its baseline at ``y``."""
    words = []
    for word in text.split():
        width = len(word) * size / 2
        words.append(Word(word, Box(x, y - size * 0.7, x + width, y)))
        x += width + size / 2
    return Line(words=tuple(words), base=y, size=size, block=block)


def block(kind: BlockKind, *texts: str) -> TextBlock:
    """A block of lines under each other."""
    lines = tuple(line(text, y=10 + 12 * n) for n, text in enumerate(texts))
    found = LayoutBox(box=Box(0, 0, 500, 500), kind=kind)
    return TextBlock(layout=found, lines=lines, items=(lines,) if kind == "list" else ())


def char(c: str, x: float, box: tuple[float, ...] | None = None) -> dict[str, object]:
    """A character as PyMuPDF tells it."""
    return {"c": c, "origin": (x, 10.0), "bbox": box or (x, 3.0, x + 5, 10.0)}


def raw(text: str, **span: object) -> list[dict[str, object]]:
    """A paragraph of one line as PyMuPDF tells it."""
    chars = [char(c, 5.0 * n) for n, c in enumerate(text)]
    kept = {"font": "Helvetica", "flags": 0, "char_flags": FILLED, "alpha": 255, "size": 10.0}
    return [{"lines": [{"dir": (1.0, 0.0), "wmode": 0, "spans": [kept | span | {"chars": chars}]}]}]


def test_words_are_what_stands_between_blanks() -> None:
    """Each has the hull of its ink; control characters and blanks are no words."""
    (read,) = read_lines(raw("ab \u00a0c\x01d \x02"))
    assert [word.text for word in read.words] == ["ab", "cd"]
    assert read.words[0].box == Box(0, 3, 10, 10)
    assert read.text == "ab cd"
    assert read_lines(raw(" \t\x00")) == []
    assert read_lines([{"type": 1}]) == []


def test_what_can_not_be_seen_is_known() -> None:
    """Neither filled nor stroked, transparent, or in a font without shapes."""
    assert read_lines(raw("abc"))[0].seen
    assert not read_lines(raw("abc", char_flags=0))[0].seen
    assert not read_lines(raw("abc", alpha=0))[0].seen
    assert not read_lines(raw("abc", font="GlyphLessFont"))[0].seen
    assert read_lines(raw("abc", font="Type3", char_flags=0))[0].seen


def test_characters_without_ink_have_a_place() -> None:
    """Boxes that are empty or infinite become a dot on the baseline."""
    blocks = raw("a")
    spans = blocks[0]["lines"][0]["spans"]  # type: ignore[index]  # just made
    for bad in ((0.0, 0.0, 0.0, 0.0), (float("-inf"), 0.0, float("inf"), 1.0)):
        spans[0]["chars"] = [char("a", 20.0, bad)]
        assert read_lines(blocks)[0].box == Box(20, 9, 21, 10)


ORDERS: dict[str, list[tuple[float, float, float, float]]] = {
    "one column": [(0, 0, 100, 10), (0, 20, 100, 30), (5, 40, 100, 50)],
    "two columns": [(0, 0, 45, 80), (0, 90, 45, 100), (55, 0, 100, 30), (55, 40, 100, 100)],
    "a title over two columns": [(20, 0, 80, 10), (0, 20, 45, 90), (55, 20, 100, 50)],
    "a short last paragraph at the left": [
        (0, 0, 100, 10),
        (0, 20, 45, 50),
        (0, 60, 45, 70),
        (55, 20, 100, 50),
    ],
    "columns, a wide table, columns": [
        (0, 0, 45, 40),
        (55, 0, 100, 40),
        (0, 50, 100, 70),
        (0, 80, 45, 120),
        (55, 80, 100, 120),
    ],
    "steps": [(0, 0, 40, 10), (50, 20, 90, 30), (10, 40, 45, 50)],
    "three columns, then two": [
        (0, 0, 30, 50),
        (35, 0, 65, 50),
        (70, 0, 100, 50),
        (0, 60, 100, 70),
        (0, 80, 48, 100),
        (52, 80, 100, 100),
    ],
}


@pytest.mark.parametrize("name", ORDERS)
def test_columns_are_read_one_after_the_other(name: str) -> None:
    """Whatever order the boxes come in."""
    boxes = [Box(*each) for each in ORDERS[name]]
    assert reading_order(boxes) == list(range(len(boxes)))
    backwards = boxes[::-1]
    assert [backwards[n] for n in reading_order(backwards)] == boxes


def test_columns_of_right_to_left_scripts_begin_at_the_right() -> None:
    """Hebrew and Arabic."""
    boxes = [Box(0, 0, 45, 100), Box(55, 0, 100, 100)]
    assert reading_order(boxes, right_to_left=True) == [1, 0]


boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    *(st.floats(-50, 700), st.floats(-50, 900), st.floats(0.1, 600), st.floats(0.1, 600)),
)
kinds = st.sampled_from(["title", "heading", "text", "list", "table", "figure", "footer"])
grids = st.lists(st.floats(0, 900), max_size=4).map(lambda edges: tuple(sorted(edges)))
founds = st.builds(LayoutBox, box=boxes, kind=kinds, rows=grids, columns=grids)
texts = st.lists(st.sampled_from(["alpha", "Beta", "12", "a_b", "-", "•", "1.", "x-", "שלום"]))
lines = st.builds(
    lambda words, x, y, size, number: line(" ".join(["w", *words]), x, y, size=size, block=number),
    *(texts, st.floats(-50, 700), st.floats(0, 900), st.floats(2, 40), st.integers(0, 5)),
)


@given(st.lists(boxes, max_size=40))
def test_every_box_is_read_once(some: list[Box]) -> None:
    """However they overlap."""
    assert sorted(reading_order(some)) == list(range(len(some)))


def letters(text: str) -> list[str]:
    """The characters that are neither mark-up nor hyphens nor bullets, sorted."""
    bare = re.sub(
        r"\\(?:begin|end)\{\w+\}(?:\{[|l]+\})?|\\(?:item|hline|\w*section\*|title)", "", text
    )
    return sorted(c for c in bare if c.isalnum())


@given(st.lists(founds, max_size=12), st.lists(lines, max_size=30))
def test_every_word_is_in_one_region(some: list[LayoutBox], all_lines: list[Line]) -> None:
    """Whatever a layout model finds: nothing vanishes and nothing is doubled."""
    arranged = assign_lines(some, all_lines)
    kept = [w for b in arranged for each in b.lines for w in each.words]
    assert sorted(kept) == sorted(w for each in all_lines for w in each.words)
    for each in arranged:
        words = [word.text for part in each.lines for word in part.words]
        numbers = {"1."} if each.kind == "list" else set()
        expected = letters("".join(word for word in words if word not in numbers))
        found = letters(to_mmd(each))
        assert [c for c in found if c != "1" or not numbers] == [
            c for c in expected if c != "1" or not numbers
        ]


def test_there_are_never_too_many_regions() -> None:
    """A page of thousands of scraps: what is more is joined, not dropped."""
    scraps = [line("w", x=(n % 50) * 20, y=n, block=n) for n in range(3 * MAX_BLOCKS)]
    many = [LayoutBox(box=Box(n, 2000 + n, n + 1, 2001 + n)) for n in range(2 * MAX_BLOCKS)]
    arranged = assign_lines(many, scraps)
    assert len(arranged) <= MAX_BLOCKS
    assert sum(len(each.lines) for each in arranged) == len(scraps)


def test_a_line_across_two_columns_is_divided() -> None:
    """Words go to the column that they stand in."""
    left, right = LayoutBox(box=Box(0, 0, 100, 20)), LayoutBox(box=Box(100, 0, 200, 20))
    whole = line("one two three four five six seven", size=10)
    arranged = assign_lines([left, right], [whole])
    assert [" ".join(x.text for x in each.lines) for each in arranged] == [
        "one two three four",
        "five six seven",
    ]


def test_headers_come_first_footnotes_and_footers_last() -> None:
    """Wherever the columns end."""
    found = [
        LayoutBox(box=Box(0, 90, 40, 100), kind="footnote"),
        LayoutBox(box=Box(0, 110, 100, 120), kind="footer"),
        LayoutBox(box=Box(0, 10, 40, 80)),
        LayoutBox(box=Box(60, 10, 100, 100)),
        LayoutBox(box=Box(0, 0, 100, 5), kind="header"),
    ]
    some = [line("a", x=each.box.x0 + 1, y=each.box.y1, size=5) for each in found]
    assert [each.kind for each in assign_lines(found, some)] == [
        "header",
        "text",
        "text",
        "footnote",
        "footer",
    ]


def joined(*texts: str, known: KnownWords = NO_WORDS) -> str:
    """Rows as one paragraph."""
    return join_rows([StyledText(text) for text in texts], known).text


def test_a_paragraph_is_one_line_of_text() -> None:
    """Words divided at a line's end are made whole; compounds keep their hyphen."""
    assert joined("a long", "line") == "a long line"
    assert joined("hyphen-", "ation") == "hyphenation"
    assert joined("soft\u00ad", "ly") == "softly"
    assert joined("so\u00adft") == "soft"
    assert joined("Jean-", "Paul") == "Jean-Paul"
    assert joined("pages 3-", "4") == "pages 3-4"
    assert joined("state-of-the-", "art") == "state-of-the-art"
    known = known_words(["a (well-known) one"])
    assert joined("a well-", "known one", known=known) == "a well-known one"
    assert joined("漢字", "かな") == "漢字かな"


def test_text_stands_for_itself() -> None:
    """Every character that means something to the model's language is escaped."""
    assert escape("50% of $5 & #1_{a}") == r"50\% of \$5 \& \#1\_\{a\}"
    assert escape("a^b~c\\d") == r"a\textasciicircum{}b\textasciitilde{}c\textbackslash{}d"
    assert to_mmd(block("text", r"\section{x}")) == r"\textbackslash{}section\{x\}"


def test_headings_have_the_level_of_their_number() -> None:
    """Without a number they are sections; the page's title is one of its own."""
    assert to_mmd(block("title", "A Tale of", "Two Pages")) == r"\title{A Tale of Two Pages}"
    assert to_mmd(block("heading", "Summary")) == r"\section*{Summary}"
    assert to_mmd(block("heading", "2 Methods")) == r"\section*{2 Methods}"
    assert to_mmd(block("heading", "2.1 Data")) == r"\subsection*{2.1 Data}"
    assert to_mmd(block("heading", "2.1.4 More")) == r"\subsubsection*{2.1.4 More}"
    assert to_mmd(block("heading", "1.5 million")) == r"\subsection*{1.5 million}"


def test_code_keeps_its_shape() -> None:
    """Blocks in a font of fixed width, unless all the page is in one; one line is no block."""
    some = tuple(replace(each, mono=True) for each in (
        line("while True:"), line("do_it(a)", x=20, y=22), line("done", y=34),
    ))  # fmt: skip
    code = TextBlock(layout=LayoutBox(box=Box(0, 0, 99, 99)), lines=some)
    text = "\\begin{verbatim}\nwhile True:\n    do_it(a)\ndone\n\\end{verbatim}"
    assert to_mmd(code) == text
    assert to_mmd(code, has_code=False) == r"while True: do\_it(a) done"
    assert to_mmd(replace(code, lines=some[1:2])) == r"do\_it(a)"
    tricky = tuple(replace(each, mono=True) for each in (line(r"\end{verbatim}"), line("x", y=30)))
    assert to_mmd(replace(code, lines=tricky)).startswith(r"\textbackslash{}end")
    assert is_monospace_page(some)
    assert not is_monospace_page([*some, line("much more of the page is in another font")])


def test_lists() -> None:
    """Bullets and numbers from 1 become the list's own; other numbers stay."""
    items = block("list", "• one", "two", "• three")
    assert to_mmd(items) == "\\begin{itemize}\n\\item one two\n\\item three\n\\end{itemize}"
    counted = block("list", "1. one", "2. two")
    assert to_mmd(counted) == "\\begin{enumerate}\n\\item one\n\\item two\n\\end{enumerate}"
    later = block("list", "4) four", "5) five")
    assert to_mmd(later) == "\\begin{itemize}\n\\item 4. four\n\\item 5. five\n\\end{itemize}"
    broken = block("list", "1. pages 406-", "415. The end.", "2. two")
    assert r"\item pages 406-415. The end." in to_mmd(broken)
    lettered = block("list", "(a) one", "(b) two")
    assert to_mmd(lettered) == "\\begin{itemize}\n\\item (a) one\n\\item (b) two\n\\end{itemize}"


def test_items_of_a_column_are_one_list() -> None:
    """The layout model finds them one by one; another column's are another list."""
    found = [
        LayoutBox(box=Box(x, y, x + 50, y + 10), kind="list") for x in (0, 100) for y in (0, 15)
    ]
    some = [line("- it", x=each.box.x0, y=each.box.y1) for each in found]
    assert [len(each.items) for each in assign_lines(found, some)] == [2, 2]


def test_tables_are_filled_cell_by_cell() -> None:
    """Words go where their middle is; what is off the grid to the nearest cell."""
    found = LayoutBox(
        box=Box(0, 0, 100, 40), kind="table", rows=(0, 20, 40), columns=(0, 50, 100, 150)
    )
    some = [line("a b", x=10, y=10), line("c", x=60, y=10), line("d", x=70, y=35)]
    some.append(line("far", x=-90, y=90))
    cells = [[" ".join(x.text for x in cell) for cell in row] for row in table_rows(found, some)]
    assert cells == [["a b", "c"], ["far", "d"]]
    text = to_mmd(TextBlock(layout=found, lines=tuple(some)))
    assert text == (
        "\\begin{tabular}{|l|l|}\n\\hline\na b & c \\\\\n\\hline\nfar & d \\\\\n\\hline\n"
        "\\end{tabular}"
    )


def test_rows_that_the_grid_took_for_one_are_divided() -> None:
    """Where cells hold as many numbers under each other; other cells of several lines stay."""
    found = LayoutBox(
        box=Box(0, 0, 300, 40), kind="table", rows=(0, 40), columns=(0, 100, 200, 300)
    )
    some = [line("one", y=12), line("two", y=24)]
    some += [line("0.938", x=110, y=12), line("0.952", x=110, y=24)]
    some += [line("(3.5)", x=210, y=12.4), line("$ 7", x=210, y=24)]
    assert to_mmd(TextBlock(layout=found, lines=tuple(some))).count(r"\\") == 2
    assert to_mmd(TextBlock(layout=found, lines=tuple(some[:4]))).count(r"\\") == 1


def test_accents_are_put_on_their_letters() -> None:
    """Old fonts set them apart; those that fit nothing stay. What counts is the letter's style."""
    for apart, composed in [
        ("J\u00b4an Min\u00b4a\u02c7c", "Ján Mináč"),
        ("na\u00a8\u0131ve", "na\u00efve"),
        ("\u00b4x 5\u00b4", "\u00b4x 5\u00b4"),
    ]:
        assert compose_accents(StyledText(apart)) == StyledText(composed)
    bold = Style(bold=True)
    styled = StyledText("\u00b4ab", (PLAIN, bold, PLAIN))
    assert compose_accents(styled) == StyledText("áb", (bold, PLAIN))


def test_a_table_without_a_grid_keeps_its_rows() -> None:
    """Row by row, in the order of reading."""
    found = LayoutBox(box=Box(0, 0, 100, 40), kind="table")
    some = (line("b", x=50, y=10), line("a", x=0, y=10.5), line("c", x=0, y=30))
    assert to_mmd(TextBlock(layout=found, lines=some)) == "a b\\\\\nc"


GOOD = "The quick brown fox jumps over the lazy dog while nobody watches it. " * 3
SHIFTED = GOOD.translate(str.maketrans("aeiouhrtnsl", "zxqvwjkbcdf"))

VERDICTS = {
    "prose": (GOOD, QualitySignals(), ""),
    "one word": ("Hi", QualitySignals(), ""),
    "numbers": ("12.5 | 13.7 | 99 " * 20, QualitySignals(), ""),
    "dot leaders": ("Chapter one . . . . . . . . . . . 3 " * 20, QualitySignals(), ""),
    "Greek": ("αβγδ εζηθ ικλμ νξοπ ρστυ " * 5, QualitySignals(), ""),
    "abbreviations": ("HTTP GMBH XHTML NVMRC KDTR " * 5, QualitySignals(), ""),
    "nothing": ("", QualitySignals(), "no text"),
    "replacement characters": ("ab\ufffd\ufffd c\ufffd", QualitySignals(), "unreadable"),
    "private use": ("\ue001\ue002 \ue003", QualitySignals(), "unreadable"),
    "bullets of symbol fonts": ("\uf0b7 one", QualitySignals(), ""),
    "character codes": ("(cid:12)(cid:13) x", QualitySignals(), "unreadable"),
    "a shifted font": (SHIFTED, QualitySignals(), "no words"),
    "signs": ("#$ %& *+ ]^ @! " * 8, QualitySignals(), "few letters"),
    "off the page": (GOOD, QualitySignals(outside=0.9), "outside"),
    "under a scan": (GOOD, QualitySignals(covered=0.9, hidden=0.9), "under a picture"),
    "under a stamp that lets it through": (GOOD, QualitySignals(covered=0.9), ""),
    "hidden": (GOOD, QualitySignals(hidden=0.9), "invisible"),
    "a scan": (GOOD, QualitySignals(scanned=True), "picture of text"),
    "outlines": (GOOD, QualitySignals(ink=InkCoverage(in_words=0.1, bare=0.05)), "drawn, not text"),
    "plain": (GOOD, QualitySignals(ink=InkCoverage(in_words=0.95, bare=0.05)), ""),
    "a rule": (GOOD, QualitySignals(ink=InkCoverage(in_words=0.2, bare=0.001)), ""),
    "a rule like a scan": (
        GOOD,
        QualitySignals(scanned=True, ink=InkCoverage(in_words=1, bare=0)),
        "",
    ),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_a_page_is_judged_by_its_text(case: str) -> None:
    """The reason says in words what is wrong; good text has none."""
    text, signals, words = VERDICTS[case]
    quality = assess_quality([line(text)] if text else [], signals)
    assert (words in quality.reason) if words else (quality.reason == "")
    assert quality.good is (not words)


def test_lines_are_cut_to_the_page() -> None:
    """Words whose middle is off the page are counted and left out; others are clipped."""
    kept, outside = clip_lines([line("in", x=-4), line("off out", y=-90)], (100, 100))
    assert [word.text for each in kept for word in each.words] == ["in"]
    assert kept[0].box.x0 == 0
    assert outside == pytest.approx(2 / 3)
    assert clip_lines([], (100, 100)) == ([], 0.0)


def test_text_under_a_picture_is_noticed() -> None:
    """Only where the picture is large, and painted later."""
    text, scan = ("fill-text", Box(10, 10, 50, 20)), ("fill-image", Box(0, 0, 100, 100))
    assert covered_fraction([text, scan], (100, 100)) == 1
    assert covered_fraction([scan, text], (100, 100)) == 0
    assert covered_fraction([text, ("fill-image", Box(0, 0, 40, 40))], (100, 100)) == 0
    assert covered_fraction([], (100, 100)) == 0


def test_a_page_with_too_much_text_is_read_paragraph_by_paragraph() -> None:
    """Each is one line; pictures are none."""
    blocks = [(0, 0, 9, 9, "a\nb ", 0, 0), (0, 0, 9, 9, "<image>", 1, 1), (0, 0, 9, 9, " ", 2, 0)]
    assert [each.text for each in simplified_lines(blocks)] == ["a b"]


def test_order_survives_many_columns() -> None:
    """A grid of boxes is read column by column."""
    grid = [Box(x * 20, y * 20, x * 20 + 15, y * 20 + 15) for x in range(4) for y in range(5)]
    order = reading_order(grid)
    assert all(a < b for a, b in pairwise(order))
