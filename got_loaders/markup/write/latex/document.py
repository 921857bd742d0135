r"""Makes a whole document of a fragment: the packages that it needs, and its title."""

from __future__ import annotations

import re

from got_loaders.markup.write.allowed_commands import OPERATORS
from got_loaders.markup.write.latex.escape import CJK
from got_loaders.markup.write.latex.fonts import encoding_line, font_lines

__all__ = ["wrap_document"]

_HEAD = r"""% Compile with XeLaTeX or LuaLaTeX: pdfLaTeX lacks most scripts.
\documentclass{article}
\usepackage{iftex}
\iftutex\usepackage{fontspec}\else ENCODING\usepackage{textcomp}\fi
\usepackage{amsmath}
\usepackage{amssymb}
\usepackage{graphicx}
\usepackage{multirow}
\usepackage{booktabs}
\usepackage[labelformat=empty]{caption}"""
_CJK_PACKAGES = (
    r"\ifXeTeX\usepackage{xeCJK}\else\IfFileExists{ctex.sty}{\usepackage[UTF8]{ctex}}{}\fi"
)
_MATHTOOLS = re.compile(r"\\begin\{(?:d|r|dr)cases\}")
_COLOR = re.compile(r"\\(?:text)?color\{")
_COMMAND = re.compile(r"\\\\|\\([A-Za-z]+)")
_KNOWN_NAMES = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi
    varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda
    Xi Pi Sigma Upsilon Phi Psi Omega sum prod int iint iiint oint lim sup inf max min log ln exp
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh det dim ker deg arg gcd Pr frac
    dfrac tfrac binom sqrt left right middle begin end text textbf textit textrm mathrm mathbf
    mathit mathsf mathtt mathcal mathbb mathfrak boldsymbol operatorname overline underline hat
    widehat tilde widetilde bar vec dot ddot overbrace underbrace quad qquad cdot cdots ldots dots
    vdots ddots times div pm mp leq geq le ge neq ne approx equiv sim simeq cong propto ll gg in
    notin ni subset supset subseteq supseteq cup cap setminus emptyset forall exists neg land lor
    wedge vee oplus otimes circ bullet star ast dagger ddagger partial nabla infty prime hbar ell
    Re Im angle perp parallel mid nmid rightarrow leftarrow Rightarrow Leftarrow to mapsto
    leftrightarrow Leftrightarrow longrightarrow implies iff uparrow downarrow langle rangle
    lfloor rfloor lceil rceil lvert rvert lVert rVert big Big bigg Bigg bigl bigr Bigl Bigr limits
    nolimits displaystyle textstyle scriptstyle hline tag stackrel overset underset substack
    title author date maketitle section subsection subsubsection paragraph subparagraph item
    caption footnote footnotetext fbox textsuperscript textsubscript texttt textbackslash
    textasciicircum textasciitilde textless textgreater textbar toprule midrule bottomrule
    relax multirow multicolumn shortstack setcounter draw node path fill coordinate foreach circledR
"""
_KNOWN = frozenset(_KNOWN_NAMES.split())
_MAX_UNKNOWN = 1000
"""Commands of the reading that are given a meaning; a page has a handful at most."""


def wrap_document(body: str) -> str:
    r"""A document of a fragment that makes its own title.

    A command that no package knows (a slip of the model) shows its name instead of ending the
    run: ``\providecommand`` changes nothing where there is one.
    """
    lines = [_HEAD.replace("ENCODING", encoding_line(body))]
    if "\\begin{tikzpicture}" in body:
        lines.append("\\usepackage{tikz}")
    elif _COLOR.search(body):
        lines.append("\\usepackage{xcolor}")
    if _MATHTOOLS.search(body):
        lines.append("\\usepackage{mathtools}")
    if CJK.search(body):
        lines.append(_CJK_PACKAGES)
    lines.extend(font_lines(body))
    names = dict.fromkeys(match[1] for match in _COMMAND.finditer(body) if match[1])
    unknown = [name for name in names if name not in _KNOWN][:_MAX_UNKNOWN]
    lines.extend(f"\\providecommand{{\\{name}}}{{{_meaning(name)}}}" for name in unknown)
    lines.append("\\setcounter{MaxMatrixCols}{40}")
    return "\n".join([*lines, "\\begin{document}", "", body, "", "\\end{document}"])


def _meaning(name: str) -> str:
    if name in OPERATORS:
        return f"\\operatorname*{{{name}}}"
    return f"\\ensuremath{{\\mathrm{{{name}}}}}"
