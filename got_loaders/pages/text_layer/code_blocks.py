"""Turns lines in a font of fixed width into code, with the blanks between its columns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from got_loaders.pages.text_layer.paragraphs import rows
from got_loaders.pages.text_layer.words import Line

_DEFAULT_WIDTH = 0.6
"""Of a letter, in font sizes; Courier's."""

_MAX_COLUMN = 1000


def is_monospace_page(lines: Sequence[Line]) -> bool:
    """Whether most of a page is in a font of fixed width: then that means nothing."""
    monospace = sum(len(line.text) for line in lines if line.mono)
    return 2 * monospace > sum(len(line.text) for line in lines)


def code_rows(lines: Sequence[Line]) -> list[str]:
    """The rows of a listing, indented as on the page."""
    left = min(line.box.x0 for line in lines)
    width = _letter_width(lines)
    texts = []
    for row in rows(lines):
        text = ""
        for word in (word for line in row for word in line.words):
            column = min(round((word.box.x0 - left) / width), _MAX_COLUMN)
            text = text.ljust(max(column, len(text) + bool(text))) + word.text
        texts.append(text)
    return texts


def _letter_width(lines: Sequence[Line]) -> float:
    """The ink of a word is a little narrower than its letters: by a quarter of one."""
    words = [word for line in lines for word in line.words if len(word.text) >= 4]
    widths = [word.box.width / (len(word.text) - 0.25) for word in words]
    width = median(widths) if widths else _DEFAULT_WIDTH * lines[0].size
    return max(width, 0.5)
