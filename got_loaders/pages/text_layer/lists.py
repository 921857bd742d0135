r"""Writes the items of a list in the model's language, lists within lists. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from got_loaders.pages.text_layer.hyphens import KnownWords
from got_loaders.pages.text_layer.inline_mmd import inline_mmd
from got_loaders.pages.text_layer.paragraphs import join_rows, rows
from got_loaders.pages.text_layer.styled_text import StyledText, join_styled
from got_loaders.pages.text_layer.words import Line

_SYMBOLS = "•‣◦▪▫■□●○◆◇►▶▸➢➤✓✔✗❖\u2043∙·*\u25cf\u25e6\u2219\u2726\u27a4\ufffd\ue000-\uf8ff"
_DASHES = "–—\u2010\u2011\u2212-"
_BULLET = re.compile(rf"[{_SYMBOLS}{_DASHES}](?:\s+|$)")
"""Bullets; what no standard names comes from a symbol font, where it is one."""

_LETTER_BULLET = re.compile(r"[o§Øvüq](?:\s+|$)")
"""Letters that are bullets in Courier and Wingdings, where a wide gap follows."""

_NUMBER = re.compile(r"(\d{1,3})[.)](?:\s+|$)")
_LABEL = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,6})[.)](?:\s+|$)")

_WIDE_GAP = 0.6
"""Font sizes after a letter that is a bullet; a blank takes half of that."""

_INDENT = 0.7
"""Font sizes by which an item must be indented to be part of the one before."""


_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row: its text, where it begins and ends its mark, and the size of its letters."""

    text: StyledText
    left: float
    inner: float
    size: float
    gap: float

    @property
    def is_bullet(self) -> bool:
        if _BULLET.match(self.text.text):
            return True
        return self.gap > _WIDE_GAP and _LETTER_BULLET.match(self.text.text) is not None

    @property
    def number(self) -> int | None:
        match = _NUMBER.match(self.text.text)
        return int(match[1]) if match else None

    @property
    def is_label(self) -> bool:
        return _LABEL.match(self.text.text) is not None

    @property
    def has_mark(self) -> bool:
        return self.is_bullet or self.is_label


@dataclass(slots=True)
class _Item:
    """An item, its rows, and the items that are indented below it."""

    rows: list[_Row]
    items: list[_Item] = field(default_factory=list)

    @property
    def first(self) -> _Row:
        return self.rows[0]


def list_mmd(parts: Iterable[Sequence[Line]], known: KnownWords, *, bold: bool = True) -> str:
    """A list of the boxes that the layout model took for items; each may be several."""
    items: list[_Item] = []
    for lines in parts:
        items += _split(_rows(lines))
    return _write(_nest(items), known, bold)


def is_list(lines: Sequence[Line]) -> bool:
    """Whether lines that the layout model takes for running text are a list, by their bullets."""
    found = _rows(lines)
    bullets = sum(row.is_bullet and not _is_dash(row) for row in found)
    return bullets > 1 and found[0].is_bullet and not _is_dash(found[0])


def _rows(lines: Sequence[Line]) -> list[_Row]:
    found = []
    for row in rows(lines):
        words = [word for line in row for word in line.words]
        first, second = words[0].box, words[min(1, len(words) - 1)].box
        leftwards = second.x1 < first.x0
        size = max(line.size for line in row)
        found.append(
            _Row(
                text=join_styled([line.styled for line in row]),
                left=-first.x1 if leftwards else first.x0,
                inner=-second.x1 if leftwards else second.x0,
                size=size,
                gap=(first.x0 - second.x1 if leftwards else second.x0 - first.x1) / size,
            )
        )
    return found


def _split(box: Sequence[_Row]) -> list[_Item]:
    """One box of the layout model: one item, or several that each begin with a mark."""
    items: list[_Item] = []
    for row in box:
        if not items or _begins_item(row, items):
            items.append(_Item([row]))
        else:
            items[-1].rows.append(row)
    return items


def _begins_item(row: _Row, items: Sequence[_Item]) -> bool:
    """Whether a row begins with a mark as the first item has; numbers have to follow on."""
    first, last = items[0].first, items[-1].first
    if row.number is not None:
        numbers = [item.first.number for item in items if item.first.number is not None]
        deeper = row.number == 1 and last.has_mark and row.left > last.left + _INDENT * row.size
        return deeper or any(row.number == number + 1 for number in numbers)
    if row.is_bullet:
        deeper = row.left > last.left + _INDENT * row.size and not _is_dash(row)
        return first.is_bullet or (last.has_mark and deeper)
    return row.is_label and first.is_label and not first.is_bullet


def _is_dash(row: _Row) -> bool:
    return row.text.text[:1] in _DASHES


def _nest(items: Sequence[_Item]) -> list[_Item]:
    """The outermost items, with those that are indented in the ones above them."""
    top: list[_Item] = []
    path: list[_Item] = []
    for item in items:
        row = item.first
        if row.has_mark:
            while path and (len(path) >= _MAX_DEPTH or not _is_deeper(row, path[-1].first)):
                path.pop()
        else:
            path = path[:-1]  # beside the one before
        (path[-1].items if path else top).append(item)
        path.append(item)
    return top


def _is_deeper(row: _Row, above: _Row) -> bool:
    """Whether both the mark and the text of an item are further in than those of another."""
    if not above.has_mark:
        return False
    step = _INDENT * min(row.size, above.size)
    return row.left > above.left + step and row.inner > above.inner + step


def _write(items: Sequence[_Item], known: KnownWords, bold: bool) -> str:
    """A list; several, where numbers that count from 1 follow bullets, or bullets these."""
    lists: list[list[_Item]] = []
    for item in items:
        if not lists or _begins_list(lists[-1], item):
            lists.append([item])
        else:
            lists[-1].append(item)
    return "\n".join(_write_list(each, known, bold) for each in lists)


def _begins_list(before: Sequence[_Item], item: _Item) -> bool:
    last, row = before[-1].first, item.first
    if row.number == 1:
        return last.is_bullet
    return row.is_bullet and before[0].first.number == 1 and last.number == len(before)


def _write_list(items: Sequence[_Item], known: KnownWords, bold: bool) -> str:
    """Numbers that count from 1 are left to the list; others stay in the text."""
    counts = [item.first.number for item in items] == list(range(1, len(items) + 1))
    name = "enumerate" if counts else "itemize"
    body = []
    for item in items:
        text = inline_mmd(_body(item, known), bold=bold)
        number = item.first.number
        body.append(rf"\item {text}" if counts or number is None else rf"\item {number}. {text}")
        if item.items:
            body.append(_write(item.items, known, bold))
    return "\n".join([f"\\begin{{{name}}}", *body, f"\\end{{{name}}}"])


def _body(item: _Item, known: KnownWords) -> StyledText:
    """Its text without its bullet or number."""
    text = join_rows((row.text for row in item.rows), known)
    mark = _NUMBER.match(text.text)
    if mark is None and item.first.is_bullet:
        mark = _BULLET.match(text.text) or _LETTER_BULLET.match(text.text)
    return text[mark.end() :] if mark else text
