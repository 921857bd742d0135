r"""What a formula may do: draw. Every command of the LaTeX kernel is tried, in every output."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pymupdf
import pytest

from got_loaders.markup import to_html, to_latex, to_markdown
from got_loaders.markup.write.allowed_commands import COLORS, COMMANDS, ENVIRONMENTS, LENGTHS
from tests.markup import html_reading, markdown_reading, tex_engines
from tests.markup.kernel_commands import kernel_commands

OWN = {"(", ")", "textbackslash", "ensuremath", "text", "hline", "hspace", "begin", "end"}
OWN |= {"paragraph", "section", "texttt", "textasciicircum", "textless", "textgreater", "textbar"}
OWN |= {
    "toprule",
    "bottomrule",
    "midrule",
    "operatorname",
    "textasciitilde",
    "footnote",
    "footnotetext",
}
"""Commands that the writers write themselves."""

NAMES = [name for name in kernel_commands() if name not in COMMANDS and name not in OWN]
PLACES = [
    r"\( %s{a}{b} \)",
    r"\[ x^%s + \text{%s a} \]",
    r"\( \begin{array}{%s c}%s & %s{a} \\ %s \end{array} \)",
    r"$a=\left%s a \right%s$",
    r"\begin{align} %s & \big%s \\ \end{align}",
    r"\begin{tabular}{>{%s}c} \( %s \) & %s \end{tabular}",
    r"%s{a} \textbf{%s} \section*{%s \( %s \)}",
    r"\begin{tikzpicture} \draw (0,0) -- (1,1); %s{a} \node {%s}; \end{tikzpicture}",
    r"\textbackslash %s <smiles>%s</smiles>",
    r"\( <smiles>%s</smiles> \)",
]
COMMAND = re.compile(r"\\\\|\\([A-Za-z]+)")
ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{([^{}]*)\}")
LETTERS = set(map(chr, range(ord("A"), ord("z") + 1)))
"""Names of one letter: variables of loops in drawings, or accents."""

VERBATIM = re.compile(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", re.DOTALL)
TITLE = re.compile(r"^\\title\{a\}$", re.MULTILINE)
"""A title is written as one; nowhere else does the command stand."""

WRITTEN = {*ENVIRONMENTS, "verbatim", "tikzpicture", "scope"}


def commands(tex: str) -> set[str]:
    """The names of the commands in a piece of TeX."""
    return {match[1] for match in COMMAND.finditer(tex) if match[1]}


def unknown(reading: str) -> set[str]:
    """Commands and environments in any output that are neither allowed nor our own."""
    markdown = " ".join(markdown_reading.read(to_markdown(reading)).formulas)
    html = " ".join(html_reading.read(to_html(reading)).formulas)
    latex = TITLE.sub("", VERBATIM.sub("", to_latex(reading)))
    found = commands(markdown + html) - COMMANDS - {"begin", "end"} - COLORS - LENGTHS
    drawn = {"draw", "node", "centering", *LETTERS} if r"\begin{tikzpicture}" in latex else set()
    found |= commands(latex) - COMMANDS - OWN - drawn
    names = {name.rstrip("*") for name in ENVIRONMENT.findall(markdown + html + latex)}
    assert "^^" not in markdown + html + latex
    return found | (names - WRITTEN - {"tabular", "align", "gather"})


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(place, marks=() if n % 4 == 0 else pytest.mark.slow)
        for n, place in enumerate(PLACES)
    ],
)
def test_no_other_command_of_the_kernel_passes(place: str) -> None:
    """Of each of its commands the name is shown, wherever it stands."""
    assert len(NAMES) > 1500
    for first in range(0, len(NAMES), 50):
        names = [f"\\{name}" for name in NAMES[first : first + 50]]
        assert unknown("\n\n".join(place.replace("%s", name) for name in names)) == set()


def spellings(name: str) -> list[str]:
    """A command as TeX may be told it otherwise."""
    letter = f"{ord(name[0]):02x}"
    return [
        f"^^5c{name}",
        f"\\^^{letter}{name[1:]}",
        f"\\in^^70ut{name}",
        f"\\csname {name}\\endcsname",
        f"\\begin{{{name}}}a\\end{{{name}}}",
        f"\\begin{{^^{letter}{name[1:]}}}a",
        f"\\expandafter\\{name}",
        f"\\catcode`\\|=0 |{name}",
        f"\\@@{name}",
        f"\\le@{name}",
        f"\\string\\{name}",
        f"\\let\\x\\{name}\\x",
        f"\\def\\x{{\\{name}}}\\x",
        f"\\%\\{name}%\n\\{name}",
        f"\\begin {{ {name} }}",
        f"\\label{{\\{name}}}",
        f"\\verb|\\{name}|",
        f"\\ExplSyntaxOn\\use:c{{{name}}}",
        f"\\UseName{{{name}}}{{a}}\\ExpandArgs{{c}}\\relax{{{name}}}",
        f"\\color{{\\{name}}}\\hspace{{\\{name}}}\\kern\\{name}",
        f"\\multicolumn{{\\{name}}}{{c}}{{a}}\\rule{{\\{name}}}{{1pt}}",
        f"\\xrightarrow[\\{name}]{{\\{name}}}\\sqrt[\\{name}]{{a}}",
    ]


@pytest.mark.parametrize("form", [r"\( {} \)", r"\[ \text{{{}}} \]", r"\( \frac{} \)", "${}$"])
def test_nor_does_one_that_is_spelt_otherwise(form: str) -> None:
    """Not by TeX's codes of characters, by its name, behind a definition, in an argument."""
    for name in ("input", "write", "openout", "immediate", "href", "newcommand", "filecontents"):
        for spelling in spellings(name):
            assert unknown(form.format(spelling)) == set(), spelling


def test_what_is_allowed_stays_as_it_is() -> None:
    """Each of these commands is in Markdown and HTML what the model wrote."""
    for name in COMMANDS:
        tex = rf"x \{name} {{a}}{{b}} + y"
        assert to_markdown(rf"\( {tex} \)") == f"${tex}$"
    for name in ENVIRONMENTS:
        tex = rf"x \begin{{{name}}}{{c}} a & b \\ c \end{{{name}}} + y"
        assert to_markdown(rf"\( {tex} \)") == f"${tex}$"


FORMULAS = [
    r"\int_{0}^{\infty} e^{-x^{2}} \, d x=\frac{\sqrt{\pi}}{2}",
    r"\operatorname*{argmax}_{\theta} \prod_{i=1}^{n} p\left(x_{i} \mid \theta\right)",
    r"\lim\limits_{n \to \infty} \sum\limits_{k=1}^n \binom{n}{k} \mathbb{E}[X]",
    r"A \xrightarrow[T]{\text{heat}} B \xleftarrow{k} C \rightleftharpoons D",
    r"{a \over b} + {n \choose k} \quad \hspace{1em} \mathrm{~kg} \cdot \mathrm{m}^{-2}",
    r"\begin{cases} x & \text{if } x \geq 0 \\ -x & \text{otherwise} \end{cases}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \otimes \mathbf{I}_{n}",
    r"\left\langle\psi\left|\hat{H}\right| \psi\right\rangle=\hbar \omega",
    r"\Big( \big[ \bigg| x \bigg| \big] \Big) \underbrace{a+b}_{c} \overset{!}{=} d",
    r"\color{red} x \textcolor{blue}{y} \rule{0pt}{2.5ex} \not\in \AA \mathcal{L} \mathscr{F}",
]


@pytest.mark.parametrize("tex", FORMULAS)
def test_formulas_of_papers_are_untouched(tex: str) -> None:
    """In Markdown a formula stays as it was read, character for character."""
    assert to_markdown(rf"\( {tex} \)") == f"${tex}$"


IN_LATEX = {
    r"\sum_{\substack{i \\ i \neq j}} a_i": r"\sum_{\substack{i \\ i \neq j}} a_i",
    r"\begin{subarray}{l} i \\ j \end{subarray}": r"\begin{subarray}{l} i \\ j \end{subarray}",
    r"\sqrt[3]{x} + a^\sqrt[n-1]{y}": r"\sqrt[3]{x} + a^{\sqrt[n-1]{y}}",
    r"\smash[b]{\frac{1}{2}}": r"\smash[b]{\frac{1}{2}}",
    r"a = b \tag*{(A)}": r"a = b \tag*{(A)}",
    r"\begin{aligned}[t] a &= b \end{aligned}": r"\begin{aligned} a &= b \end{aligned}",
    r"\begin{alignedat}{2} a &= b \end{alignedat}": r"\begin{aligned} a &= b \end{aligned}",
    r"\begin{pmatrix*}[r] -1 & 2 \end{pmatrix*}": r"\begin{pmatrix} -1 & 2 \end{pmatrix}",
    r"\begin{array}[t]{@{}l@{\quad}c@{}} a & b \end{array}": (
        r"\begin{array}{lc} a & b \end{array}"
    ),
    r"\begin{dcases} a & b \\ c \end{dcases}": r"\begin{dcases} a & b \\ c \end{dcases}",
    r"\begin{rcases} a \\ b \end{rcases}": r"\begin{rcases} a \\ b \end{rcases}",
    r"\begin{multlined} a \\ b \end{multlined}": r"\begin{gathered} a \\ b \end{gathered}",
    r"\mathbbm{1}_A + \mathds{1}_B": r"\mathbf{1}_A + \mathbf{1}_B",
    r"a \hfill b": r"a \hfill b",
    r"\textcolor{red}{x} + \textcolor{mycolor}{y}": r"\textcolor{red}{x} + {y}",
    r"\left\color{red}( x \right)": r"\left.\color{red}( x \right)",
}
"""Formulas, and what LaTeX needs instead where that is something else."""


@pytest.mark.parametrize(("tex", "latex"), IN_LATEX.items(), ids=IN_LATEX)
def test_formulas_of_papers_keep_their_meaning_in_latex(tex: str, latex: str) -> None:
    """Rows, roots, options and colours; what only moves a formula about may go."""
    assert to_latex(rf"\[ {tex} \]") == f"\\[\n{latex}\n\\]"
    assert to_markdown(rf"\[ {tex} \]") == f"$${tex}$$"


@pytest.mark.skipif(not tex_engines.installed(), reason="needs a TeX engine")
def test_formulas_of_papers_compile(tmp_path: Path) -> None:
    """As a document that has the packages they need."""
    reading = "\n\n".join(rf"\[ {tex} \]" for tex in [*IN_LATEX, *FORMULAS])
    engine = tex_engines.installed() or ""
    document = to_latex(reading, document=True)
    done = tex_engines.compile_document(engine, document, tmp_path)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


UNKNOWN = {
    r"\(\vektor{x}\)": (r"$\text{vektor}{x}$", r"\(\text{\textbackslash{}vektor}{x}\)"),
    r"\(\href{a}{b}\)": (r"$\text{href}{a}{b}$", r"\(\text{\textbackslash{}href}{a}{b}\)"),
    r"\(\rule{9cm}{9cm}\)": (
        r"$\text{rule}{9cm}{9cm}$",
        r"\(\text{\textbackslash{}rule}{9cm}{9cm}\)",
    ),
    r"\(x\limits_1\)": (r"$x\limits_1$", r"\(x_1\)"),
    r"\[ x \label{eq:1} \]": ("$$x$$", "\\[\nx\n\\]"),
}


@pytest.mark.parametrize(("reading", "written"), UNKNOWN.items(), ids=UNKNOWN)
def test_others_are_shown_by_their_names(reading: str, written: tuple[str, str]) -> None:
    """Nothing that was read is dropped; what takes no part in a formula is text in it."""
    assert (to_markdown(reading), to_latex(reading)) == written


DRAWINGS = [
    r"\draw (0,0) -- (1,1) node[above] {$x^2$};",
    r"\foreach \x/\y in {1/2, 3/4} \fill[red] (\x,\y) circle (2pt); % \input{a}" + "\n",
    r"\draw plot[smooth] coordinates {(0,0) (1,1)}; \draw[domain=0:2] plot (\x, {sin(\x r)});",
    r"\tikzset{every node/.style={draw}} \begin{scope}[xshift=1cm] \node {a}; \end{scope}",
]
ACTS = [
    r"\draw plot file {/etc/passwd};",
    r"\draw plot[id=a, samples=9] function {system('id')};",
    r"\foreach \x in {plo} \draw \x t file {a};",
    r"\draw[/utils/exec={\x}] (0,0);",
    r"\draw[a/.code={\x}, a] (0,0);",
    r"\foreach \x in {1,...,100000} \draw (0,0);",
    r"\node[execute at begin node=\input{a}] {};",
    r"\pgfimage{a}",
    r"\begin{filecontents}{a} \end{filecontents}",
    r"\makeatletter \@input{a}",
    r"% { " + "\n" + r"\node {^^5cinput};",
]


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_pictures_that_draw_are_drawn(drawing: str) -> None:
    """TikZ of paths, points, loops, styles and formulas is passed on as it is."""
    picture = rf"\begin{{tikzpicture}} {drawing} \end{{tikzpicture}}"
    assert to_latex(picture) == picture


@pytest.mark.parametrize("act", ACTS)
def test_pictures_that_do_more_are_shown_as_code(act: str) -> None:
    """TikZ that reads files, runs programs, has keys with code or loops for long is no picture."""
    assert r"\begin{tikzpicture}" not in to_latex(
        rf"\begin{{tikzpicture}} {act} \end{{tikzpicture}}"
    )


SECRET = "xyzzyplugh"


def payloads(folder: Path) -> Iterator[str]:
    """What reads a file, writes one, or runs a program, wherever TeX would let it."""
    read = folder / "canary.txt"
    acts = [
        rf"\input{{{read}}}",
        rf"\input {read} ",
        rf"\ExplSyntaxOn\file_input:n{{{read}}}",
        rf"\UseName{{input}}{{{read}}}",
        rf"\ExpandArgs{{c}}\relax{{input}}{{{read}}}",
        rf"\csname input\endcsname{{{read}}}",
        rf"^^5cinput{{{read}}}",
        rf"\in^^70ut{{{read}}}",
        rf"\makeatletter\@@input {read} ",
        rf"\verbatiminput{{{read}}}\lstinputlisting{{{read}}}",
        rf"\openin5={read} \read5 to\x \x",
        rf"\IfFileExists{{{read}}}{{\input{{{read}}}}}{{}}",
        rf"\DocumentMetadata{{}}\AddToHook{{enddocument}}{{\input{{{read}}}}}",
        rf"\romannumeral\expandafter\input{{{read}}}",
        r"\immediate\write18{touch ran.txt}",
        r"\immediate\openout5=wrote.txt \immediate\write5{x}",
        r"\begin{filecontents}{wrote2.txt} x \end{filecontents}",
        r"\filecontents{wrote3.txt} x \endfilecontents",
        r"\iow_open:Nn\g_tmpa_iow{wrote4.txt}",
        r"\sys_shell_now:n{touch ran2.txt}",
        r"\ShellEscape{touch ran3.txt}\directlua{os.execute('touch ran4.txt')}",
        r"\enddocument\stop\typein{x}\loop\iftrue\repeat",
        r"\newcolumntype{x}{c}\NewDocumentCommand\x{}{\x}\x",
        rf"\def\x{{\input{{{read}}}}}\x\let\y\input\y{{{read}}}",
        rf"\includegraphics{{{read}}}\includepdf{{{read}}}",
    ]
    places = [
        r"\({}\)", r"\[{}\]", "${}$", r"\(\text{{{}}}\)", r"\(x^{}\)", r"\(\frac{}\)",
        r"\(\begin{{array}}{{c}}{} & {}\end{{array}}\)", r"\(\left({}\right)\)",
        r"\begin{{align}}{} & {} \\ {}\end{{align}}", r"\(\sqrt[{}]{{{}}}\)",
        r"\begin{{tabular}}{{>{{{}}}l}}{} & \({}\)\end{{tabular}}",
        r"\begin{{tikzpicture}}\node {{{}}};\end{{tikzpicture}}",
    ]  # fmt: skip
    for act, place in product(acts, places):
        yield place.replace("{}", act).replace("{{", "{").replace("}}", "}")


def test_hostile_formulas_do_nothing_to_a_machine(tmp_path: Path) -> None:
    """300 of them compile; none reads a file, writes one or runs a program, even if TeX may."""
    if (engine := tex_engines.installed("pdflatex")) is None:
        pytest.skip("no pdflatex that works")
    (tmp_path / "canary.txt").write_text(f"{SECRET}\n")
    hostile = list(payloads(tmp_path))
    assert len(hostile) == 300
    document = to_latex("\n\n".join(hostile), document=True)
    before = {path.name for path in tmp_path.iterdir()}
    done = tex_engines.compile_document(engine, document, tmp_path, "-shell-escape")
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    made = {path.name for path in tmp_path.iterdir()} - before
    assert made == {"page.tex", "page.pdf", "page.log", "page.aux"}
    assert SECRET not in text_of(tmp_path / "page.pdf")


def test_nor_do_formulas_of_markdown(tmp_path: Path) -> None:
    """Where another program makes TeX of the Markdown, its formulas do no more."""
    if (engine := tex_engines.installed("pdflatex")) is None:
        pytest.skip("no pdflatex that works")
    (tmp_path / "canary.txt").write_text(f"{SECRET}\n")
    found = markdown_reading.read(to_markdown("\n\n".join(payloads(tmp_path)))).formulas
    head = "\\documentclass{article}\\usepackage{amsmath,amssymb}\\begin{document}\n"
    document = head + "\n\n".join(found) + "\n\\end{document}"
    before = {path.name for path in tmp_path.iterdir()}
    options = ["-shell-escape", "-interaction=nonstopmode", "-no-halt-on-error"]
    tex_engines.compile_document(engine, document, tmp_path, *options)
    made = {path.name for path in tmp_path.iterdir()} - before
    assert made <= {"page.tex", "page.pdf", "page.log", "page.aux"}
    assert not (tmp_path / "page.pdf").exists() or SECRET not in text_of(tmp_path / "page.pdf")


def test_what_they_try_would_work(tmp_path: Path) -> None:
    """The same folder shows what a document does that reads, writes and runs."""
    if (engine := tex_engines.installed("pdflatex")) is None:
        pytest.skip("no pdflatex that works")
    (tmp_path / "canary.txt").write_text(f"{SECRET}\n")
    body = "\\input{canary.txt}\\immediate\\write18{touch ran.txt}"
    document = f"\\documentclass{{article}}\\begin{{document}}{body}\\end{{document}}"
    tex_engines.compile_document(engine, document, tmp_path, "-shell-escape")
    assert SECRET in text_of(tmp_path / "page.pdf")
    assert (tmp_path / "ran.txt").exists()


def text_of(pdf: Path) -> str:
    """The letters of a PDF, without blanks."""
    with pymupdf.open(pdf) as document:  # type: ignore[no-untyped-call]  # no types
        return "".join("".join(page.get_text().split()) for page in document)
