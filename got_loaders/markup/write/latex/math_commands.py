r"""What the commands of a formula need in LaTeX: tables, no code."""

from __future__ import annotations

__all__ = [
    "ARGUMENTS",
    "DELIMITERS",
    "ESCAPED_SIGNS",
    "MATRIX_LIKE",
    "NAMED_DELIMITERS",
    "RULES",
    "SPACES",
    "TEXT_COMMANDS",
    "is_forbidden",
]

_FORBIDDEN = """
    input include openin openout read write immediate special catcode csname endcsname def edef
    gdef xdef let futurelet newcommand renewcommand providecommand newenvironment expandafter
    usepackage documentclass directlua latelua loop repeat newwrite newread jobname shipout
    output everypar everymath everydisplay batchmode errorstopmode scantokens includegraphics
    InputIfFileExists verbatiminput lstinputlisting bibliography makeatletter makeatother
    escapechar uppercase lowercase meaning detokenize unexpanded global long outer noexpand
    if ifx ifnum ifdim else fi or begingroup endgroup bgroup egroup par end begin vspace
    label ref eqref cite item caption footnote footnotetext footnotemark thanks maketitle title
    author date part chapter section subsection subsubsection paragraph subparagraph newpage
    clearpage cleardoublepage pagebreak tableofcontents listoffigures listoftables appendix index
    printindex marginpar onecolumn twocolumn noindent indent centering smallskip medskip bigskip
    verb newline linebreak href url hyperref nolinkurl primitive font batchinput endinput
    filedump filesize filemoddate mdfivesum strcmp shellescape ShellEscape luaexec luafunction
    XeTeXpicfile XeTeXpdffile XeTeXglyph savepos everyeof readline interactionmode
    bbox cssId class style require htmlData htmlStyle htmlClass htmlId
"""
_ENGINES = ("pdf", "lua", "XeTeX", "xetex", "ptex", "tex_", "sys_", "file_", "ior_", "iow_")
"""What the names of commands of TeX engines themselves begin with; no formula has these either."""
FORBIDDEN = frozenset(_FORBIDDEN.split())
"""Commands that no formula needs, and that could read files, run on for ever or break it."""


def is_forbidden(name: str) -> bool:
    """Whether the command acts on the machine, the document or TeX itself instead of the page."""
    return name in FORBIDDEN or name.startswith(_ENGINES)


_ARGUMENTS = {
    1: """
        sqrt text textbf textit textrm mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak
        mathscr boldsymbol bm operatorname mbox overline underline widehat widetilde hat tilde
        bar vec dot ddot overrightarrow overleftarrow overbrace underbrace substack boxed phantom
        texttt textsf emph textsl textsc textnormal textmd tag pmod hspace textsuperscript
        check acute grave breve
    """,
    2: "frac dfrac tfrac cfrac binom dbinom tbinom stackrel overset underset",
}
ARGUMENTS = {name: count for count, names in _ARGUMENTS.items() for name in names.split()}
"""How many arguments a command takes."""

_TEXT = """
    text textbf textit textrm mbox textsuperscript texttt textsf emph textsl textsc textnormal
    textmd
"""
TEXT_COMMANDS = set(_TEXT.split())
"""Commands whose argument is text within a formula."""

_AS_THEY_ARE = """
    cases dcases rcases smallmatrix matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix array aligned
    gathered
"""
MATRIX_LIKE = {
    **{name: name for name in _AS_THEY_ARE.split()},
    **dict.fromkeys(["align", "alignat", "alignedat", "flalign", "eqnarray", "split"], "aligned"),
    **dict.fromkeys(["gather", "multline"], "gathered"),
    "tabular": "array",
}
"""Environments within a formula, and what each is written as."""

RULES = {"hline", "cline", "toprule", "midrule", "bottomrule"}
DELIMITERS = set("()[]|./<>")
_NAMED = r"""
    { } | langle rangle lvert rvert lVert rVert lfloor rfloor lceil rceil vert Vert uparrow
    downarrow updownarrow Uparrow Downarrow Updownarrow backslash lbrace rbrace lbrack rbrack
    lgroup rgroup lmoustache rmoustache ulcorner urcorner llcorner lrcorner
"""
NAMED_DELIMITERS = set(_NAMED.split())
r"""What may follow ``\left`` after a backslash."""

SPACES = {"quad", "qquad", "enspace", "thinspace", "enskip", "negthinspace"}
ESCAPED_SIGNS = set("{}|,;:!>%&#$_")
"""Signs that may follow a backslash in a formula."""
