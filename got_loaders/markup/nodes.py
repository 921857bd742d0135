"""What a reading consists of, whatever it is written as: blocks, and what stands in their lines.

Frozen values between the parser and the writers. They know neither LaTeX nor any output.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Abstract", "Author", "Block", "Bold", "Caption", "Cell", "Code", "CodeBlock", "DisplayMath",
    "Float", "Footnote", "Heading", "Image", "Inline", "InlineFootnote", "InlineMath", "Inlines",
    "Italic", "Item", "LineBreak", "ListBlock", "Paragraph", "Subscript", "Superscript", "Table",
    "Text", "Underline", "plain_text",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that stand for themselves."""

    text: str


@dataclass(frozen=True, slots=True)
class InlineMath:
    """A formula within a line, as the model wrote it, without its delimiters."""

    tex: str


@dataclass(frozen=True, slots=True)
class Code:
    """Characters of a fixed width, or of a language of their own such as ``smiles``."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line ends here."""


@dataclass(frozen=True, slots=True)
class Bold:
    """Bold type."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Italic:
    """Italic, slanted or emphasised type."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Underline:
    """Underlined type."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Superscript:
    """Letters above the line; what has a character of its own (``²``) is Text."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Subscript:
    """Letters below the line."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class InlineFootnote:
    """A footnote, where its mark stands."""

    content: Inlines


Inline = (
    Text | InlineMath | Code | LineBreak | Bold | Italic | Underline | Superscript | Subscript
    | InlineFootnote
)  # fmt: skip
Inlines = tuple[Inline, ...]
"""What stands in a line, or in the lines of a paragraph."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Heading:
    """A title or a chapter (level 1), a section (2) and deeper ones (to 6)."""

    content: Inlines
    level: int
    title: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """Those who wrote it, in lines."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class DisplayMath:
    """A formula that stands alone; ``environment`` is ``align`` or ``gather``, or empty."""

    tex: str
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Abstract:
    """What stands in an abstract."""

    blocks: tuple[Block, ...]

    @property
    def needs_heading(self) -> bool:
        """Whether it does not call itself an abstract."""
        first = self.blocks[0] if self.blocks else None
        if not isinstance(first, Paragraph | Heading):
            return True
        return not plain_text(first.content[:2]).lstrip().casefold().startswith("abstract")


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said of a table or a figure."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Footnote:
    """A note that stands by itself."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that the reading names."""

    path: str


@dataclass(frozen=True, slots=True)
class Float:
    """A table or a figure with its caption."""

    kind: Literal["table", "figure"]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines that are kept as they are, and their language (``""`` unknown)."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list."""

    blocks: tuple[Block, ...]
    label: Inlines = ()

    def labeled_blocks(self, *, bold: bool = False) -> tuple[Block, ...]:
        """Its blocks with its label in front."""
        if not self.label:
            return self.blocks
        label: Inlines = (Bold(self.label),) if bold else self.label
        if self.blocks and isinstance(self.blocks[0], Paragraph):
            first = Paragraph((*label, Text(" "), *self.blocks[0].content))
            return (first, *self.blocks[1:])
        return (Paragraph(label), *self.blocks)


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list; ``start`` is the first number of a numbered one, whose items have no labels."""

    kind: Literal["itemize", "enumerate", "description"]
    items: tuple[Item, ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, where it starts, and how far it reaches."""

    content: Inlines
    column: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the cells that start in them; those that others cover are left out.

    ``alignments`` has one of ``lcr`` for each column that has one. A table that is not
    ``regular`` has rows of very different lengths: no writer may fill them up, since the table
    could grow beyond all measure.
    """

    rows: tuple[tuple[Cell, ...], ...]
    width: int
    alignments: str = ""
    regular: bool = True


Block = (
    Paragraph | Heading | Author | DisplayMath | Abstract | Caption | Footnote | Image | Float
    | CodeBlock | ListBlock | Table
)  # fmt: skip


def plain_text(content: Inlines) -> str:
    """The characters of a line, without any mark-up."""
    parts: list[str] = []
    for inline in content:
        match inline:
            case Text(text) | Code(text, _):
                parts.append(text)
            case InlineMath(tex):
                parts.append(tex)
            case LineBreak():
                parts.append("\n")
            case _:
                parts.append(plain_text(inline.content))
    return "".join(parts)
