r"""Writes the blocks of a formatted reading as a fragment of HTML.

Every character of the reading is escaped; there are no links, scripts, styles or addresses, so
that nothing the model wrote can act. Formulas are ``\( … \)`` in ``<span class="math …">``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

import got_loaders.markup.nodes as nodes
from got_loaders._characters import clean_text
from got_loaders.markup.image_label import image_label
from got_loaders.markup.parse.languages import Language, parse_reading
from got_loaders.markup.parse.table_grid import row_cells
from got_loaders.markup.parse.trivial_math import collapse_spaces, wrap_aligned
from got_loaders.markup.write.neutralize import neutralize

__all__ = [
    "HtmlWriter", "code_block", "escape_html", "html_table", "inline_code", "to_html",
]  # fmt: skip

_CLASSES = {nodes.Author: "author", nodes.Caption: "caption", nodes.Footnote: "footnote"}
_TAGS = {
    nodes.Bold: "strong", nodes.Italic: "em", nodes.Underline: "u", nodes.Superscript: "sup",
    nodes.Subscript: "sub",
}  # fmt: skip
_DELIMITERS = re.compile(r"(\\.)|[$%]", re.DOTALL)
_LISTS = {"itemize": "ul", "enumerate": "ol", "description": "dl"}


def to_html(text: str, *, language: Language = "mathpix") -> str:
    """The model's formatted reading as a fragment of HTML, a block on each line or more.

    ``language`` is what it is written in.
    """
    return HtmlWriter().blocks(parse_reading(text, language))


def escape_html(text: str) -> str:
    """``text`` so that HTML shows it as it is; lines stay lines of the source."""
    return escape(clean_text(text))


def html_table(table: nodes.Table) -> str:
    """A table with its real spans; no blank line in it, which would end it in Markdown."""
    return HtmlWriter().table(table)


def code_block(text: str, language: str) -> str:
    """Lines of code as they are."""
    attribute = _class(f"language-{language}" if language else "")
    return f"<pre><code{attribute}>{escape(text)}</code></pre>"


def inline_code(text: str, _: str = "") -> str:
    """Code within a line, on one line."""
    return f"<code>{escape(collapse_spaces(text))}</code>"


def _inline_math(tex: str) -> str:
    return rf'<span class="math inline">\({_math(tex)}\)</span>'


def _display_math(tex: str, environment: str) -> str:
    math = _math(wrap_aligned(tex, environment))
    return rf'<p><span class="math display">\[{math}\]</span></p>'


def _math(tex: str) -> str:
    """A formula in which ``$`` and ``%`` are characters: they would end it or hide its end."""
    tex = neutralize(collapse_spaces(tex))
    return escape(_DELIMITERS.sub(lambda match: match[1] or "\\" + match[0], tex))


@dataclass(frozen=True, slots=True)
class HtmlWriter:
    """Writes a tree as HTML; formulas and code by the functions that are given.

    ``inline_math`` gets a formula's TeX, ``display_math`` the environment of its lines, too;
    ``inline_code`` and ``code_block`` get a text and its language (``""`` unknown). Each answers
    with elements in which nothing is left to escape.
    """

    inline_math: Callable[[str], str] = _inline_math
    display_math: Callable[[str, str], str] = _display_math
    inline_code: Callable[[str, str], str] = inline_code
    code_block: Callable[[str, str], str] = code_block

    def blocks(self, blocks: Iterable[nodes.Block]) -> str:
        return "\n".join(filter(None, map(self._block, blocks)))

    def table(self, table: nodes.Table) -> str:
        lines = ["<table>"]
        for number, row in enumerate(row_cells(table)):
            tag = "td" if number else "th"
            lines.append("<tr>" + "".join(self._cell(cell, tag) for cell in row) + "</tr>")
        return "\n".join([*lines, "</table>"])

    def _block(self, block: nodes.Block) -> str:
        match block:
            case nodes.Heading(content, level, _):
                return f"<h{level}>{collapse_spaces(self._inline(content, ' '))}</h{level}>"
            case nodes.DisplayMath(tex, environment):
                return self.display_math(tex, environment)
            case nodes.Table():
                return self.table(block)
            case nodes.CodeBlock(text, language):
                return self.code_block(text, language)
            case nodes.ListBlock():
                return self._list(block)
            case nodes.Abstract(blocks):
                head = "<p><strong>Abstract</strong></p>\n" if block.needs_heading else ""
                return f'<section class="abstract">\n{head}{self.blocks(blocks)}\n</section>'
            case nodes.Float(_, blocks):
                return f"<figure>\n{self.blocks(blocks)}\n</figure>"
            case nodes.Image(path):
                return f'<p class="image">{escape(image_label(path))}</p>'
            case _:
                attribute = _class(_CLASSES.get(type(block), ""))
                return f"<p{attribute}>{self._inline(block.content)}</p>"

    def _list(self, block: nodes.ListBlock) -> str:
        tag = _LISTS[block.kind]
        start = f' start="{block.start}"' if tag == "ol" and block.start != 1 else ""
        write = self._description if tag == "dl" else self._item
        items = "\n".join(map(write, block.items))
        return f"<{tag}{start}>\n{items}\n</{tag}>"

    def _item(self, item: nodes.Item) -> str:
        return f"<li>{self._body(item.labeled_blocks())}</li>"

    def _description(self, item: nodes.Item) -> str:
        term = f"<dt>{self._inline(item.label, ' ')}</dt>" if item.label else ""
        body = f"<dd>{self._body(item.blocks)}</dd>" if item.blocks else ""
        return "\n".join(filter(None, [term, body]))

    def _body(self, blocks: tuple[nodes.Block, ...]) -> str:
        """The only paragraph without its tags; blocks on lines of their own."""
        if not blocks or not isinstance(blocks[0], nodes.Paragraph):
            return self.blocks(blocks)
        first, others = self._inline(blocks[0].content), self.blocks(blocks[1:])
        return "\n".join(filter(None, [first, others]))

    def _cell(self, cell: nodes.Cell, tag: str) -> str:
        rows = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
        columns = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
        content = collapse_spaces(self._inline(cell.content, "<br>"))
        return f"<{tag}{rows}{columns}>{content}</{tag}>"

    def _inline(self, content: nodes.Inlines, line_break: str = "<br>\n") -> str:
        parts: list[str] = []
        for item in content:
            match item:
                case nodes.Text(text):
                    parts.append(escape(text))
                case nodes.InlineMath(tex):
                    parts.append(self.inline_math(tex))
                case nodes.Code(text, language):
                    parts.append(self.inline_code(text, language))
                case nodes.LineBreak():
                    parts.append(line_break)
                case nodes.InlineFootnote(inner):
                    parts.append(f' <span class="footnote">({self._inline(inner, " ")})</span>')
                case _:
                    tag = _TAGS[type(item)]
                    parts.append(f"<{tag}>{self._inline(item.content, line_break)}</{tag}>")
        return "".join(parts)


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
