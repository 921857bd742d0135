r"""What a reader of Markdown sees: CommonMark, GFM tables and strikethrough, maths in dollars.

An examiner of its own: it parses with markdown-it, to which it adds formulas, and knows nothing
of the code under test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

__all__ = ["Structure", "html_of_a_reader_without_maths", "read"]

_CLOSE = {"$": re.compile(r"(?:[^\\$]|\\.)*\$", re.DOTALL)}
_CLOSE["$$"] = re.compile(r"(?:[^\\$]|\\.|\$(?!\$))*\$\$", re.DOTALL)


@dataclass(slots=True)
class Structure:
    """The mark-up that was found, in order."""

    headings: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    stray_dollars: list[str] = field(default_factory=list)
    shown: str = ""


def read(markdown: str) -> Structure:
    """The structure of a Markdown text, as a reader with formulas shows it."""
    found = Structure()
    shown: list[str] = []
    lists: list[str] = []
    first_in_item = False
    previous = ""
    for token in _PARSER.parse(markdown):
        match token.type:
            case "inline":
                line = _line(token, found)
                shown.append(line.replace("\n", " "))
                if previous == "heading_open":
                    found.headings[-1] += line
                elif previous in ("th_open", "td_open"):
                    found.tables[-1][-1].append(line)
                elif lists and first_in_item:
                    found.items.append("  " * (len(lists) - 1) + lists[-1] + line)
                    first_in_item = False
            case "heading_open":
                found.headings.append(f"{token.tag[1]} ")
            case "table_open":
                found.tables.append([])
            case "tr_open":
                found.tables[-1].append([])
            case "bullet_list_open" | "ordered_list_open":
                lists.append("- " if token.type == "bullet_list_open" else "1. ")
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                first_in_item = True
            case "fence" | "code_block":
                found.code.append(
                    (token.info or "(none)") if token.type == "fence" else "(indented)"
                )
                shown.append(token.content)
            case "html_block":
                found.html.append(token.content)
                shown.append(re.sub(r"<[^>]*>", " ", token.content))
            case "hr" | "blockquote_open":
                found.others.append(token.type)
        previous = token.type
    found.shown = "\n".join(shown)
    return found


def html_of_a_reader_without_maths(markdown: str) -> list[str]:
    """The HTML, links and images that a CommonMark reader sees who does not know formulas."""
    tokens = [
        child for token in _PLAIN.parse(markdown) for child in (token, *(token.children or ()))
    ]
    kinds = ("html_block", "html_inline", "link_open", "image")
    return [t.content or t.type for t in tokens if t.type in kinds]


def _line(token: Token, found: Structure) -> str:
    """The text of a line or a cell, its formulas in dollars, a `<br>` as a line end."""
    parts: list[str] = []
    for child in token.children or ():
        match child.type:
            case "maths":
                found.formulas.append(child.content)
                parts.append(child.content)
            case "text":
                if "$" in child.content:
                    found.stray_dollars.append(token.content)
                parts.append(child.content)
            case "text_special":
                parts.append(child.content)
            case "softbreak" | "hardbreak":
                parts.append(" ")
            case "html_inline":
                if child.content in ("<br>", "<br/>", "<br />"):
                    parts.append("\n")
                else:
                    found.html.append(child.content)
            case "code_inline":
                parts.append(child.content)
            case "link_open" | "image":
                found.others.append(child.type)
    return "".join(parts)


def _formula(state: StateInline, silent: bool) -> bool:
    """Formulas: `$…$` without a blank inside its dollars, `$$…$$`."""
    if state.src[state.pos] != "$":
        return False
    delimiter = "$$" if state.src.startswith("$$", state.pos) else "$"
    start = state.pos + len(delimiter)
    close = _CLOSE[delimiter].match(state.src, start)
    if close is None:
        return False
    inner = state.src[start : close.end() - len(delimiter)]
    if not inner.strip() or (
        delimiter == "$" and inner.strip() != inner and not inner.endswith("\\ ")
    ):
        return False
    if not silent:
        maths = state.push("maths", "", 0)
        maths.content = delimiter + " ".join(inner.split()) + delimiter
    state.pos = close.end()
    return True


_PLAIN = MarkdownIt("commonmark", {"maxNesting": 500}).enable(["table", "strikethrough"])
_PARSER = (
    MarkdownIt("commonmark", {"maxNesting": 500})
    .enable(["table", "strikethrough"])
    .disable("text_join")
)
_PARSER.inline.ruler.before("escape", "maths", _formula)
