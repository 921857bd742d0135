"""Writes the blocks of a formatted reading as plain text."""

from __future__ import annotations

from got_loaders.markup.blocks import Block, Display, Heading, Paragraph, Table, blocks
from got_loaders.markup.inline import plain, runs, unbroken

__all__ = ["to_text"]


def to_text(text: str) -> str:
    """The model's formatted reading without its mark-up.

    Formulas keep what stands between their delimiters, cells are separated by tabs, and LaTeX
    that is not understood is kept as it is.
    """
    return "\n\n".join(filter(None, map(_block, blocks(text))))


def _block(block: Block) -> str:
    match block:
        case Heading(text, _):
            return unbroken(_inline(text))
        case Paragraph(text):
            return _inline(text).strip()
        case Display(tex):
            return tex.strip()
        case Table(rows):
            return "\n".join("\t".join(unbroken(_inline(cell)) for cell in row) for row in rows)
        case _:
            return block.tex


def _inline(text: str) -> str:
    return "".join(plain(part) if kind == "text" else part.strip() for kind, part in runs(text))
