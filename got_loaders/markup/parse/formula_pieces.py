r"""Takes a formula apart into numbers, words, signs and blanks, if it has nothing else.

``\( 0.25 \mathrm{~mm} \)`` is a number with its unit, ``\( x=5 \)`` is mathematics: a slanted
letter, a fraction, a root or a script on a letter make a formula one. Knows how Mathpix writes
text as formulas (upright letters as ``\mathrm``, blanks that count as ``~``), but not where the
text will have blanks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from got_loaders.markup.parse.formula_fonts import FormulaFont, is_money, is_prose
from got_loaders.markup.parse.formula_signs import (
    ALPHABETS,
    COMMANDS,
    SIGNS,
    TEXTS,
    FormulaStyle,
    Kind,
)
from got_loaders.markup.parse.formula_words import is_group, script_on
from got_loaders.markup.parse.raised_signs import to_mark, to_subscript

__all__ = ["Piece", "scan_formula"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands together in a formula."""

    text: str
    kind: Kind
    styles: frozenset[FormulaStyle] = frozenset()


_MAX_GROUP = 20
"""Pieces in brackets that are a part of a substance."""
_MAX_DEPTH = 8
"""Braces within each other."""
_BRACED = r"\{(?:[^{}]|\{[^{}]*\})*\}"
_LETTER = "[A-Za-zÀ-ÖØ-öø-ɏ\u0400-\u04ff]"
"""Latin and Cyrillic ones; those of Greek are variables."""
_TOKEN = re.compile(
    rf"""
      (?P<soft>\s+)
    | (?P<hard>(?:~|\\[,;:>\ ]|\\(?:q?quad|enspace|(?:thin|med|thick)space|nobreakspace|space)
        (?![A-Za-z])|\\hspace\*?\s?\{{[^{{}}\\]{{0,20}}\}})+)
    | (?P<nothing>\\!|\{{\s*\}}\s*|\\(?:[bB]igg?[lrm]?|displaystyle|textstyle|(?:left|right)
        (?=\s*[()\[\]]))(?![A-Za-z]))
    | (?P<script>[\^_])\s*(?P<raised>{_BRACED}|\\[A-Za-z]+(?:\s*{_BRACED})?|[0-9*†‡§'+-])
    | \\(?P<command>[A-Za-z]+)\s*
    | \\(?P<escaped>[%$\#&_])
    | (?P<digits>[0-9]+)
    | (?P<letters>{_LETTER}(?:\s{_LETTER}(?!{_LETTER}))+|{_LETTER}+)
    | (?P<group>\{{)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_SWITCHES = {"rm", "bf", "it"}
_NAME = re.compile(r"[A-ZÀ-Þ\u0410-\u042f][a-zß-ÿ\u0430-\u045f]{2,}")
_PREFIXED = re.compile(r"\\(?:mathrm|text|operatorname|rm|mathsf)\s*\{?[\s~]*[A-Za-z]{1,3}\s*\}")
_ESCAPE = re.compile(r"\\([%$#&_{} ,])|~")
_NOT_TEXT = re.compile(r"[\\{}$^_&]")


def scan_formula(tex: str) -> list[Piece] | None:
    """The pieces of a formula that is none; None for a real one. Linear in its length."""
    scan = _Scan(tex, is_money=is_money(tex))
    return scan.pieces if scan.read(0, len(tex), FormulaFont(), 0) else None


@dataclass(slots=True)
class _Scan:
    """A formula, and its pieces so far."""

    tex: str
    is_money: bool = False
    pieces: list[Piece] = field(default_factory=list)
    empty_at: int = 0
    """How many pieces there were at the last ``{ }``."""

    def read(self, position: int, end: int, font: FormulaFont, depth: int) -> bool:
        """Take what stands between two positions; False if it is mathematics."""
        while position < end:
            token = _TOKEN.match(self.tex, position, end)
            if token is None:
                return False
            position = token.end()
            name = token["command"] or ""
            if name in _SWITCHES:
                font = font.with_command(name, is_prose=False)
            elif token["group"] or name in TEXTS or name in ALPHABETS:
                closing = self._closing(position if token["group"] else position + 1, end)
                if closing is None or depth == _MAX_DEPTH:
                    return False
                start = position if token["group"] else position + 1
                if not self._group(name, start, closing, font, depth):
                    return False
                position = closing + 1
            elif not self._take(token, font):
                return False
        return True

    def _closing(self, start: int, end: int) -> int | None:
        """The brace that closes the one before ``start``."""
        level = 1
        if self.tex[start - 1 : start] != "{":
            return None
        for brace in re.compile(r"\\.|[{}]", re.DOTALL).finditer(self.tex, start, end):
            level += {"{": 1, "}": -1}.get(brace[0], 0)
            if level == 0:
                return brace.start()
        return None

    def _group(self, name: str, start: int, end: int, font: FormulaFont, depth: int) -> bool:
        if name in TEXTS:
            style = TEXTS[name]
            return self._text(self.tex[start:end], font.styles | ({style} if style else set()))
        if name:
            inside = self.tex[start:end]
            font = font.with_command(name, is_prose=self.is_money or is_prose(inside))
            if name == "operatorname" and self._last() in ("digits", "word", "unit"):
                self._add(" ", "hard")  # TeX sets one there
        return self.read(start, end, font, depth + 1)

    def _text(self, raw: str, styles: frozenset[FormulaStyle]) -> bool:
        r"""What stands in a ``\text``, where blanks count."""
        if _NOT_TEXT.search(_ESCAPE.sub("", raw)):
            return False
        text = _ESCAPE.sub(lambda match: (match[1] or " ").replace(",", " "), raw)
        bare = " ".join(text.split())
        if text[:1].isspace():
            self._add(" ", "hard")
        if bare and not (len(bare) == 1 and not bare.isalnum() and self._sign(bare, styles)):
            self._add(bare, "text", styles)
        if bare and text[-1:].isspace():
            self._add(" ", "hard")
        return True

    def _take(self, token: re.Match[str], font: FormulaFont) -> bool:
        """Take what is not a group; False if it is mathematics."""
        match token.lastgroup:
            case "nothing":
                self.empty_at = len(self.pieces) if token[0][0] == "{" else self.empty_at
            case "soft":
                self._add(" ", "loose" if font.is_loose else "soft")
            case "hard":
                self._add(" ", "hard")
            case "digits":
                self._add(token["digits"], "digits", font.styles)
            case "escaped":
                kinds: dict[str, Kind] = {"%": "after", "$": "before", "#": "before"}
                self._add(token["escaped"], kinds.get(token["escaped"], "tight"), font.styles)
            case "letters":
                return self._letters("".join(token["letters"].split()), font)
            case "raised":
                return self._script(token["script"], token["raised"], font)
            case "command":
                return self._command(token, font)
            case _:
                return self._sign(token[0], font.styles)
        return True

    def _letters(self, word: str, font: FormulaFont) -> bool:
        is_degree = word in ("C", "F") and self._last() == "after"
        is_name = font.letters == "names" and _NAME.fullmatch(word)
        if font.letters != "all" and not is_degree and not is_name:
            return False
        self._add(word, "word", font.styles)
        return True

    def _command(self, token: re.Match[str], font: FormulaFont) -> bool:
        name = token["command"]
        known = COMMANDS.get(name)
        if known is None and self._last() in ("digits", "unit", "word"):
            if name == "mu" and (font.letters == "all" or _PREFIXED.match(self.tex, token.end())):
                known = ("µ", "unit")
            elif name == "Omega":
                known = ("Ω", "unit")
        if known is None:
            return False
        self._add(*known, font.styles)
        if token[0][-1].isspace():
            self._add(" ", "loose" if font.is_loose else "soft")
        return True

    def _sign(self, sign: str, styles: frozenset[FormulaStyle]) -> bool:
        kind = SIGNS.get(sign)
        if kind is None and unicodedata.category(sign) == "Sc":
            kind = "before"
        elif kind is None and unicodedata.category(sign) == "Lo":
            kind = "text"  # of a script without capitals: no variable
        if kind is None or sign == "~":
            return False
        self._add(sign, kind, styles)
        return True

    def _script(self, script: str, tex: str, font: FormulaFont) -> bool:
        """What stands above or below the line, where it is part of no formula."""
        base = self._base()
        sign: str | None
        if base is None or (script == "^" and base.kind == "text"):
            sign = to_mark(tex) if script == "^" else to_subscript(tex)
        elif script == "_" and base.kind == "close":
            shown = [piece.text for piece in self.pieces[-_MAX_GROUP:] if piece.text.strip()]
            sign = to_subscript(tex) if is_group(shown, tex) else None
        else:
            sign = script_on(base.text, base.kind, script, tex)
        if sign is None:
            return False
        only_after = all(character in "°\N{PRIME}\N{DOUBLE PRIME}" for character in sign)
        self._add(sign, "after" if only_after else "raised", font.styles)
        return True

    def _base(self) -> Piece | None:
        """What a script stands on; nothing at the start, after a ``~`` and on ``{ }``."""
        if self.empty_at == len(self.pieces):
            return None
        solid = (piece for piece in reversed(self.pieces) if piece.kind not in ("soft", "loose"))
        base = next(solid, None)
        return None if base is None or base.kind == "hard" else base

    def _last(self) -> Kind | None:
        """The kind of the last piece that is no blank."""
        for piece in reversed(self.pieces):
            if piece.kind not in ("soft", "loose", "hard"):
                return piece.kind
        return None

    def _add(self, text: str, kind: Kind, styles: frozenset[FormulaStyle] = frozenset()) -> None:
        self.pieces.append(Piece(text, kind, styles))
