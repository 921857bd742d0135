"""A reading as a page of HTML: formulas, tables, and nothing that acts."""

from __future__ import annotations

from got_loaders.rendering.page import render_reading


def test_a_reading_is_shown_as_it_looks() -> None:
    """Headings, formulas and tables are elements of HTML."""
    shown = render_reading(
        r"\section*{1 Intro} Let \(x^{2}\) be \[ a \] "
        r"\begin{tabular}{|c|} \hline \(x_1\) & <b> \\ \hline\end{tabular}"
    )
    assert "<h2>1 Intro</h2>" in shown
    assert "<p>Let <math><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup>" in shown
    assert '<p class="formula"><math display="block">' in shown
    assert "<th><math>" in shown
    assert "<th>&lt;b&gt;</th>" in shown


def test_a_reading_without_mark_up_keeps_its_lines() -> None:
    """A plain reading is no mark-up, whatever is in it; that of nothing is nothing."""
    shown = render_reading("\\(x\\)\n<b>", formatted=False)
    assert shown == '<pre class="plain">\\(x\\)\n&lt;b&gt;</pre>'
    assert render_reading(" ", formatted=False) == render_reading("") == ""
