r"""Text within a formula: pieces of text, and formulas between them.

``math_core`` sets no formula within text, so ``\text{if \ensuremath{x} then}`` becomes
``\text{if }{x}\text{ then}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

from got_loaders.markup.write.allowed_commands import LENGTHS
from got_loaders.rendering.formula.names import INSTEAD, TEXT_FONTS, TEXT_SIGNS
from got_loaders.rendering.formula.tokens import TokenReader

__all__ = ["circled", "text_of_sign", "write_text"]

_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%",
    "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
_CIRCLED = {
    **{str(n): chr(0x245F + n) for n in range(1, 21)}, "0": "⓪",
    **{chr(0x41 + n): chr(0x24B6 + n) for n in range(26)},
    **{chr(0x61 + n): chr(0x24D0 + n) for n in range(26)},
}  # fmt: skip
_KEPT_SYMBOLS = frozenset("{}$&%#_ ")

Math = Callable[[list[str]], str]
"""What writes the tokens of a formula."""


def text_of_sign(name: str) -> str:
    """A character that has a command in text, as text within a formula."""
    return rf"\text{{{_escape(TEXT_SIGNS[name])}}}"


def circled(tokens: list[str]) -> str:
    """What stands in a circle: a character of Unicode, or brackets where it has none."""
    content = "".join(tokens).strip()
    return rf"\text{{{_CIRCLED[content]}}}" if content in _CIRCLED else f"({{{content}}})"


def write_text(tokens: list[str], font: str, math: Math) -> str:
    """Text in a font, as commands that may stand in a formula."""
    parts: list[str] = []
    for is_text, pieces in groupby(_pieces(tokens, math), key=lambda piece: piece.is_text):
        content = "".join(piece.tex for piece in pieces)
        parts.append(rf"\{font}{{{content}}}" if is_text else content)
    return "".join(parts) if len(parts) == 1 else f"{{{''.join(parts)}}}"


class _Piece(NamedTuple):
    """Some text, or a formula in it."""

    tex: str
    is_text: bool = True


def _pieces(tokens: list[str], math: Math) -> Iterator[_Piece]:
    reader = TokenReader(tokens)
    while piece := reader.next():
        name = piece[1:]
        if piece == "{":
            yield from _pieces(reader.group(), math)
        elif piece == r"\(":  # a sign of mathematics among the text
            signs = list(iter(reader.next, r"\)")) if reader.has(r"\)") else []
            yield _Piece(f"{{{math(signs)}}}", is_text=False)
        elif piece == r"\ensuremath":
            yield _Piece(f"{{{math(reader.argument())}}}", is_text=False)
        elif name in ("textsuperscript", "textsubscript"):
            sign = "^" if name == "textsuperscript" else "_"
            script = write_text(reader.argument(), "text", math)
            yield _Piece(f"{{{{}}{sign}{{{script}}}}}", is_text=False)
        elif name == "textcircled":
            yield _Piece(circled(reader.argument()), is_text=False)
        elif name in LENGTHS and piece[0] == "\\":
            reader.argument()
            yield _Piece("\u2003")
        elif name in TEXT_FONTS and piece[0] == "\\":
            font = TEXT_FONTS[name]
            for inner in _pieces(reader.argument(), math):
                yield _Piece(rf"\{font}{{{inner.tex}}}") if inner.is_text else inner
        else:
            yield _character(piece)


def _character(token: str) -> _Piece:
    name = token[1:]
    if not name or token[0] != "\\":
        return _Piece(_escape(token))
    if name in TEXT_SIGNS:
        return _Piece(_escape(TEXT_SIGNS[name]))
    if name in _KEPT_SYMBOLS:
        return _Piece(token)
    tex = INSTEAD.get(name, token)
    return _Piece(f"{tex} " if tex else "", is_text=not tex)


def _escape(text: str) -> str:
    return "".join(_ESCAPED.get(sign, sign) for sign in text)
