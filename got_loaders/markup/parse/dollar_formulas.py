r"""Whether dollars are the ends of a formula or the signs of prices.

Pandoc's rule (no blank inside, no digit after), that the inside looks like a formula, and that a
sign alone is one: ``91.2$\pm$0.3``.
"""

from __future__ import annotations

import re

__all__ = ["BEFORE_CHARS", "MAX_CHARS", "is_dollar_formula"]

MAX_CHARS = 1000
"""Characters between two dollars that can be a formula's."""
BEFORE_CHARS = 4
"""Characters before a dollar that tell whose dollar it is."""
_MATH_LIKE = re.compile(r"[\\^_=<>]")
_SCRIPTS = re.compile(r"[\\^_]")
_SIGN_ALONE = re.compile(r"\s*(?:\\[A-Za-z]+|[-+<>=~*\u00b1\u00d7\u2248\u2264\u2265\u2212])\s*")
_BEGINS = re.compile(r"\\(?!text|emph|footnote|href|url|cite|item|par(?![a-z]))[A-Za-z]+|[_^]")
"""How a formula begins and no price does."""
_CURRENCY = re.compile(r"(?<![A-Za-z])[A-Z]{1,3}\Z")
"""The beginning of ``US$`` and the like."""
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def is_dollar_formula(before: str, inside: str, after: str, *, display: bool = False) -> bool:
    """Whether what stands between two dollars is a formula, given what is beside them: the last
    characters before the first, the one after the second. ``display`` is for two of each."""
    if not inside or _BLANK_LINE.search(inside):
        return False
    if not display and (inside[0].isspace() or inside[-1].isspace()):
        return False
    if _SIGN_ALONE.fullmatch(inside):
        return inside[0] == "\\" or not _CURRENCY.search(before)  # `US$-CA$`
    if len(inside) == 1 and inside.isalpha() and before[-1:].isdigit():
        return not after.isdigit()  # `2$x$`
    if after.isdigit() and not _BEGINS.match(inside):
        return False
    bare = inside.replace(r"\$", "")
    if before[-1:].isalnum():
        return bool(_SCRIPTS.search(bare))  # `US$/CA$`, but `10$^{-3}$`
    if bare != inside and not inside.startswith(r"\$"):  # sums of money, unless there is more
        return bool((_SCRIPTS if _CURRENCY.search(inside) else _MATH_LIKE).search(bare))
    return bool(_MATH_LIKE.search(inside)) or not any(map(str.isspace, inside))
