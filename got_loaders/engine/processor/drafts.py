r"""A draft's text, in the ways that the model may write it. Pure.

The model may keep a page's line ends, or write a paragraph as one line; its formatted mode escapes
what is a sign of LaTeX's: ``R\&D``. What a draft says beyond that is the model's own affair: it
changes no answer, only how soon it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

__all__ = ["draft_variants", "pieces"]

_CHARACTERS_PER_TOKEN = 8
"""Prose has about four; tokens beyond what the answer can have are of no use."""
_LEAST = 2_000
"""Characters that are kept in any case: an answer that is cut short may begin anywhere in these."""

_SHOWN = str.maketrans(
    {
        "\r": "\n",
        "\xa0": " ",
        "\xad": "-",
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
    }
)
"""What fonts and files have in place of the characters that a page shows."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_DIVIDED = re.compile(r"(?<=[^\W\d_])[-\u2010][ \t]*\n[ \t]*(?=[^\W\d_])")
_SPECIAL = re.compile(r"(?<!\\)[&%#_]")
_LINE_START = re.compile(r"(?<=\n)(?=\S)")
_WORD_START = re.compile(r"(?<=\S)(?= \S)")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Chinese and Japanese, which are written without blanks."""
_ENDS = tuple(".!?:;\u2026\u3002\uff01\uff1f")
_SHORT = 0.8
"""A line of less than so much of the usual length that ends a sentence ends a paragraph."""


def draft_variants(text: str, *, formatted: bool, max_new_tokens: int) -> tuple[str, ...]:
    """The text as it stands, and with its lines joined to paragraphs; no longer than of use.

    The likelier one comes first. Neither has blank lines: published readings have none, where a
    page's own words have one between any two blocks.
    """
    most = max(_LEAST, _CHARACTERS_PER_TOKEN * max_new_tokens)
    whole = text.lstrip()[:most].encode("utf-8", "replace").decode("utf-8")  # no half characters
    shown = whole.replace("\r\n", "\n").translate(_SHOWN).rstrip()
    lines, paragraphs = _PARAGRAPH.sub("\n", shown), _reflow(shown)
    if formatted:
        lines, paragraphs = _SPECIAL.sub(r"\\\g<0>", paragraphs), lines
    return tuple(dict.fromkeys(variant for variant in (lines, paragraphs) if variant))


def pieces(text: str, size: int) -> Iterator[str]:
    """``text`` in parts of about ``size`` characters, cut where a tokenizer divides it anyway.

    That is before a line or a word; a longer one is cut anywhere.
    """
    start = 0
    while len(text) - start > size:
        end = start + size
        for border in (_LINE_START, _WORD_START):
            places = [found.end() for found in border.finditer(text, start + size // 2, end)]
            if places:
                end = places[-1]
                break
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _reflow(text: str) -> str:
    """Each paragraph in one line; hyphens at line ends undone."""
    paragraphs = _PARAGRAPH.split(_DIVIDED.sub("", text))
    return "\n".join(_joined(paragraph) for paragraph in paragraphs)


def _joined(paragraph: str) -> str:
    lines = [line.strip() for line in paragraph.split("\n")]
    usual = median(map(len, lines))
    joined = lines[0]
    for before, line in pairwise(lines):
        ended = before.endswith(_ENDS) and len(before) < _SHORT * usual
        joined += ("\n" if ended else _between(before, line)) + line
    return joined


def _between(before: str, line: str) -> str:
    return "" if _CJK.match(before[-1:]) and _CJK.match(line[:1]) else " "
