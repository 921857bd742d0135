"""Dollars: sums of money or the ends of a formula."""

from __future__ import annotations

import pytest

from got_loaders.markup import to_markdown, to_text
from tests.markup import markdown_reading

PRICES = [
    r"$10, or \$3 (US$ 20)",
    r"\$3, or $10 (US$ 20)",
    r"$10 (US$ 20), or \$3",
    r"$10/\$3/US$ 20",
    r"$3 or \$4 = US$ 5",
    r"$1,000 and \$2 or A$ 3, HK$ 4",
    r"C$10 = \$8; NZ$ 12",
    r"between $5 and \$6 (CA$)",
    r"$5–$10, \$5–\$10",
    r"\$5 to $10",
    "US$ 5, A$ 6 and $7",
    "from $5 to $10 a piece",
    "$5-$10",
    "costs $5, $6 or $ 7",
]


@pytest.mark.parametrize("line", PRICES)
def test_prices_are_no_formulas(line: str) -> None:
    """With a backslash before some dollars and none before others, each stays where it is."""
    assert to_text(line) == line.replace(r"\$", "$")
    found = markdown_reading.read(to_markdown(line))
    assert found.formulas == []
    assert found.shown == line.replace(r"\$", "$")


FORMULAS = {
    "$x$ costs $5": ["$x$"],
    r"$5 \times 3$": [r"$5 \times 3$"],
    r"$p = \$5$": [r"$p = \$5$"],
    r"$\$5$ each": [r"$\$5$"],
    r"$2 \cdot \$3$ (US\$ 6)": [r"$2 \cdot \$3$"],
    r"\$5 for $x_1$ and $10": ["$x_1$"],
    "$A$ 20 times": ["$A$"],
}


@pytest.mark.parametrize(("line", "formulas"), FORMULAS.items(), ids=FORMULAS)
def test_formulas_beside_prices_stay(line: str, formulas: list[str]) -> None:
    """What has a command, a script or a relation between its dollars is a formula."""
    assert markdown_reading.read(to_markdown(line)).formulas == formulas
