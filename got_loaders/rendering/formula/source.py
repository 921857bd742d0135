r"""What the model means by a formula, as plain TeX: before it is repaired.

Formulas in ``\text``, signs that HTML spells otherwise, reactions (``\ce``), and numbers of
equations where TeX allows none, which the repair would show without their brackets.
"""

from __future__ import annotations

import re

from got_loaders.rendering.formula.chemistry import chemical_tex

__all__ = ["plain_source"]

_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
_FORMULA_IN_TEXT = re.compile(
    r"(\\(?:text|textrm|textnormal|textit|textbf|mbox)\s?\{)([^{}$\\]{0,400})"
    r"(?:\$((?:[^{}$]|\{[^{}$]*\}){1,200})\$|\\\(((?:[^{}$]|\{[^{}$]*\}){1,200}?)\\\))"
)
_TAG_OR_NEST = re.compile(
    r"\\(?P<side>begin|end)\s?\{|\\tag\s?(?P<star>\*?)\s?\{(?P<number>[^{}]{0,40})\}"
)
_REACTION = re.compile(r"\\ce\s?\{")
_MAX_REACTION_CHARS = 2000
_MAX_FORMULAS_IN_TEXT = 10


def plain_source(tex: str, *, display: bool) -> str:
    """The formula without what only some renderers know; linear in its length."""
    tex = _ENTITY.sub(lambda match: _ENTITIES[match[0]], tex)
    tex = _reactions(tex) if r"\ce" in tex else tex
    if "$" in tex or r"\(" in tex:
        for _ in range(_MAX_FORMULAS_IN_TEXT):
            tex, count = _FORMULA_IN_TEXT.subn(_show_formula, tex)
            if not count:
                break
    return _numbers(tex, display) if r"\tag" in tex else tex


def _show_formula(match: re.Match[str]) -> str:
    command, before, *formula = match.groups()
    return f"{command}{before}}}{{{formula[0] or formula[1]}}}{command}"


def _numbers(tex: str, display: bool) -> str:
    """Numbers inside of environments or lines of text, after what they number."""
    depth = 0

    def shown(match: re.Match[str]) -> str:
        nonlocal depth
        if match["side"]:
            depth += 1 if match["side"] == "begin" else -1
            return match[0]
        if display and depth <= 0:
            return match[0]
        number = match["number"] if match["star"] else f"({match['number']})"
        return rf"\qquad\text{{{number}}}"

    return _TAG_OR_NEST.sub(shown, tex)


def _reactions(tex: str) -> str:
    parts: list[str] = []
    done = 0
    while found := _REACTION.search(tex, done):
        end = _closing(tex, found.end())
        parts += [tex[done : found.start()], "{", chemical_tex(tex[found.end() : end]), "}"]
        done = end + 1
    return "".join([*parts, tex[done:]])


def _closing(tex: str, start: int) -> int:
    """Where the brace closes that was opened before ``start``."""
    depth = 1
    for at in range(start, min(len(tex), start + _MAX_REACTION_CHARS)):
        depth += {"{": 1, "}": -1}.get(tex[at], 0)
        if not depth:
            return at
    return min(len(tex), start + _MAX_REACTION_CHARS)
