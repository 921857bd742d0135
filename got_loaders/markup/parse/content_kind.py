r"""Recognizes sheet music, TikZ, chart dictionaries and molecules in a reading.

GOT-OCR2 was taught ``**kern`` spines, ``tikzpicture``, dictionaries of a chart's values and
SMILES beside Mathpix Markdown. Nothing is evaluated: a dictionary is known by its tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from got_loaders._characters import clean_text

__all__ = ["Chunk", "ContentKind", "content_kind", "split_languages"]

ContentKind = Literal["text", "music", "tikz", "smiles", "chart"]

_TIKZ = re.compile(r"\\begin[ \t]*\{[ \t]*tikzpicture[ \t]*\}")
_FENCED = re.compile(
    r"^[ \t]{0,3}(?:`{3,}|~{3,})[ \t]*(kern|humdrum|tikz|smiles)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_FENCED_KINDS: dict[str, ContentKind] = {
    "kern": "music", "humdrum": "music", "tikz": "tikz", "smiles": "smiles",
}  # fmt: skip
_TAGGED = re.compile(r"(?:\s*<smiles>[^<\n]*(?:</smiles>|\Z))+\s*")
_BARE = re.compile(r"(?:Cl|Br|[BCNOPSFIbcnops]|\[[^\[\]\s]{1,20}\]|[=#$:/\\.()%@+\-]|[0-9])++")
_DICTIONARY = re.compile(r"""\{\s*(?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')\s*:""", re.DOTALL)
_TOKEN = re.compile(
    r"""
      (?P<json>\s++|"(?:[^"\\]|\\.)*+(?:"|\Z)|-?[0-9][0-9.eE+\-]*+%?|true\b|false\b|null\b|[:,])
    | (?P<python>'(?:[^'\\]|\\.)*+(?:'|\Z)|True\b|False\b|None\b|nan\b)
    | (?P<open>[\[{(])
    | (?P<close>[\]})])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a reading, and its language; that of a formatted reading is ``""``."""

    text: str
    language: str = ""


def content_kind(text: str, *, language: Literal["mathpix", "markdown"] = "mathpix") -> ContentKind:
    """What a formatted reading holds: music and TikZ anywhere in it, a chart or molecules alone.

    ``language`` is what it is written in; Markdown names what it holds in the fences of its code.
    """
    text = clean_text(text)
    if language == "markdown":
        if named := _FENCED.search(text):
            return _FENCED_KINDS[named[1].casefold()]
        return "tikz" if _TIKZ.search(text) else "text"
    if _chart_language(text):
        return "chart"
    if any(map(_begins_music, text.splitlines())):
        return "music"
    if _TIKZ.search(text):
        return "tikz"
    return "smiles" if _TAGGED.fullmatch(text) or _is_bare_smiles(text) else "text"


def split_languages(text: str) -> list[Chunk]:
    """A reading split where its language changes."""
    if language := _chart_language(text):
        return [Chunk(text.strip(), language)]
    if _is_bare_smiles(text):
        return [Chunk(text.strip(), "smiles")]
    return list(_music(text))


def _chart_language(text: str) -> str:
    """``json`` or ``python`` if the text is one dictionary, be it cut off; else nothing."""
    text = text.strip()
    if not _DICTIONARY.match(text):
        return ""
    position = depth = 0
    language = "json"
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None or (position and not depth):
            return ""
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup == "python" or token[0] in ("(", ")"):
            language = "python"
        position = token.end()
    return language


def _is_bare_smiles(text: str) -> bool:
    """One molecule and nothing else: carbon atoms, and bonds or branches that no word has."""
    text = text.strip()
    if not _BARE.fullmatch(text) or not (text[0].isalpha() or text[0] == "["):
        return False
    balanced = text.count(")") <= text.count("(")
    return balanced and text.upper().count("C") >= 3 and any(sign in text for sign in "(=#[")


def _begins_music(line: str) -> bool:
    """Whether it is the line that names the spines: ``**kern``, ``**kern<tab>**dynam``."""
    fields = line.split() if line.lstrip().startswith("**") else []
    return "**kern" in fields and all(field.startswith("**") for field in fields)


def _music(text: str) -> Iterator[Chunk]:
    """Text and spines by turns; spines end with a line of ``*-``, a blank line, or the text."""
    lines: list[str] = []
    language = ""
    for line in text.split("\n"):
        if not language and _begins_music(line):
            before = len(lines)
            while before and lines[before - 1].startswith("!!"):
                before -= 1
            yield from _chunk(lines[:before], "")
            lines, language = lines[before:], "kern"
        elif language and not line.strip():
            yield from _chunk(lines, language)
            lines, language = [], ""
        lines.append(line)
        if language and set(line.split()) == {"*-"}:
            yield from _chunk(lines, language)
            lines, language = [], ""
    yield from _chunk(lines, language)


def _chunk(lines: list[str], language: str) -> Iterator[Chunk]:
    if any(map(str.strip, lines)):
        yield Chunk("\n".join(lines), language)
