"""Characters that nobody sees, in a page's own text."""

from __future__ import annotations

from got_loaders.pages.text_layer.assign_lines import LayoutBox, TextBlock
from got_loaders.pages.text_layer.mupdf_page import clip_lines
from got_loaders.pages.text_layer.to_mmd import to_mmd
from got_loaders.pages.text_layer.words import Line, Word
from got_loaders.types import Box

ROW = Box(10, 10, 90, 20)


def line(*texts: str) -> Line:
    """A line of fixed width on a page of 100 by 100 points."""
    return Line(words=tuple(Word(text, ROW) for text in texts), mono=True)


def test_they_are_gone_before_the_text_is_looked_at() -> None:
    """No word has one, and a word of nothing else is none."""
    lines, outside = clip_lines([line("a\x01b", "\u202e", "c\ufeff"), line("\x7f")], (100, 100))
    assert [each.text for each in lines] == ["ab c"]
    assert outside == 0


def test_code_is_not_ended_by_an_end_that_one_hides() -> None:
    """Rows of code that say where code ends are no code, whatever stands between the letters."""
    end, _ = clip_lines([line("\\en\x01d{verbatim}"), line("x")], (100, 100))
    block = TextBlock(layout=LayoutBox(box=ROW), lines=tuple(end))
    assert to_mmd(block) == r"\textbackslash{}end\{verbatim\} x"
