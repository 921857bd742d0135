r"""What the commands of a formula need in LaTeX: tables, no code."""

from __future__ import annotations

__all__ = [
    "ALIASES", "ARGUMENTS", "DELIMITERS", "ESCAPED_SIGNS", "INFIX", "LARGE", "MATRIX_LIKE",
    "NAMED_DELIMITERS", "RULES", "SPACES", "TEXT_COMMANDS", "WITH_COLUMNS",
]  # fmt: skip

_ARGUMENTS = {
    1: """
        sqrt text textbf textit textrm mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak
        mathscr boldsymbol bm operatorname mbox overline underline widehat widetilde hat tilde
        bar vec dot ddot overrightarrow overleftarrow overbrace underbrace substack boxed phantom
        texttt textsf emph textsl textsc textnormal textmd tag pmod textsuperscript
        check acute grave breve dddot ddddot mathring overleftrightarrow underrightarrow
        underleftarrow underleftrightarrow hphantom vphantom smash mathord mathop mathbin mathrel
        mathopen mathclose mathpunct mathinner mathnormal pod mod fbox textup textsubscript
        textcircled llap rlap clap xrightarrow xleftarrow pmb ensuremath
        Bbb bold frak mathbbm mathds
    """,
    2: "frac dfrac tfrac cfrac binom dbinom tbinom stackrel overset underset",
}
ARGUMENTS = {name: count for count, names in _ARGUMENTS.items() for name in names.split()}
"""How many arguments a command takes."""

_TEXT = """
    text textbf textit textrm mbox textsuperscript texttt textsf emph textsl textsc textnormal
    textmd textup textsubscript textcircled fbox llap rlap clap
"""
TEXT_COMMANDS = set(_TEXT.split())
"""Commands whose argument is text within a formula."""

_AS_THEY_ARE = """
    cases dcases rcases smallmatrix matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix array aligned
    gathered subarray
"""
MATRIX_LIKE = {
    **{name: name for name in _AS_THEY_ARE.split()},
    **dict.fromkeys(["align", "alignat", "alignedat", "flalign", "eqnarray", "split"], "aligned"),
    **dict.fromkeys(["gather", "multline", "multlined"], "gathered"),
    "tabular": "array",
}
"""Environments within a formula, and what each is written as."""

WITH_COLUMNS = {"array", "subarray"}
"""Those whose columns are told first."""

RULES = {"hline", "cline", "hdashline", "toprule", "midrule", "bottomrule"}
ALIASES = {"hbox": "mbox", "mathbbm": "mathbf", "mathds": "mathbf"}
"""What is written instead: ``hbox`` needs braces, the two fonts packages of their own."""

INFIX = {"over", "atop", "choose", "brace", "brack"}
"""Commands between what they set."""

LARGE = {r"\mathop", r"\operatorname", r"\operatorname*", r"\overbrace", r"\underbrace"}
r"""What stands before the braces after which ``\limits`` may stand."""

DELIMITERS = set("()[]|./<>")
_NAMED = r"""
    { } | langle rangle lvert rvert lVert rVert lfloor rfloor lceil rceil vert Vert uparrow
    downarrow updownarrow Uparrow Downarrow Updownarrow backslash lbrace rbrace lbrack rbrack
    lgroup rgroup lmoustache rmoustache ulcorner urcorner llcorner lrcorner
"""
NAMED_DELIMITERS = set(_NAMED.split())
r"""What may follow ``\left`` after a backslash."""

SPACES = {"quad", "qquad", "enspace", "thinspace", "enskip", "negthinspace", "hfil", "hfill"}
ESCAPED_SIGNS = set("{}|,;:!>%&#$_")
"""Signs that may follow a backslash in a formula."""
