"""Makes words whole that the end of a column divides. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from got_loaders.pages.text_layer.assign_lines import TextBlock
from got_loaders.pages.text_layer.hyphens import KnownWords, ends_in_hyphen, join_lines
from got_loaders.pages.text_layer.paragraphs import rows
from got_loaders.pages.text_layer.styled_text import StyledText
from got_loaders.pages.text_layer.words import Line


def join_divided_words(blocks: Sequence[TextBlock], known: KnownWords) -> list[TextBlock]:
    """The blocks, with what a hyphen at the end of one divides put into it from the next one.

    Places stay those of the blocks that came in.
    """
    joined = list(blocks)
    last: int | None = None
    for n, block in enumerate(blocks):
        if block.kind != "text" or not block.lines:
            continue
        if last is not None and _is_elsewhere(blocks[last], block):
            joined[last], joined[n] = _join(joined[last], joined[n], known)
        last = n
    return joined


def _is_elsewhere(above: TextBlock, below: TextBlock) -> bool:
    """Whether a paragraph may go on in another column, in letters of its size."""
    a, b = above.lines[-1], below.lines[0]
    same = abs(a.size - b.size) < 0.1 * a.size and not (a.mono or b.mono or a.angle or b.angle)
    return same and below.box.y0 < above.box.y1 and below.box.x0 > above.box.x0


def _join(above: TextBlock, below: TextBlock, known: KnownWords) -> tuple[TextBlock, TextBlock]:
    end, start = rows(above.lines)[-1][-1], rows(below.lines)[0][0]
    before, after = end.words[-1], start.words[0]
    gap, drops = join_lines(end.text, start.text, known)
    divided = ends_in_hyphen(end.text) and after.text[:1].islower() and not gap
    if not divided or len(start.words) < 2:
        return above, below
    head = StyledText(before.text, before.styles)
    word = (head[:-1] if drops else head) + StyledText(after.text, after.styles)
    whole = before._replace(text=word.text, styles=word.styles)
    longer = replace(end, words=(*end.words[:-1], whole))
    shorter = replace(start, words=start.words[1:])
    return _with_line(above, end, longer), _with_line(below, start, shorter)


def _with_line(block: TextBlock, old: Line, new: Line) -> TextBlock:
    return replace(block, lines=tuple(new if line is old else line for line in block.lines))
