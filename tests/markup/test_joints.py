r"""Mark-up that comes about only where two parts of a line meet: none of it is live."""

from __future__ import annotations

import pytest

from got_loaders.markup import to_markdown
from tests.hostile.reading import active
from tests.markup.markdown_reading import html_of_a_reader_without_maths

ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "</p><!-- x -->",
    "<?x?> <!x>",
    "<http://e.example>",
    "[x](javascript:alert(1))",
    "![x](http://e.example/a.png)",
    "[x][y] [y]: http://e.example",
    "&lt;b&gt; &#60;",
    r"\<b> \\<b> \[x](y)",
]
PARTS = [
    r"\underline{%s}", r"\textbf{%s}", r"\textit{%s}", r"{\bf %s}", r"\textbf{\textit{%s}}",
    r"\underline{\underline{%s}}", r"\texttt{%s}", r"\textsuperscript{%s}", r"\textsubscript{%s}",
    r"\footnote{%s}", r"\(\text{%s}\)", r"\text{%s}", r"\textrm{%s}", r"\textcolor{red}{%s}",
    r"\label{a}%s", r"\hspace{1cm}%s", r"\-%s", r"\@%s", r"\relax %s", r"{%s}",
]  # fmt: skip
PLACES = ["%s", r"\section*{%s}", r"\begin{itemize}\item %s\end{itemize}", "word %s, word"]
PLACES += [
    r"\begin{tabular}{ll} a & %s \\ \end{tabular}",
    r"\begin{figure}\caption{%s}\end{figure}",
]


def cut(attack: str, part: str) -> list[str]:
    """The attack with one letter in a part of its own, or with all from there on."""
    return [
        attack[:start] + part % attack[start:end] + attack[end:]
        for start in range(len(attack))
        for end in sorted({start + 1, len(attack)})
    ]


@pytest.mark.parametrize(
    "place", [pytest.param(p, marks=() if p == "%s" else pytest.mark.slow) for p in PLACES]
)
@pytest.mark.parametrize("part", PARTS)
def test_nothing_comes_alive_where_parts_of_a_line_meet(part: str, place: str) -> None:
    """A letter that is bold, underlined or in braces is escaped with those beside it."""
    reading = "\n\n".join(place % text for attack in ATTACKS for text in cut(attack, part))
    assert active(to_markdown(reading), "markdown") == []
    tables = html_of_a_reader_without_maths(to_markdown(reading, table_format="html"))
    assert not [tag for tag in tables if "<img" in tag or tag in ("link_open", "image")]


WRITTEN = {
    r"a\textbf{b}c": "a**b**c",
    r"see [1]\textit{(a)}": "see [1]*(a)*",
    r"see [1]\underline{(a)}": r"see [1\](a)",
    r"see [1]\textbf{ b}": "see [1] **b**",
    r"x\_\underline{y}": "x_y",
    r"\textbf{a}\underline{*}": r"**a**\*",
    r"\(a\)\underline{\(b\)}": "$a$ $b$",
}


@pytest.mark.parametrize(("reading", "markdown"), WRITTEN.items(), ids=WRITTEN)
def test_what_is_escaped_is_what_stands_side_by_side(reading: str, markdown: str) -> None:
    """No more of it than in a line without parts."""
    assert to_markdown(reading) == markdown
