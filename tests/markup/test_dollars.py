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
    r"$5 \times n$": [r"$5 \times n$"],
    r"$p = \$5$": [r"$p = \$5$"],
    r"$2 \cdot p \$3$ (US\$ 6)": [r"$2 \cdot p \$3$"],
    r"\$5 for $x_1$ and $10": ["$x_1$"],
    "$A$ 20 times": ["$A$"],
    r"5$\alpha$3": [r"$\alpha$"],
    r"a$\to$b": [r"$\to$"],
    "2$n$": ["$n$"],
}


@pytest.mark.parametrize(("line", "formulas"), FORMULAS.items(), ids=FORMULAS)
def test_formulas_beside_prices_stay(line: str, formulas: list[str]) -> None:
    """What has a command, a script or a relation between its dollars is a formula."""
    assert markdown_reading.read(to_markdown(line)).formulas == formulas


NUMBERS = {
    r"91.2$\pm$0.3": "91.2±0.3",
    r"2$\times$2 or 3 $\times$ 3": "2×2 or 3 × 3",
    r"1$\sim$50, $\sim$50": "1~50, ~50",
    "p$<$0.05, n$=$5, $>$100": "p<0.05, n=5, >100",
    "a$-$b, $-$5": "a-b, -5",
    r"16$\%$ and $16\%$": "16% and 16%",
    r"$5 \times 3$": "5 × 3",
    r"$\$5$ each": "$5 each",
    r"10$^{-3}$ of 20$^\circ$C": "10⁻³ of 20°C",
    r"5 $\mu$m": "5 µm",
    "$5$ and $6$": "5 and 6",
}


@pytest.mark.parametrize(("line", "text"), NUMBERS.items(), ids=NUMBERS)
def test_signs_and_numbers_between_dollars_are_text(line: str, text: str) -> None:
    """A sign between two numbers is no price, whatever it touches, and reads as it was printed."""
    assert to_text(line) == text
    found = markdown_reading.read(to_markdown(line))
    assert (found.shown, found.formulas) == (text, [])


TOUCHING = {
    r"an \(n\)th": "an $n$ th",
    r"\(x\)5 or 5\(x\)": "$x$ 5 or 5 $x$",
    r"a\(\to\)b": r"a $\to$ b",
    r"x\(_{i}\) and x\(^{n+k}\)y": "x$_{i}$ and x$^{n+k}$y",
    r"(\(x\)), \(y\).": "($x$), $y$.",
}


@pytest.mark.parametrize(("line", "markdown"), TOUCHING.items(), ids=TOUCHING)
def test_formulas_touch_no_letter(line: str, markdown: str) -> None:
    """Few readers know a dollar beside a letter or a digit for a formula's; a script stays."""
    assert to_markdown(line) == markdown


def test_a_command_keeps_its_name_in_text() -> None:
    """In plain text a letter after a formula does not run into the command that ends it."""
    assert to_text(r"5 \(\alpha\)m, \(n\)th") == r"5 \alpha m, nth"
