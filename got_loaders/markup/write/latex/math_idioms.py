r"""Commands of formulas that are older or rarer than the rest, in the words of the rest.

Labels, which show nothing; lines below a part of a row, which only tables have; columns of an array
that are repeated or have a width; ``eqnarray``, whose relations have a column of their own; plain
TeX's ``\matrix{…}``, ``\root 3 \of x`` and the like. Linear in the length of the formula.
"""

from __future__ import annotations

import re

from got_loaders.markup.write.allowed_commands import RELATIONS

__all__ = ["plain_idioms"]

_START = r"(?:(?<!\\)|(?<=\\\\))"
_GROUP = r"\s?\{[^{}]{0,200}\}"
_NOTHING = re.compile(
    rf"{_START}\\(?:label{_GROUP}|(?:cline|cdashline|cmidrule\s?(?:\([lr]*\))?){_GROUP}"
    rf"|multirow\s?(?:\[[^][]{{0,20}}\]\s?)?{_GROUP}{_GROUP})"
)
_GREEK = "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma"
_WORDS = (
    (re.compile(rf"\\up({_GREEK}|tau|upsilon|phi|chi|psi|omega)(?![A-Za-z])"), r"\\mathrm{\\\1}"),
    (re.compile(r"\\root\s?(?:\{([^{}]{0,80})\}|([^\\{}]{1,9}))\s?\\of(?![A-Za-z])"),
     r"\\sqrt[\1\2]"),
    (re.compile(r"\\buildrel(?![A-Za-z])\s?((?:[^{}\\]|\\(?!over(?![A-Za-z]))|\{[^{}]{0,80}\}){0,80})"
                r"\\over(?![A-Za-z])"), r"\\stackrel{\1}"),
    (re.compile(rf"\\raisebox{_GROUP}\s?(?:\[[^][]{{0,20}}\]\s?){{0,2}}"), r"\\text"),
)  # fmt: skip
_ARRAY = re.compile(r"(\\begin\s?\{\s?(?:array|tabular)\s?\})\s?\{")
_WITH_GROUPS = re.compile(rf"{_START}\\(p?matrix|cases|genfrac|mathchoice|sideset)(?=\s?\{{)")
_COUNTS = {"genfrac": 6, "mathchoice": 4, "sideset": 2}
_SIGN = re.compile(r"\s?(\\[A-Za-z]+)")
_FENCE = re.compile(r"[()\[\]|/<>.]|\\(?:[{}|]|[A-Za-z]+)")
_MAX_SPEC = 300
_MAX_NESTED = 3
_BRACE = re.compile(r"\\.|[{}]")
_MAX_COLUMNS = 60
_WIDE = frozenset("pmbX")
_BETWEEN = frozenset("@!><")
_ALIGNED = frozenset(["align", "aligned", "eqnarray", "alignat", "alignedat", "flalign", "split"])
_BORDER = re.compile(r"\\(begin|end)\s?\{\s?([A-Za-z]+)\*?\s?\}")
_RELATION_NAMES = "|".join(sorted(RELATIONS, key=len, reverse=True))
_RELATION = re.compile(rf"&\s?(:?=|[<>]|\\(?:{_RELATION_NAMES})(?![A-Za-z]))\s?&")
_EMPTY = re.compile(r"&\s?&")


def plain_idioms(tex: str) -> str:
    """The formula, of which white space is single, with fewer commands in it."""
    if "\\" in tex:
        tex = _NOTHING.sub("", tex)
        for pattern, instead in _WORDS:
            tex = pattern.sub(instead, tex)
        tex = _with_columns(tex)
        for _ in range(_MAX_NESTED):
            tex = _with_groups(tex) if _WITH_GROUPS.search(tex) else tex
    return _without_middle(tex) if _RELATION.search(tex) else tex


def _with_columns(tex: str) -> str:
    """Arrays with nothing but ``l``, ``c``, ``r`` and lines in their columns."""
    parts, done, braces = [], 0, _braces(tex)
    for match in _ARRAY.finditer(tex):
        end = braces.get(match.end() - 1)
        columns = None if end is None else _columns(tex[match.end() : end][:_MAX_SPEC])
        if columns is not None and end is not None and match.start() >= done:
            parts += [tex[done : match.start()], match[1], f"{{{columns}}}"]
            done = end + 1
    return "".join([*parts, tex[done:]])


def _columns(spec: str, depth: int = 0) -> str | None:
    """The plain columns that are meant; None where they can't be made out."""
    found: list[str] = []
    braces, at = _braces(spec), 0
    while at < len(spec):
        sign, at = spec[at], at + 1
        if sign in "lcr|":
            found.append(sign)
        elif sign in _WIDE | _BETWEEN | {"*"}:
            group, at = _group(spec, braces, at) if sign != "X" else ("", at)
            if group is None:
                return None
            if sign == "*":
                repeated, at = _group(spec, braces, at)
                inner = _columns(repeated, depth + 1) if repeated and depth < 3 else None
                if inner is None or not group.strip().isdecimal():
                    return None
                found.append(inner * min(int(group.strip()[:3]), _MAX_COLUMNS))
            elif sign in _WIDE:
                found.append("l")
        elif not sign.isspace():
            return None
    return "".join(found)[:_MAX_COLUMNS] or None


def _with_groups(tex: str) -> str:
    """Commands with several arguments, or with rows between braces."""
    parts, done, braces = [], 0, _braces(tex)
    while match := _WITH_GROUPS.search(tex, done):
        name, at = match[1], match.end()
        groups: list[str] = []
        for _ in range(_COUNTS.get(name, 1)):
            group, at = _group(tex, braces, at)
            if group is None:
                break
            groups.append(group)
        parts.append(tex[done : match.start()])
        done = match.end() if len(groups) < _COUNTS.get(name, 1) else at
        if done == match.end():
            parts.append(match[0])
        elif name == "sideset":
            sign = _SIGN.match(tex, at)
            done = sign.end() if sign else at
            parts.append(rf"\mathop{{{{}}{groups[0]}{sign[1] if sign else ''}{{}}{groups[1]}}}")
        else:
            parts.append(_written(name, groups))
    return "".join([*parts, tex[done:]])


def _written(name: str, groups: list[str]) -> str:
    match name, groups:
        case "mathchoice", [display, *_]:
            return f"{{{display}}}"
        case "genfrac", [left, right, thickness, _, above, below]:
            bar = r"\atop" if thickness.strip()[:1] == "0" else r"\over"
            fraction = rf"{{{above} {bar} {below}}}"
            fences = [f if _FENCE.fullmatch(f) else "." for f in (left.strip(), right.strip())]
            if fences == [".", "."]:
                return fraction
            return rf"\left{fences[0]} {fraction}\right{fences[1]} "
    return rf"\begin{{{name}}}{groups[0]}\end{{{name}}}"


def _group(tex: str, braces: dict[int, int], at: int) -> tuple[str | None, int]:
    """What stands between the braces that come, and where they end; None without."""
    at += tex[at : at + 1] == " "
    end = braces.get(at)
    return (None, at) if end is None else (tex[at + 1 : end], end + 1)


def _braces(tex: str) -> dict[int, int]:
    """Where each brace closes that is opened and closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACE.finditer(tex):
        if brace[0] == "{":
            opened.append(brace.start())
        elif brace[0] == "}" and opened:
            found[opened.pop()] = brace.start()
    return found


def _without_middle(tex: str) -> str:
    """Relations that stand between two ``&`` of aligned lines with the first one alone."""
    parts, done, opened = [], 0, [""]
    for border in _BORDER.finditer(tex):
        parts += [_joined(tex[done : border.start()], opened[-1]), border[0]]
        done = border.end()
        if border[1] == "begin":
            opened.append(border[2])
        elif len(opened) > 1:
            opened.pop()
    return "".join([*parts, _joined(tex[done:], opened[-1])])


def _joined(piece: str, environment: str) -> str:
    if environment and environment not in _ALIGNED:
        return piece
    return _EMPTY.sub("&", _RELATION.sub(r"&\1 ", piece))
