r"""Makes a formula harmless: what is not allowed in it is shown by its name.

For Markdown and HTML, where the formula stays as the model wrote it but for that. What makes
commands of other signs (``^^5c`` is TeX's backslash, ``@`` may be a letter) is taken apart.
"""

from __future__ import annotations

import re

from got_loaders.markup.write.allowed_commands import COLORS, COMMANDS, ENVIRONMENTS, LENGTHS
from got_loaders.markup.write.close_environments import close_environments

__all__ = ["COLOR", "LENGTH", "RULE", "neutralize"]

_NUMBER = r"-?\s?(?:\d{1,2}(?:\.\d{0,4})?|\.\d{1,4})\s?(?:em|ex|mu|pt|mm|cm|in)(?![A-Za-z])"
LENGTH = rf"\\(?:{'|'.join(LENGTHS)})\*?\s?(?:\{{\s?{_NUMBER}\s?\}}|{_NUMBER})"
"""A space of some length, as TeX or LaTeX spell it."""

COLOR = rf"\\(?:{'|'.join(COLORS)})\s?\{{\s?\#?[A-Za-z0-9]{{1,20}}\s?\}}"
"""A command of a colour, with the name of one."""

_LONG = r"\d{0,3}(?:\.\d{0,4})?\s?(?:em|ex|pt|mm|cm|in)"
_THIN = r"(?:\d(?:\.\d{0,4})?|\.\d{1,4})\s?pt|0\s?(?:em|ex|mm|cm|in)"
RULE = (
    rf"\\rule\s?(?:\[{_NUMBER}\]\s?)?"
    rf"(?:\{{(?:{_LONG})\}}\s?\{{(?:{_THIN})\}}|\{{(?:{_THIN})\}}\s?\{{(?:{_LONG})\}})"
)
"""A line, or an invisible strut, but no page full of ink."""

_COMMAND = re.compile(
    rf"""
      \\\\
    | {LENGTH}
    | {COLOR}
    | {RULE}
    | \\(?P<side>begin|end)\s?\{{(?P<environment>[^{{}}\\]{{0,40}})\}}
    | \\(?P<name>[A-Za-z]+)(?P<at>@?)
    | \\@
    | \^(?=\^)
    """,
    re.VERBOSE,
)
_CARETS = re.compile(r"\^(?=\^)")


def neutralize(tex: str) -> str:
    """A formula on one line that draws and does nothing else; linear in its length."""
    return close_environments(_COMMAND.sub(_show_others, tex))


def _show_others(match: re.Match[str]) -> str:
    side, name, environment = match["side"], match["name"], match["environment"]
    if side and environment.strip().removesuffix("*") in ENVIRONMENTS:
        return match[0]
    if side:
        return rf"\text{{{side}}}{{{_CARETS.sub('^ ', environment)}}}"
    if name:
        shown = rf"\{name}" if name in COMMANDS else rf"\text{{{name}}}"
        return f"{shown} @" if match["at"] else shown
    return {r"\@": "@", "^": "^ "}.get(match[0], match[0])
