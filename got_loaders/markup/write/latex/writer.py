r"""Writes the blocks of a formatted reading as LaTeX that compiles: a fragment or a document.

Nothing the model wrote is passed on as it is but formulas, repaired, and TikZ pictures that are
balanced and do no more than draw. Sections are starred: their numbers stand in their texts.
"""

from __future__ import annotations

from collections.abc import Iterable

import got_loaders.markup.nodes as nodes
from got_loaders.markup.image_label import image_label
from got_loaders.markup.parse.languages import Language, parse_reading
from got_loaders.markup.write.latex.document import wrap_document
from got_loaders.markup.write.latex.escape import shown_text
from got_loaders.markup.write.latex.inline import (
    display_math,
    inline_latex,
    on_one_line,
    protect_brackets,
)
from got_loaders.markup.write.latex.table import latex_table
from got_loaders.markup.write.latex.verbatim import verbatim

__all__ = ["to_latex"]

_MAX_LIST_DEPTH = 4
"""Lists within each other that LaTeX's article has marks for; deeper items are paragraphs."""
_SECTIONS = {1: "section", 2: "section", 3: "subsection", 4: "subsubsection", 5: "paragraph"}


def to_latex(text: str, *, document: bool = False, language: Language = "mathpix") -> str:
    r"""The model's formatted reading as LaTeX, with its environments and braces in balance.

    The first ``\title`` stays one, with the ``\author`` that follows it; later ones (each page
    may have its own) are sections. With ``document=True`` a whole document, for XeLaTeX or
    LuaLaTeX, with the packages that it needs and its title made. ``language`` is what the reading
    is written in.
    """
    blocks = parse_reading(text, language)
    titles = (n for n, b in enumerate(blocks) if isinstance(b, nodes.Heading) and b.title)
    start = next(titles, len(blocks))
    end = start + 1
    if isinstance(next(iter(blocks[end:]), None), nodes.Author):
        end += 1
    title = list(map(_title, blocks[start:end]))
    if document and title:
        title.append("\\date{}\n\\maketitle")
    before, after = (map(_top_block, part) for part in (blocks[:start], blocks[end:]))
    body = "\n\n".join(filter(None, [*before, *title, *after]))
    return wrap_document(body) if document else body


def _title(block: nodes.Block) -> str:
    match block:
        case nodes.Heading(content, _, _):
            return f"\\title{{{on_one_line(content)}}}"
        case nodes.Author(content):
            return f"\\author{{{protect_brackets(inline_latex(content))}}}"
        case _:
            raise AssertionError(block)


def _blocks(blocks: Iterable[nodes.Block], depth: int = 0) -> str:
    return "\n\n".join(filter(None, (_block(block, depth) for block in blocks)))


def _block(block: nodes.Block, depth: int = 0) -> str:
    match block:
        case nodes.Heading(content, level, _):
            return f"\\{_SECTIONS.get(level, 'subparagraph')}*{{{on_one_line(content)}}}"
        case nodes.DisplayMath(tex, environment):
            return display_math(tex, environment)
        case nodes.Table():
            return latex_table(block)
        case nodes.CodeBlock(text, language):
            return verbatim(text, language)
        case nodes.ListBlock():
            return _list(block, depth + 1)
        case nodes.Abstract(blocks):
            return f"\\begin{{abstract}}\n{_blocks(blocks, depth)}\n\\end{{abstract}}"
        case nodes.Float(_, blocks):
            return _blocks(blocks, depth)
        case nodes.Image(path):
            return f"\\fbox{{{shown_text(image_label(path))}}}"
        case nodes.Footnote(content):
            return f"\\footnotetext{{{on_one_line(content)}}}"
        case _:
            return protect_brackets(inline_latex(block.content, notes=True))


def _top_block(block: nodes.Block) -> str:
    """A block that stands in nothing else: only there may a table or a figure float."""
    if not isinstance(block, nodes.Float):
        return _block(block)
    parts = (
        f"\\caption{{{on_one_line(b.content)}}}" if isinstance(b, nodes.Caption) else _block(b)
        for b in block.blocks
    )
    body = "\n\n".join(filter(None, parts))
    return f"\\begin{{{block.kind}}}[ht]\n{body}\n\\end{{{block.kind}}}"


def _list(block: nodes.ListBlock, depth: int) -> str:
    items = [_item(item, depth) for item in block.items]
    if block.kind == "enumerate" and block.start > 1:
        items = [(f"{number}.", text) for number, (_, text) in enumerate(items, block.start)]
    if depth > _MAX_LIST_DEPTH:
        return "\n\n".join(f"\\textbullet{{}} {label} {text}" for label, text in items)
    lines = (f"\\item{f'[{{{label}}}]' if label else ''} {text}".rstrip() for label, text in items)
    return "\n".join([f"\\begin{{{block.kind}}}", *lines, f"\\end{{{block.kind}}}"])


def _item(item: nodes.Item, depth: int) -> tuple[str, str]:
    """Its label and its text."""
    return on_one_line(item.label), protect_brackets(_blocks(item.blocks, depth), start=True)
