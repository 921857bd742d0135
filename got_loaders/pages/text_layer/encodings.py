"""Tells whether the codes of a page's letters say what its fonts draw.

A PDF says by a table (``/ToUnicode``) which character each code stands for; which shape is drawn,
it says elsewhere. Fonts name their shapes, or have a table of their own from characters to shapes.
Where both know a letter and disagree, the text is not what is printed. Runs in the worker only.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_MAX_USES = 4000
"""Characters of a font that are looked at; each costs 15 µs."""

_MIN_LETTERS = 2
"""Different letters, or digits, of a font that must disagree: one may be a whim of its maker."""

_MAX_DISAGREEING = 0.03
"""The part of what is set in a font, of its digits or of the rest, that may disagree."""

_MIN_MAPPED = 0.8
"""The part of the letters that a font's own table must know to be taken for one of characters."""

_CANDIDATES = range(0x30, 0x530)
"""Digits, and the letters of Latin, Greek and Cyrillic."""


@dataclass(frozen=True, slots=True)
class FontUse:
    """What is drawn in one font: how often each pair of a character and a shape's number.

    ``name`` gives the character that a shape is named after, ``shape`` the number of a character's
    shape by the font's own table; both give 0 where the font knows none.
    """

    name: Callable[[int], int]
    shape: Callable[[int], int]
    uses: Counter[tuple[int, int]] = field(default_factory=Counter)


def contradict(fonts: Iterable[FontUse]) -> bool:
    """Whether a font draws other letters than the text says."""
    return any(_contradicts(font) for font in fonts)


def _contradicts(font: FontUse) -> bool:
    letters = {pair: n for pair, n in font.uses.items() if _is_letter(pair[0])}
    by_table = _shapes(font, letters)
    known: dict[bool, Counter[bool]] = {True: Counter(), False: Counter()}  # of digits, of others
    different: dict[bool, int] = {True: 0, False: 0}
    for (char, shape), count in letters.items():
        drawn = font.name(shape)
        if _is_letter(drawn):
            same = _plain(drawn) == _plain(char)
        elif shape in by_table:
            same = _plain(char) in by_table[shape]
        else:
            continue
        kind = chr(char).isdigit()
        known[kind][same] += count
        different[kind] += not same
    return any(
        different[kind] >= _MIN_LETTERS and known[kind][False] > _MAX_DISAGREEING * n.total()
        for kind, n in known.items()
    )


def _shapes(font: FontUse, letters: Mapping[tuple[int, int], int]) -> dict[int, set[str]]:
    """The characters of each shape by the font's own table; {} where it is a table of codes."""
    known = sum(n for (char, _), n in letters.items() if font.shape(char))
    if not letters or known < _MIN_MAPPED * sum(letters.values()):
        return {}
    shapes: dict[int, set[str]] = {}
    for char in filter(_is_letter, _CANDIDATES):
        shapes.setdefault(font.shape(char), set()).add(_plain(char))
    shapes.pop(0, None)
    return shapes


def _is_letter(char: int) -> bool:
    return char > 0 and chr(char).isalnum()


def _plain(char: int) -> str:
    return unicodedata.normalize("NFKC", chr(char)).casefold()


def font_uses(pymupdf: Any, commands: Any) -> list[FontUse]:
    """The fonts of a page, from its display list."""
    mupdf = pymupdf.mupdf
    device = _recorder(pymupdf)()
    everywhere = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
    mupdf.fz_run_display_list(commands.this, device, mupdf.FzMatrix(), everywhere, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return list(device.fonts.values())


@functools.cache
def _recorder(pymupdf: Any) -> type:
    """A device of MuPDF's that draws nothing and notes the letters."""
    mupdf = pymupdf.mupdf
    base: Any = mupdf.FzDevice2

    class Recorder(base):  # type: ignore[misc]  # untyped
        def __init__(self) -> None:
            super().__init__()
            self.fonts: dict[int, FontUse] = {}
            self.use_virtual_fill_text()
            self.use_virtual_stroke_text()
            self.use_virtual_clip_text()

        def fill_text(self, _: Any, text: Any, *__: Any) -> None:
            span = text.head
            while span:
                key = int(span.font.this)
                if key not in self.fonts:
                    self.fonts[key] = _font_use(mupdf, span.font)
                uses = self.fonts[key].uses
                if uses.total() < _MAX_USES:
                    items = mupdf.FzTextSpan(span)
                    pairs = (items.items(number) for number in range(span.len))
                    uses.update((pair.ucs, pair.gid) for pair in pairs)
                span = span.next

        stroke_text = clip_text = fill_text

    return Recorder


def _font_use(mupdf: Any, low_level: Any) -> FontUse:
    font = mupdf.FzFont(mupdf.ll_fz_keep_font(low_level))

    @functools.cache
    def name(shape: int) -> int:
        text = str(mupdf.fz_get_glyph_name2(font, shape)).partition(".")[0]
        return 0 if text.isdigit() else int(mupdf.fz_unicode_from_glyph_name_strict(text))

    @functools.cache
    def shape(char: int) -> int:
        return int(mupdf.fz_encode_character(font, char))

    return FontUse(name, shape)
