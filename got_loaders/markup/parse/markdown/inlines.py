"""Characters to what stands in a line: text, the formulas in it, marks of footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import got_loaders.markup.nodes as nodes
from got_loaders._characters import clean_text
from got_loaders.markup.parse.block_builder import BlockBuilder
from got_loaders.markup.parse.environments import LABEL
from got_loaders.markup.parse.inline_formulas import inline_formula
from got_loaders.markup.parse.markdown.shield import MARK, Shielded, ShieldedPart
from got_loaders.markup.parse.parser import parse
from got_loaders.markup.parse.styles import apply_style
from got_loaders.markup.parse.text_formulas import display_block
from got_loaders.markup.parse.text_in_formulas import split_dollars
from got_loaders.markup.parse.trivial_math import strip_math

__all__ = ["add_text", "footnotes"]

_FOOTNOTE_MARK = re.compile(r"\[\^([\w*†‡§.-]{1,20})\](?!:)")
_FOOTNOTE = re.compile(r"[ \t]*\[\^([\w*†‡§.-]{1,20})\]:[ \t]*")
_AFTER_CHARS = 8


def add_text(builder: BlockBuilder, text: str, shielded: Shielded, *, in_cell: bool) -> None:
    """Add characters to a line; formulas that stand alone become blocks of their own.

    ``in_cell``: of a table of Markdown, where a bar of a formula stands after a backslash.
    """
    done = 0
    for mark in MARK.finditer(text):
        _add_plain(builder, text[done : mark.start()])
        done = mark.end()
        part = shielded.part(mark)
        if part is None:
            continue
        if part.kind == "text":
            builder.add(nodes.Text(part.text))
        elif part.kind in ("inline", "display"):
            before = text[max(0, mark.start() - 1) : mark.start()]
            after = text[done : done + _AFTER_CHARS]
            _add_formula(builder, part, before, after, in_cell=in_cell)
        else:
            builder.add_blocks(*parse(part.source))
    _add_plain(builder, text[done:])


def _formula_tex(part: ShieldedPart, *, in_cell: bool = False) -> str:
    """A formula as the writers know it, without labels, blanks around it, dollars in its texts."""
    tex = part.text.replace(r"\|", "|") if in_cell else part.text
    return split_dollars(strip_math(LABEL.sub("", clean_text(tex))))


def footnotes(paragraph: nodes.Paragraph) -> Iterator[nodes.Block]:
    """A paragraph, or the notes that its lines are: ``[^1]: See there``."""
    first = paragraph.content[0]
    if not isinstance(first, nodes.Text) or not _FOOTNOTE.match(first.text):
        yield paragraph
        return
    note: list[nodes.Inline] = []
    for item in paragraph.content:
        if not isinstance(item, nodes.Text):
            note.append(item)
            continue
        for line in item.text.splitlines(keepends=True):
            if (match := _FOOTNOTE.match(line)) is None:
                note.append(nodes.Text(line))
                continue
            if note:
                yield nodes.Footnote(tuple(note))
            mark = apply_style("superscript", (nodes.Text(match[1]),))
            note = [*mark, nodes.Text(" "), nodes.Text(line[match.end() :])]
    yield nodes.Footnote(tuple(note))


def _add_plain(builder: BlockBuilder, text: str) -> None:
    text = clean_text(text)  # what stood as an entity was not seen before
    done = 0
    for mark in _FOOTNOTE_MARK.finditer(text):
        builder.add(nodes.Text(text[done : mark.start()]))
        builder.add(*apply_style("superscript", (nodes.Text(mark[1]),)))
        done = mark.end()
    if done < len(text):
        builder.add(nodes.Text(text[done:]))


def _add_formula(
    builder: BlockBuilder, part: ShieldedPart, before: str, after: str, *, in_cell: bool
) -> None:
    tex = _formula_tex(part, in_cell=in_cell)
    if part.kind == "display" and tex:
        builder.add_blocks(display_block(tex))
    elif tex:
        builder.add(*inline_formula(tex, before, after))
