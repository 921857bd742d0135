r"""Commands that would do more than draw: in a browser that shows a formula, or in a run of LaTeX.

MathJax and KaTeX know commands that make links, load pictures, set styles and attributes, or
define others (their documentation lists them under "HTML", "href", "bbox", "require", "texHtml",
"data" and "macros"); TeX's read and write files, run programs, or change TeX itself. No formula on
paper has them; what stands there is shown by its name.
"""

from __future__ import annotations

import re

__all__ = ["is_unsafe_in_latex", "neutralize"]

_UNSAFE = """
    input include openin openout read write immediate special catcode csname endcsname def edef
    gdef xdef let futurelet newcommand renewcommand providecommand newenvironment expandafter
    directlua includegraphics global long noexpand begingroup endgroup href url bbox cssId class
    style require htmlData htmlStyle htmlClass htmlId
"""
_UNSAFE_IN_BROWSER = """
    data toggle action texttip mathtip tip renewenvironment DeclareMathOperator
    DeclarePairedDelimiter unicode mmlToken texHtml lower raise moveleft moveright Newextarrow
"""
_UNSAFE_IN_LATEX = """
    usepackage documentclass latelua loop repeat newwrite newread jobname shipout output
    everypar everymath everydisplay batchmode errorstopmode scantokens InputIfFileExists
    verbatiminput lstinputlisting bibliography makeatletter makeatother escapechar uppercase
    lowercase meaning detokenize unexpanded outer if ifx ifnum ifdim else fi or bgroup egroup
    par end begin vspace label ref eqref cite item caption footnote footnotetext footnotemark
    thanks maketitle title author date part chapter section subsection subsubsection paragraph
    subparagraph newpage clearpage cleardoublepage pagebreak tableofcontents listoffigures
    listoftables appendix index printindex marginpar onecolumn twocolumn noindent indent
    centering smallskip medskip bigskip verb newline linebreak hyperref nolinkurl primitive
    font batchinput endinput filedump filesize filemoddate mdfivesum strcmp shellescape
    ShellEscape luaexec luafunction XeTeXpicfile XeTeXpdffile XeTeXglyph savepos everyeof
    readline interactionmode
"""
"""Some would only break a formula; in a browser none of them does anything."""
_ENGINES = ("pdf", "lua", "XeTeX", "xetex", "ptex", "tex_", "sys_", "file_", "ior_", "iow_")
"""What the names of commands of TeX engines themselves begin with; no formula has these either."""

_IN_BROWSER = frozenset((_UNSAFE + _UNSAFE_IN_BROWSER).split())
_IN_LATEX = frozenset((_UNSAFE + _UNSAFE_IN_LATEX).split())
_COMMAND = re.compile(r"\\\\|\\([A-Za-z]+)\*?")


def is_unsafe_in_latex(name: str) -> bool:
    """Whether the command acts on the machine, the document or TeX itself instead of the page."""
    return name in _IN_LATEX or name.startswith(_ENGINES)


def neutralize(tex: str) -> str:
    """A formula that draws in a browser and does nothing else; linear in its length."""
    return _COMMAND.sub(_show_unsafe, tex)


def _show_unsafe(match: re.Match[str]) -> str:
    name = match[1]
    return rf"\text{{{name}}}" if name in _IN_BROWSER else match[0]
