r"""Writes the blocks of a formatted reading as a fragment of HTML.

Every character of the reading is escaped; there are no links, scripts, styles or addresses, so
that nothing the model wrote can act. Formulas are ``\( … \)`` in ``<span class="math …">``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

import got_loaders.markup.nodes as nodes
from got_loaders._characters import clean_text
from got_loaders.markup.image_label import image_label
from got_loaders.markup.parse.languages import Language, parse_reading
from got_loaders.markup.parse.table_grid import row_cells
from got_loaders.markup.parse.trivial_math import collapse_spaces, wrap_aligned
from got_loaders.markup.write.neutralize import neutralize

__all__ = ["escape_html", "html_table", "to_html"]

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
    return _blocks(parse_reading(text, language))


def escape_html(text: str) -> str:
    """``text`` so that HTML shows it as it is; lines stay lines of the source."""
    return escape(clean_text(text))


def html_table(table: nodes.Table) -> str:
    """A table with its real spans; no blank line in it, which would end it in Markdown."""
    lines = ["<table>"]
    for number, row in enumerate(row_cells(table)):
        tag = "td" if number else "th"
        lines.append("<tr>" + "".join(_cell(cell, tag) for cell in row) + "</tr>")
    return "\n".join([*lines, "</table>"])


def _blocks(blocks: Iterable[nodes.Block]) -> str:
    return "\n".join(filter(None, map(_block, blocks)))


def _block(block: nodes.Block) -> str:
    match block:
        case nodes.Heading(content, level, _):
            return f"<h{level}>{collapse_spaces(_inline(content, ' '))}</h{level}>"
        case nodes.DisplayMath(tex, environment):
            math = _math(wrap_aligned(tex, environment))
            return rf'<p><span class="math display">\[{math}\]</span></p>'
        case nodes.Table():
            return html_table(block)
        case nodes.CodeBlock(text, language):
            attribute = _class(f"language-{language}" if language else "")
            return f"<pre><code{attribute}>{escape(text)}</code></pre>"
        case nodes.ListBlock():
            return _list(block)
        case nodes.Abstract(blocks):
            head = "<p><strong>Abstract</strong></p>\n" if block.needs_heading else ""
            return f'<section class="abstract">\n{head}{_blocks(blocks)}\n</section>'
        case nodes.Float(_, blocks):
            return f"<figure>\n{_blocks(blocks)}\n</figure>"
        case nodes.Image(path):
            return f'<p class="image">{escape(image_label(path))}</p>'
        case _:
            return f"<p{_class(_CLASSES.get(type(block), ''))}>{_inline(block.content)}</p>"


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _list(block: nodes.ListBlock) -> str:
    tag = _LISTS[block.kind]
    start = f' start="{block.start}"' if tag == "ol" and block.start != 1 else ""
    items = "\n".join(_description(item) if tag == "dl" else _item(item) for item in block.items)
    return f"<{tag}{start}>\n{items}\n</{tag}>"


def _item(item: nodes.Item) -> str:
    return f"<li>{_body(item.labeled_blocks())}</li>"


def _description(item: nodes.Item) -> str:
    term = f"<dt>{_inline(item.label, ' ')}</dt>" if item.label else ""
    body = f"<dd>{_body(item.blocks)}</dd>" if item.blocks else ""
    return "\n".join(filter(None, [term, body]))


def _body(blocks: tuple[nodes.Block, ...]) -> str:
    """The only paragraph without its tags; blocks on lines of their own."""
    if not blocks or not isinstance(blocks[0], nodes.Paragraph):
        return _blocks(blocks)
    return "\n".join(filter(None, [_inline(blocks[0].content), _blocks(blocks[1:])]))


def _cell(cell: nodes.Cell, tag: str) -> str:
    rows = f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
    columns = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    return f"<{tag}{rows}{columns}>{collapse_spaces(_inline(cell.content, '<br>'))}</{tag}>"


def _inline(content: nodes.Inlines, line_break: str = "<br>\n") -> str:
    parts: list[str] = []
    for item in content:
        match item:
            case nodes.Text(text):
                parts.append(escape(text))
            case nodes.InlineMath(tex):
                parts.append(rf'<span class="math inline">\({_math(tex)}\)</span>')
            case nodes.Code(text, _):
                parts.append(f"<code>{escape(collapse_spaces(text))}</code>")
            case nodes.LineBreak():
                parts.append(line_break)
            case nodes.InlineFootnote(inner):
                parts.append(f' <span class="footnote">({_inline(inner, " ")})</span>')
            case _:
                tag = _TAGS[type(item)]
                parts.append(f"<{tag}>{_inline(item.content, line_break)}</{tag}>")
    return "".join(parts)


def _math(tex: str) -> str:
    """A formula in which ``$`` and ``%`` are characters: they would end it or hide its end."""
    tex = neutralize(collapse_spaces(tex))
    return escape(_DELIMITERS.sub(lambda match: match[1] or "\\" + match[0], tex))
