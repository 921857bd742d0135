r"""Numbers in formulas: what a page says can be found in what becomes of its reading."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from got_loaders.markup import to_html, to_latex, to_markdown, to_text
from tests.markup import html_reading, markdown_reading

PAGES = 500
MONTHS = ["January", "March", "May", "June", "August", "October", "December"]
UNITS = {
    "mm": r"\mathrm{~mm}", "kg": r"\mathrm{~kg}", "m²": r"\mathrm{~m}^{2}", "km/h": (
    r"\mathrm{~km} / \mathrm{h}"), "mg/dL": r"\mathrm{~mg} / \mathrm{dL}", "µm": r"\mu \mathrm{m}",
    "cm³": r"\mathrm{~cm}^{3}", "kWh": r"\mathrm{~kWh}", "m/s²": r"\mathrm{~m} / \mathrm{s}^{2}",
}  # fmt: skip
WORDS = ["sales", "of", "the", "year", "rose", "and", "costs", "fell", "net", "income", "before"]
Spelt = tuple[str, str]
"""What is printed, and how Mathpix may write it."""


def spaced(text: str) -> str:
    """With a blank between all characters, as Mathpix sets bold ones."""
    return " ".join(text)


def amount(rng: random.Random) -> Spelt:
    """A sum of money."""
    value = f"{rng.randrange(1, 10**9):,}" if rng.random() < 0.6 else f"{rng.uniform(0, 99):.2f}"
    sign, tex = rng.choice([("$", r"\$"), ("€", "€"), ("£", r"\pounds"), ("¥", "¥"), ("₹", "₹")])
    forms = [f"{tex} {value}", f"{tex} {spaced(value)}", rf"\mathbf{{{tex} {spaced(value)}}}"]
    forms += [rf"{tex} \mathbf{{{spaced(value)}}}", rf"{tex} \quad {value}", f"({tex} {value})"]
    return sign + value, rng.choice(forms)


def percentage(rng: random.Random) -> Spelt:
    """A percentage, or a range of them."""
    value = rng.choice([f"{rng.uniform(-9, 99):.1f}", f"{rng.randrange(100)}"])
    if rng.random() < 0.2:
        value = f"{rng.randrange(50)}-{rng.randrange(50, 99)}"
    forms = [rf"{value} \%", rf"{spaced(value)} \%", rf"\mathbf{{{spaced(value)} \%}}"]
    forms += [rf"\mathbf{{{value}}} \%", rf"({value} \%)", rf"{value} \, \%", rf"{value}%"]
    return f"{value}%", rng.choice(forms)


def date(rng: random.Random) -> Spelt:
    """A date or a time of the day."""
    month, day, year = rng.choice(MONTHS), str(rng.randrange(1, 31)), str(rng.randrange(1950, 2030))
    english = f"{month} {day}, {year}"
    return rng.choice(
        [
            (english, rf"\text {{ {month} {day}, }} {year}"),
            (english, rf"\text {{ {month} }} {day},{year}"),
            (english, rf"\mathrm{{{month}}} {day},{year}"),
            (english, rf"\mathbf{{{spaced(month)} ~ {spaced(day)} , ~ {spaced(year)}}}"),
            (f"{day} {month} {year}", rf"{day} \text {{ {month} }} {year}"),
            (f"6/{day}/{year}", f"6 / {day} / {year}"),
            (f"{year}-06-{day}", f"{year}-06-{day}"),
            (f"10:{day}", f"10 : {day}"),
            (year, rf"\mathbf{{{spaced(year)}}}"),
            (f"{year}-{int(year) + 1}", rf"\mathbf{{{spaced(f'{year}-{int(year) + 1}')}}}"),
        ]
    )


def measure(rng: random.Random) -> Spelt:
    """A number with its unit."""
    value = rng.choice([f"{rng.uniform(0, 9):.2f}", f"{rng.randrange(1, 9999)}"])
    if rng.random() < 0.2:
        return f"{value}°C", rng.choice(
            [rf"{value}^{{\circ}} \mathrm{{C}}", rf"{value} {{ }}^{{\circ}} \mathrm{{C}}"]
        )
    unit, tex = rng.choice(list(UNITS.items()))
    return f"{value} {unit}", rng.choice([f"{value} {tex}", f"{spaced(value)} {tex}"])


KINDS: list[Callable[[random.Random], Spelt]] = [amount, percentage, date, measure]


def page(rng: random.Random) -> tuple[str, list[str]]:
    """A reading of a page, and what can be found on it."""
    spelt = [kind(rng) for kind in KINDS for _ in range(2)]
    rng.shuffle(spelt)
    lines = [r"\section*{Report}"]
    for _, tex in spelt[:6]:
        lines.append(f"{' '.join(rng.sample(WORDS, 5))} \\( {tex} \\) {rng.choice(WORDS)}.")
    cells = r" \\ \hline ".join(rf"{rng.choice(WORDS)} & \( {tex} \)" for _, tex in spelt[6:])
    lines.append(rf"\begin{{tabular}}{{|l|r|}} \hline {cells} \\ \hline \end{{tabular}}")
    lines.append(r"Here \( x_{1}=5 \% \) holds.")
    return "\n\n".join(lines), [value for value, _ in spelt]


def bare(value: str) -> str:
    """A value without the sign of a currency, which Markdown may escape."""
    return value.lstrip("$€£¥₹")


def unfound(pages: Iterator[tuple[str, list[str]]]) -> list[tuple[str, str]]:
    """The forms and values that an exact search does not find."""
    missed: list[tuple[str, str]] = []
    for reading, values in pages:
        markdown, text = to_markdown(reading), to_text(reading)
        shown = html_reading.read(to_html(reading)).text
        assert markdown.count("$x_{1}=5 \\%$") == 1
        missed += [("text", value) for value in values if value not in text]
        missed += [("html", value) for value in values if value not in shown]
        missed += [("markdown", value) for value in values if bare(value) not in markdown]
        escaped = markdown.replace("\\$", "$")
        missed += [("markdown", value) for value in values if value not in escaped]
    return missed


def test_each_value_of_500_pages_is_found() -> None:
    """Amounts, percentages, dates and units in Mathpix's manner are found by an exact search in
    text, in HTML and in Markdown; there a dollar has a backslash."""
    rng = random.Random(16)
    assert unfound(page(rng) for _ in range(PAGES)) == []


BEFORE = r"""
Sales rose \( 16 \% \) to \( \$ 1.2 \) million by \( \text { June 30, } 2024 \)
(\( \mathbf{2 0 2 3} \):
\( \mathbf{1 , 2 0 4} \)), in pieces of \( 0.25 \mathrm{~mm} \) and fees\( { }^{(a)} \).
""".strip().replace("\n", " ")


def test_a_sentence_reads_as_it_was_printed() -> None:
    """In each of the forms, its numbers are ordinary text."""
    said = "by June 30, 2024 (2023: 1,204), in pieces of 0.25 mm and fees⁽ᵃ⁾."
    assert to_text(BEFORE) == f"Sales rose 16% to $1.2 million {said}"
    assert markdown_reading.read(to_markdown(BEFORE)).formulas == []
    assert "rose 16% to \\$1.2 million" in to_markdown(BEFORE)
    assert "(**2023**: **1,204**)" in to_markdown(BEFORE)
    assert r"rose 16\% to \$1.2 million" in to_latex(BEFORE)
    assert r"fees\textsuperscript{(a)}" in to_latex(BEFORE)
    assert "rose 16% to $1.2 million" in to_html(BEFORE)


NEIGHBOURS = {
    r"- 5": "-5", r"3 - 5": "3 - 5", r"1 / 2": "1/2", r"5 €": "5 €", r"-\$ 5": "-$5",
    r"\$ 5-\$ 10": "$5-$10", r"\mathrm{US} \$ 5": "US$5", r"\mathrm{USD} 5": "USD 5",
    r"91.2 \pm 0.3": "91.2 ± 0.3", r"\pm 5 \%": "±5%", r"3 \times 4": "3 × 4",
    r"1 \sim 50": "1~50", r"\leq 5 \%": "≤5%", r"10 \times": "10×", r"\approx 3.5": "≈3.5",
    r"5 \times 10^{-3}": "5 × 10⁻³", r"20^{\circ} \mathrm{~F}": "20°F", r"5 \AA": "5 Å",
    r"40^{\circ} 26^{\prime} 46^{\prime \prime} \mathrm{N}": "40°26\N{PRIME}46″N",
    r"50 \Omega": "50 Ω",
    r"\mathrm{kg} / \mathrm{m}^{3}": "kg/m³", r"25 \mathrm{mg}": "25 mg", r"3 \mathrm{D}": "3D",
    r"0.5 \, {\rm mm}": "0.5 mm", r"\mathrm{R} \& \mathrm{D}": "R&D", r"401(\mathrm{k})": "401(k)",
    r"\mathrm{H}_{2} \mathrm{O}": "H₂O", r"\mathrm{CO}_{2}": "CO₂", r"\mathrm{Ca}^{2+}": "Ca²⁺",
    r"21^{st}": "21st", r"1^{\text {st }} \text { of May }": "1st of May", r"* *": "**",
    r"1, 204, 5": "1, 204, 5", r"1 , 2 0 4": "1,204", r"12 500": "12 500", r"1 2 5": "125",
    r"\text { Revenue }=5 \%": "Revenue = 5%", r"\mathrm{p}-\mathrm{value}": "p-value",
    r"5^{\text { a }}": "5ᵃ", r"(1,204)^{*}": "(1,204)*", r"1,2, \ldots, 10": "1,2, …, 10",
    r"\mathbf{2 0}^{\circ} \mathbf{C}": "20°C", r"25{ }^\circ C": "25°C", r"\S 5.1": "§ 5.1",
    r"+1(555) 123-4567": "+1(555) 123-4567", r"\text { p }<0.001": "p < 0.001",
    r"\left(16 \%\right)": "(16%)", r"95 \% \mathrm{CI}: 1.2-3.4": "95% CI: 1.2-3.4",
}  # fmt: skip


@pytest.mark.parametrize(("tex", "text"), NEIGHBOURS.items(), ids=NEIGHBOURS)
def test_numbers_of_all_sorts_are_text(tex: str, text: str) -> None:
    """Signs, ranges, currencies, powers, degrees, substances: blanks stand where they count."""
    assert to_text(rf"\( {tex} \)") == text
    assert markdown_reading.read(to_markdown(rf"\( {tex} \)")).formulas == []


def test_blanks_at_the_ends_keep_words_apart() -> None:
    r"""A ``~`` or a blank in ``\text`` is one where the formula touches a word."""
    assert to_text(r"5\( \mathrm{~mm} \)") == "5 mm"
    assert to_text(r"for\( \text { ten } \)years, (\( \text { ten } \))") == "for ten years, (ten)"
