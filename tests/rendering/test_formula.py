"""A formula as MathML: what is set, what is repaired, and that nothing of it can act."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree

import pytest
from math_core import LatexToMathML

from got_loaders.markup.write.allowed_commands import COMMANDS
from got_loaders.rendering.formula import formula_html

_ANNOTATION = re.compile(r"<annotation[^>]*>.*?</annotation>")


def seen(tex: str, *, display: bool = True) -> str:
    """The characters of a formula."""
    shown = _ANNOTATION.sub("", formula_html(tex, display=display))
    return "".join(ElementTree.fromstring(shown).itertext()) if shown else ""


@pytest.mark.parametrize(
    "tex",
    ["x^{2}", r"\frac{a}{b}", r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\sqrt[3]{x}"],
)
def test_a_formula_is_what_the_converter_makes_of_it(tex: str) -> None:
    """What needs no repair is set as math_core sets it, with its TeX beside it."""
    own = LatexToMathML().convert_with_local_state(tex, displaystyle=False)
    inner = own.removeprefix("<math>").removesuffix("</math>")
    shown = formula_html(tex)
    assert f"<semantics><mrow>{inner}</mrow><annotation" in shown
    assert 'encoding="application/x-tex">' in shown


@pytest.mark.parametrize(
    ("tex", "characters"),
    [
        (r"\left(a + \frac{b}{c", "(a+bc\u2063"),
        (r"a = b \tag{3.2}", "a=b(3.2)"),
        (r"\begin{aligned} a \tag{1} \\ b \end{aligned}", "a(1)b"),
        (r"\text{if $x > 0$ or \(y\)}", "if x>0 or y"),
        (r"\sum_{\substack{i \\ j}} \pmb{v}", "∑ij\N{MATHEMATICAL BOLD ITALIC SMALL V}"),
        (r"\begin{split} a &= b \end{split}", "a=b"),
        (r"x &lt; y", "x<y"),
        (r"\textcircled{3} \AA", "③Å"),
        (r"\ce{2H2O + SO4^2+ <=> X}", "2H2O+SO42+⇌X"),
        (r"\varlimsup_{n} a", "lim̲na"),
        (r"\unknown{x} \href{javascript:x}{y}", None),
        (r"\mbox{a} \large b \smash{c} \Bra{d}", "abc⟨d|"),
        ("", ""),
        (r"\begin{array}{|l|} \hline \hline a \\ \hline \hline b \\ \hline \end{array}", "ab"),
        (r"\begin{array}{*{20}{c}} a & b \end{array}", "ab"),
        (r"\begin{array}{p{3cm}|>{\bf}m{2cm}@{}} a & b \end{array}", "ab"),
        (r"\begin{array}{cc} \multirow{2}{*}{a} & b \\ \cline { 2 - 2 } & c \end{array}", "abc"),
        (r"a=b \label{eq:1}", "a=b"),
        ("\\text{if \u03b1 \u2264 2 \u2192 \u2211}", "if\u03b1\u22642\u2192\u2211"),
        (r"\genfrac{x}{\rangle}{1pt}{}{n}{k}", "\u2063nk\u27e9"),
        (r"\genfrac{(}{)}{0pt}{}{n}{k} \root 3 \of x \buildrel a \over =", "(nk)x3=a"),
        (r"\pmatrix{a & b \cr c & d} \mathchoice{x}{y}{z}{w}", "(abcd)x"),
        (r"\sideset{}{'}\sum_i \raisebox{2pt}{x} \circledR", "∑\N{PRIME}ix®"),
        (r"\genfrac{(}{)}{0pt} \sideset{a} \matrix{ \root 3", None),
    ],
)  # fmt: skip
def test_what_the_model_writes_is_set(tex: str, characters: str | None) -> None:
    """Cut off, with numbers, text and commands that few renderers know."""
    assert "not typeset" not in formula_html(tex, display=True)
    if characters is not None:
        assert re.sub(r"\s", "", seen(tex)) == re.sub(r"\s", "", characters)


def test_every_allowed_command_is_set() -> None:
    """No command that the other outputs keep is refused here, even without arguments."""
    forms = (
        "x \\{} {{a}}{{b}} y",
        "\\text{{a \\{} b}}",
        "\\left( \\{} \\right)",
        "a & \\{} \\\\ b",
    )
    for name in sorted(COMMANDS - {"middle"}):
        for form in forms:
            assert "not typeset" not in formula_html(form.format(name), display=True), name


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{a}{x}", r"\cssId{a}{x}",
        r"\label{a} \ref{a} \eqref{a}", r"<img src=x onerror=alert(1)>", r"\text{</math><script>}",
        r"\includegraphics{http://x/y.png}", r"\url{http://x}", r"\def\x{\x}\x",
        r"\htmlData{a=b}{x}",
        "\\text{\"><svg onload=alert(1)>}", r"\newcommand{\a}{b}\a", r"\unicode{x41}",
    ],
)  # fmt: skip
def test_nothing_that_was_read_acts_in_a_formula(tex: str) -> None:
    """No element but those of formulas, no address, id or handler, in well-formed XML."""
    for element in ElementTree.fromstring(formula_html(tex)).iter():
        assert element.tag.startswith(("m", "semantics", "annotation", "code"))
        assert not {"id", "href", "src", "xlink:href"} & set(element.attrib)
        assert not [name for name in element.attrib if name.startswith("on")]


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        r"\left(",
        "[a(",
        r"\langle ",
        "{(}{",
        "(&",
        r"\sin(",
        r"\Biggl|",
        r"\xi(",
        "^",
        r"\text{$",
    ],
)
def test_a_formula_that_runs_away_costs_little(piece: str) -> None:
    """Time grows with the length, whatever stays open in it."""
    begun = time.thread_time()
    formula_html(piece * (3000 // len(piece)), display=True)
    assert time.thread_time() - begun < 20  # where each bracket doubled it, days


def test_what_can_not_be_set_is_shown_with_the_reason() -> None:
    """The source stays, escaped, and its title says why."""
    shown = formula_html("<" * 20_000)
    assert shown.startswith(
        '<code class="formula" title="not typeset: longer than 10000 characters">'
    )
    assert "&lt;&lt;" in shown


def test_relations_of_an_eqnarray_stand_where_those_of_aligned_lines_do() -> None:
    """Its middle column would be a gap; the columns of an array are as they are."""
    lines = r"\begin{{{0}}} a {1} b \\ {2} c \end{{{0}}}"
    old = formula_html(lines.format("eqnarray", r"&\leq&", "& &"), display=True)
    new = formula_html(lines.format("aligned", r"&\leq", "&"), display=True)
    assert _ANNOTATION.sub("", old) == _ANNOTATION.sub("", new)
    assert formula_html(r"\begin{array}{rcl} a &=& b \end{array}").count("<mtd") == 3


def test_a_thin_rule_is_a_line() -> None:
    """As where something is to be filled in; one without a height is a strut."""
    assert "munder" in formula_html(r"x = \rule{2cm}{0.4pt}")
    assert "munder" not in formula_html(r"x = \rule{2cm}{0pt} \rule{0.1pt}{1em}")


def test_an_arrow_stands_above_its_letter() -> None:
    """Signs that combine with a letter are set beside it by browsers."""
    assert "\u20d7" not in seen(r"\vec{v}")
    assert "\u2192" in seen(r"\vec{v}")


def test_a_table_ends_with_its_last_line() -> None:
    """A rule below the last row is its border, and no row of nothing."""
    shown = formula_html(r"\begin{array}{|c|} \hline a \\ \hline b \\ \hline \end{array}")
    assert shown.count("<mtr>") == 2
    assert "border-bottom" in shown


def test_a_root_keeps_its_degree_beside_open_brackets() -> None:
    """Brackets that are none of the formula's own are left alone."""
    assert "<mroot>" in formula_html(r"\sqrt[3]{x}" + "(" * 12)
