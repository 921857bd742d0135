r"""What a document's preamble needs so that each character of its text shows, or says what it was.

With pdfLaTeX a character without a meaning is an error, with XeLaTeX and LuaLaTeX one without a
glyph is left out and only the log says so. Here each shows at least its number: ``[U+2603]``.
"""

from __future__ import annotations

import unicodedata
from collections import Counter

from got_loaders.markup.write.latex.escape import CJK
from got_loaders.markup.write.latex.signs import math_of_sign

__all__ = ["encoding_line", "font_lines"]

_NUMBER_OF_UNKNOWN = r"""\makeatletter
\ifPDFTeX\ifdefined\UTFviii@undefined@err % a character without a meaning shows its number
\def\readingcode#1:#2\relax{[U+\UTFviii@hexnumber{\decode@UTFviii#2\relax}]}
\def\UTFviii@undefined@err#1{\text{\expandafter\readingcode\string#1\relax}}
\fi\fi
\makeatother"""
_SIGN_OF_FONT = r"""% a character as the font has it, or what is shown where it has none
\def\readingsign#1#2{\catcode"#1=13 \begingroup\lccode`\~="#1 \lowercase{\endgroup
  \protected\def~}{\ifmmode\text{#2}\else\iffontchar\font"#1 \char"#1 \else#2\fi\fi}}
\def\readingletter#1{\AtBeginDocument{\normalfont\iffontchar\font"#1
  \ttfamily\iffontchar\font"#1 \else\readingsign{#1}{\textrm{\char"#1}}\fi
  \else\readingsign{#1}{[U+#1]}\fi\normalfont}}"""
_FONT_WITH = r"""\def\readingfont#1#2{\iffontchar\font"#2 \else
  \IfFontExistsTF{#1}{\setmainfont{#1}\normalfont}{}\fi}"""
_FONTS = (
    "CMU Serif", "FreeSerif", "Noto Serif", "DejaVu Serif", "DejaVu Sans", "Times New Roman",
    "Noto Sans", "Arial Unicode MS", "Arial",
)  # fmt: skip
"""Tried in turn until one has the letter that is most frequent among the foreign ones."""

_CURRENCIES = {
    "₹": "INR", "₽": "RUB", "₺": "TRY", "₴": "UAH", "₸": "KZT", "₿": "BTC", "₪": "ILS",
    "₲": "PYG", "₵": "GHS", "₾": "GEL", "₼": "AZN", "\u058f": "AMD", "\u09f3": "BDT",
}  # fmt: skip
"""What stands for a currency's sign where there is none."""
_ACCENTS = {"\u0300": "grave", "\u0301": "acute", "\u0308": "ddot", "\u0342": "tilde"}
_COVERED = frozenset("–—‘’“”„‚…†‡•€™‰‹›ŒœŠšŽžŸ")  # noqa: RUF001  # quotes are meant
"""Beside Latin letters, what Latin Modern has for certain."""
_MAX_DECLARED = 300
"""Characters that are declared; a reading of more is no page."""


def encoding_line(body: str) -> str:
    """What chooses pdfLaTeX's encodings."""
    plain = r"\usepackage[T1]{fontenc}"
    if not any("\u0400" <= c <= "\u04ff" for c in set(body)):
        return plain
    return rf"\IfFileExists{{t2aenc.def}}{{\usepackage[T1,T2A]{{fontenc}}}}{{{plain}}}"


def font_lines(body: str) -> list[str]:
    """The lines after amsmath for what the text holds beside ASCII; none for ASCII alone."""
    if body.isascii():
        return []
    counts = Counter(c for c in body if not c.isascii() and not CJK.match(c))
    known = [*counts][:_MAX_DECLARED]
    lines = [_NUMBER_OF_UNKNOWN]
    if meanings := [line for c in known if (line := _meaning(c))]:
        lines.append("\n".join(["\\ifPDFTeX", *meanings, "\\fi"]))
    letters = [c for c in known if _is_foreign_letter(c)]
    signs = [c for c in known if not c.isalpha() and ord(c) > 0xFF and c not in _COVERED]
    if letters or signs:
        lines.append("\n".join(["\\iftutex", *_unicode_lines(letters, signs, counts), "\\fi"]))
    return lines


def _unicode_lines(letters: list[str], signs: list[str], counts: Counter[str]) -> list[str]:
    lines = [_SIGN_OF_FONT]
    if letters:
        frequent = max(letters, key=lambda letter: counts[letter])
        lines.append(_FONT_WITH)
        lines += [rf"\readingfont{{{font}}}{{{ord(frequent):04X}}}" for font in _FONTS]
    lines += [rf"\readingletter{{{ord(c):04X}}}" for c in letters]
    lines += [rf"\readingsign{{{ord(c):04X}}}{{{_name(c)}}}" for c in signs]
    return lines


def _is_foreign_letter(character: str) -> bool:
    return character.isalpha() and ord(character) > 0x24F


def _name(character: str) -> str:
    return _CURRENCIES.get(character) or f"[U+{ord(character):04X}]"


def _meaning(character: str) -> str:
    """What pdfLaTeX shows of a Greek letter in a word, or of a currency; empty for the others."""
    tex = _CURRENCIES.get(character) or _greek(character)
    return rf"\DeclareUnicodeCharacter{{{ord(character):04X}}}{{{tex}}}" if tex else ""


def _greek(character: str) -> str:
    if not ("\u0370" <= character <= "\u03ff" or "\u1f00" <= character <= "\u1fff"):
        return ""
    letters = unicodedata.normalize("NFD", character)
    base, marks = letters[0], letters[1:]
    tex = math_of_sign(base)
    for mark in marks if tex else "":
        tex = rf"\{_ACCENTS.get(mark, 'bar')}{{{tex}}}"
    return rf"\ensuremath{{{tex}}}" if tex else ""
