r"""LaTeX → the part of it that ``math_core`` knows.

Takes what ``markup/write/latex`` has repaired: braces match, and all commands are allowed ones.
"""

from __future__ import annotations

import re

from got_loaders.markup.parse.trivial_math import wrap_aligned
from got_loaders.markup.write.allowed_commands import RELATIONS, SIZES
from got_loaders.markup.write.latex.math_builder import RepairedMath
from got_loaders.markup.write.latex.math_commands import DELIMITERS, NAMED_DELIMITERS
from got_loaders.rendering.formula.names import (
    BRACKETED,
    INSTEAD,
    LIMIT_SIGNS,
    ONE_ARGUMENT,
    ONLY_CONTENT,
    SAME_AS,
    TEXT_FONTS,
    TEXT_SIGNS,
)
from got_loaders.rendering.formula.text import circled, text_of_sign, write_text
from got_loaders.rendering.formula.tokens import TokenReader, split_tokens

__all__ = ["to_dialect"]

_SMALL = re.compile(r"(\\(?:begin|end)\{)small(?=matrix)")
_ANGLES = {"<": r"\langle", ">": r"\rangle"}
_NUMBER = re.compile(r"[A-Za-z0-9 .,:;()*+/-]+")
_LENGTH = re.compile(r"([\d.]+)\s*([a-z]+)")
_LETTERS = re.compile(r"(?:[A-Za-z0-9 *-]|\\[ ,;:!])+")
_STRUT = {"em": 0.3, "ex": 0.6, "pt": 3.0, "mm": 1.0, "cm": 0.1, "in": 0.04}
"""The longest rule in each unit that is a strut, which nobody sees, and no blank to fill in."""


def to_dialect(formula: RepairedMath, environment: str = "") -> str:
    """The formula with an environment around its lines, in commands that are known."""
    if not environment and (formula.rows or formula.cells):
        environment = "align" if formula.cells else "gather"
    tex = _write(split_tokens(formula.tex))
    if not environment and r"\tag" in tex:
        return rf"\begin{{equation*}}{tex}\end{{equation*}}"
    return wrap_aligned(tex, environment)


def _write(tokens: list[str]) -> str:
    reader = TokenReader(tokens)
    parts: list[str] = []
    while piece := reader.next():
        if piece == "{":
            parts.append(f"{{{_write(reader.group())}}}")
        elif piece.startswith((r"\begin", r"\end")):
            parts.append(_SMALL.sub(r"\1", piece))
        elif piece == r"\hline" and _last(parts) == piece:
            continue  # of a double line one is known
        elif piece[0] == "\\" and piece[1:].isalpha():
            parts.append(_command(piece[1:], reader))
            if reader.peek() == "*" and parts[-1][-1:].isalpha():
                parts.append(" ")  # or it would be a command of another name
        else:
            parts.append(piece)
    return "".join(parts)


def _last(parts: list[str]) -> str:
    """The last that is no white space."""
    return next((part for part in reversed(parts) if not part.isspace()), "")


def _command(name: str, reader: TokenReader) -> str:
    if name == "tag":
        return _tag(reader)
    if name == "fbox":
        return rf"\boxed{{{write_text(reader.argument(), 'text', _write)}}}"
    if name in ("textsuperscript", "textsubscript"):
        return write_text([f"\\{name}", "{", *reader.argument(), "}"], "text", _write)
    if name == "textcircled":
        return circled(reader.argument())
    if name in TEXT_FONTS:
        return write_text(reader.argument(), TEXT_FONTS[name], _write)
    if name in TEXT_SIGNS:
        return text_of_sign(name)
    if name in ONLY_CONTENT:
        reader.option()
        return f"{{{_write(reader.argument())}}}"
    if name in INSTEAD:
        return f"{INSTEAD[name]} "
    return _structure(name, reader)


def _structure(name: str, reader: TokenReader) -> str:
    match name:
        case _ if name in ONE_ARGUMENT or name in SAME_AS:
            option = _write(reader.option()) if name[0] == "x" else ""
            below = f"[{{{option}}}]" if option else ""
            return rf"\{SAME_AS.get(name, name)}{below}{{{_write(reader.argument())}}}"
        case _ if name.lower() in BRACKETED:
            opening, closing = BRACKETED[name.lower()]
            if name[0].isupper():
                opening, closing = rf"\left{opening}", rf"\right{closing}"
            return f"{{{opening}{_write(reader.argument())}{closing}}}"
        case "not":
            is_relation = reader.peek() in ("=", "<", ">") or reader.peek()[1:] in RELATIONS
            return r"\not" if is_relation else rf"\cancel{{{_write(reader.argument())}}}"
        case "operatorname":
            return _operator(reader)
        case "mathop":
            return _with_limits(_write(reader.argument()), reader)
        case "varlimsup" | "varliminf" | "varinjlim" | "varprojlim":
            return _with_limits(LIMIT_SIGNS[name], reader)
        case "cancelto":
            above = _write(reader.argument())
            return rf"{{\cancel{{{_write(reader.argument())}}}^{{{above}}}}}"
        case "multicolumn":
            count, _, content = reader.argument(), reader.argument(), reader.argument()
            return f"{{{_write(content)}}}" + "&" * (int("".join(count)) - 1)
        case "substack":
            return rf"\begin{{subarray}}{{c}}{_write(reader.argument())}\end{{subarray}}"
        case "cfrac":
            reader.option()
            return r"\cfrac"
        case "rule":
            reader.option()
            return _rule("".join(reader.argument()), "".join(reader.argument()))
        case _ if name in SIZES or name in ("left", "middle", "right"):
            return _sized(name, reader)
        case _:
            return f"\\{name}"


def _sized(name: str, reader: TokenReader) -> str:
    """A delimiter of a size; a size of anything else is none."""
    if sign := reader.take("<", ">"):
        return rf"\{name}{_ANGLES[sign]} "
    sign = reader.peek()
    is_delimiter = sign in DELIMITERS or (sign[:1] == "\\" and sign[1:] in NAMED_DELIMITERS)
    return f"\\{name}" if is_delimiter and (sign != "." or name not in SIZES) else ""


def _operator(reader: TokenReader) -> str:
    """A function's name; ``math_core`` takes one of letters alone."""
    star, tokens = reader.take("*"), reader.argument()
    name = "".join(tokens)
    if _LETTERS.fullmatch(name):
        return rf"\operatorname{star}{{{name}}}"
    shown = rf"\mathrm{{{_write(tokens)}}}"
    return _with_limits(shown, reader) if star else f"{{{shown}}}"


def _tag(reader: TokenReader) -> str:
    """The number of an equation; after it, where it is none that ``\\tag`` takes."""
    star, tokens = reader.take("*"), reader.argument()
    number = "".join(tokens).strip()
    if _NUMBER.fullmatch(number):
        return rf"\tag{star}{{{number}}}"
    shown = write_text(tokens, "text", _write)
    return rf"\qquad {shown}" if star else rf"\qquad ({shown})"


def _with_limits(sign: str, reader: TokenReader) -> str:
    """A sign with what stands below and above it there, as it does in a display."""
    reader.take(r"\limits", r"\nolimits")
    while script := reader.take("_", "^"):
        place = "underset" if script == "_" else "overset"
        sign = rf"\{place}{{{_write(reader.argument())}}}{{{sign}}}"
    return f"{{{sign}}}"


def _rule(width: str, height: str) -> str:
    """A line as a blank that is underlined; nothing where it is a strut."""
    length, thickness = _LENGTH.search(width), _LENGTH.search(height)
    if length is None or float(length[1]) <= _STRUT.get(length[2], 0):
        return ""
    if thickness is None or not float(thickness[1]):
        return ""
    return rf"\underline{{\hspace{{{length[0]}}}}}"
