r"""Sees to it that pdfLaTeX has outlines of the letters that a document uses.

``\usepackage[T1]{fontenc}`` alone asks for fonts that many installations have only as programs from
which bitmaps are made, by a script, for minutes. Where outlines of them are missing, Latin Modern
is taken, or Times.
"""

from __future__ import annotations

import re

__all__ = ["BEGIN", "with_scalable_fonts"]

BEGIN = re.compile(r"\\begin[ \t]*\{document\}")
_CHOICE = (
    r"\ifdefined\pdftexversion\begingroup\edef\x{\encodingdefault/\rmdefault}\edef\y{T1/cmr}"
    r"\expandafter\endgroup\ifx\x\y\IfFileExists{type1ec.sty}{}{\IfFileExists{lmodern.sty}"
    r"{\usepackage{lmodern}}{\IfFileExists{t1ptm.fd}{\renewcommand\rmdefault{ptm}"
    r"\renewcommand\sfdefault{phv}\renewcommand\ttdefault{pcr}}{}}}\fi\fi "
)
"""In one line, so that TeX's errors name the document's own lines."""


def with_scalable_fonts(document: str) -> str:
    """The document, with the choice at the end of its preamble."""
    return BEGIN.sub(lambda match: _CHOICE + match[0], document, count=1)
