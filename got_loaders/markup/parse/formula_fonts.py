r"""How letters and digits of a formula look, and where bold letters are words and no vectors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from got_loaders.markup.parse.formula_signs import ALPHABETS, FormulaStyle

__all__ = ["FormulaFont", "is_money", "is_prose"]

_UPRIGHT = {"mathrm", "mathsf", "mathtt", "operatorname", "rm"}
_PROSE = re.compile(
    r"""
      ~ | \\\s | (?:\d\s?){4} | [A-ZÀ-Þ\u0410-\u042f](?:\s?[a-zß-ÿ\u0430-\u045f]){2}
    | \A\s*(?:[QH]\s?[1-4]|[1-4]\s?[QH])(?![A-Za-z])                            # Q1
    | \A[\s(+-]*\d[\d\s]*(?:[.,][\d\s]+)+[A-Za-z](?:\s?[A-Za-z])?[\s)]*\Z      # 12.4p
    | \A[\s(+-]*\d[\d\s]*(?:[kmcnMG]\s?[gmWVHLsA](?:\s?z)?|H\s?z|b\s?p\s?s)[\s)]*\Z  # 50 kg
    """,
    re.VERBOSE,
)
"""What is not among bold letters that are vectors: a blank that counts, a year, a word, a sum."""
_MONEY = re.compile(
    r"""
      \\\$ | [£€¥₹] | \\(?:pounds|euro|yen|textsterling|texteuro|textyen|rupee)(?![A-Za-z])
    | \\prime\s*\}\s*(?:\\math[a-z]{2,3}\s*\{)?\s*0\s?0\s?0                # RM'000
    """,
    re.VERBOSE,
)


def is_prose(inside: str) -> bool:
    """Whether letters in bold braces are words or the unit of a number."""
    return bool(_PROSE.search(inside))


def is_money(tex: str) -> bool:
    """Whether a formula names a currency, so that none of its letters is a vector."""
    return bool(_MONEY.search(tex))


@dataclass(frozen=True, slots=True)
class FormulaFont:
    """How letters and digits look: ``letters`` may stand only where they are no variables."""

    letters: Literal["none", "names", "all"] = "none"
    styles: frozenset[FormulaStyle] = frozenset()
    is_loose: bool = False

    def with_command(self, name: str, is_prose: bool) -> FormulaFont:
        style = ALPHABETS[name]
        if name == "underline":
            return FormulaFont(self.letters, self.styles | {"underline"}, self.is_loose)
        letters: Literal["none", "names", "all"] = "names"
        if name in _UPRIGHT or is_prose or self.letters == "all":
            letters = "all"
        return FormulaFont(letters, self.styles | ({style} if style else set()), is_loose=True)
