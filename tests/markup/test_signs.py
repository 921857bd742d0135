"""Signs in a document of LaTeX: each shows with the engine that is there, or says what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from got_loaders.markup import escape_latex, to_latex
from tests.markup import tex_engines

SIGNS = (
    "①②⑳❶Ⓐ □■○●▲△▼★☆◆◇☐☑☒ ✓✔✗✘ ≤≥≠≈±×÷− →←↑↓⇒⇔ ∞∑∏∫√∂∇∈∉⊂∪∩∧∨¬∀∃∅∠⊥∥ ℓℏ⋆∗⊕⊗"  # noqa: RUF001
    "αβγπΩµ ° \N{PRIME}″ ‰ €£¥₹₽₩₺¢ §¶†‡•…–—“”„«»‹› ™®© ℃℉№ ½¼¾⅓ ²³ⁿ₂⁽ᵃ⁾ ĄőßğșÉ"  # noqa: RUF001
    "Жяё Ελληνικά עברית عربي ไทย हिन्दी 书本 カナ 한국 ☎♪☃"
)
"""Signs, letters and scripts that readings have; no font has them all."""

SIGNS_IN_FORMULAS = "①☑≤→απЖ·×°☃é"

WRITTEN = {
    "a check mark of LaTeX": (r"\checkmark", r"\(\checkmark\)"),
    "a prime": (r"5\({ }^{\prime}\)", r"5\(^{\prime}\)"),
    "a star": (r"a\({ }^{\star}\)", r"a\(\star\)"),
    "signs as they were read": ("① ≤ π → □", r"\textcircled{1} \(\leq\) \(\pi\) \(\rightarrow\)"),
    "a box that is ticked": ("☑", r"\mbox{\rlap{\(\square\)}\(\checkmark\)}"),
    "Greek words": ("Ελληνικά π", "Ελληνικά π"),
    "letters above the line": ("xⁿ⁽ᵃ⁾", r"x\textsuperscript{n(a)}"),
    "in a formula": (r"\( a ≤ π \) \( x′ \)", r"\(a \leq \pi\) \(x'\)"),  # noqa: RUF001
    "foreign letters in a formula": (r"\( v_{м} \)", r"\(v_{\text{м}}\)"),
}


@pytest.mark.parametrize(("reading", "latex"), WRITTEN.values(), ids=WRITTEN)
def test_a_sign_is_written_as_what_shows_it(reading: str, latex: str) -> None:
    """What fonts lack is maths or a command of LaTeX's own; words are left to a font."""
    assert to_latex(reading).startswith(latex)


def test_signs_of_a_plain_reading_show_too() -> None:
    """An escaped text has its signs as LaTeX shows them."""
    assert escape_latex("□ 5 ≤ 6") == r"\(\square\) 5 \(\leq\) 6"


def test_no_sign_is_left_out_of_a_document(tmp_path: Path) -> None:
    """The engine finds no character without a glyph or a meaning: in text, bold, code, formulas."""
    engine = tex_engines.installed()
    if engine is None:
        pytest.skip(f"no TeX engine that works: none of {', '.join(tex_engines.NAMES)}")
    formulas = "".join(f" \\( {sign} \\)" for sign in SIGNS_IN_FORMULAS)
    reading = (
        f"{SIGNS}\n\n\\textbf{{{SIGNS[:60]}}} \\texttt{{→α①}}{formulas}\n\n"
        f"\\begin{{verbatim}}\n{SIGNS_IN_FORMULAS}\n\\end{{verbatim}}\n\n\\section*{{{SIGNS_IN_FORMULAS}}}"
    )
    done = tex_engines.compile_document(engine, to_latex(reading, document=True), tmp_path)
    log = (tmp_path / "page.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert [line for line in log.splitlines() if "Missing character" in line] == []
