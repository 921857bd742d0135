r"""TikZ pictures → a LaTeX document that has a page for each, of its size."""

from __future__ import annotations

import re
from collections.abc import Sequence

from got_loaders.markup.write.latex.escape import CJK
from got_loaders.markup.write.latex.fonts import font_lines

__all__ = ["picture_document"]

_HEAD = r"""\documentclass{article}
\usepackage{iftex}
\iftutex\usepackage{fontspec}\else\usepackage[T1]{fontenc}\usepackage{textcomp}\fi
\usepackage{amsmath}
\usepackage{amssymb}
\usepackage[dvipsnames]{xcolor}
\usepackage{tikz}
\usetikzlibrary{angles,arrows,backgrounds,calc,decorations.markings}
\usetikzlibrary{decorations.pathmorphing,decorations.pathreplacing,fit,intersections,matrix}
\usetikzlibrary{patterns,positioning,quotes,shapes.geometric,shapes.misc,through}"""
"""The libraries that pictures of geometry, charts and graphs use, mostly without saying so."""

_TIPS = re.compile(
    r"Stealth|Latex|Triangle|Kite|Barb|Bracket|Parenthesis|Implies|Rays|Hooks|Rightarrow\b"
)
_ARROWS = r"\usetikzlibrary{arrows.meta}"
"""It draws the plain tips otherwise, too: so only where its own are named."""
_CJK = r"\ifXeTeX\usepackage{xeCJK}\else\IfFileExists{ctex.sty}{\usepackage[UTF8]{ctex}}{}\fi"
_PACKAGES = {
    r"\begin{axis}": r"\usepackage{pgfplots}\pgfplotsset{compat=newest}",
    r"\begin{semilogxaxis}": r"\usepackage{pgfplots}\pgfplotsset{compat=newest}",
    r"\begin{semilogyaxis}": r"\usepackage{pgfplots}\pgfplotsset{compat=newest}",
    r"\begin{circuitikz}": r"\usepackage{circuitikz}",
    r"\tkz": r"\usepackage{tkz-euclide}",
    r"\chemfig": r"\usepackage{chemfig}",
}
"""Packages by what needs them."""

_PAGES = r"""\ifdefined\pdfpagewidth\else\let\pdfpagewidth\pagewidth\let\pdfpageheight\pageheight\fi
\newsavebox\picturebox
\newenvironment{picturepage}{\begin{lrbox}{\picturebox}}{\end{lrbox}%
  \pdfpagewidth=\dimexpr\wd\picturebox+4pt\relax
  \pdfpageheight=\dimexpr\ht\picturebox+\dp\picturebox+4pt\relax
  \hoffset=\dimexpr2pt-1in\relax \voffset=\dimexpr2pt-1in\relax
  \shipout\box\picturebox}"""
"""A page as large as what is drawn, and 2 points around it."""


def picture_document(pictures: Sequence[str], settings: Sequence[str]) -> str:
    """A document of these pictures, drawn with these settings."""
    body = "\n".join([*settings, *pictures])
    lines = [_HEAD, *dict.fromkeys(load for sign, load in _PACKAGES.items() if sign in body)]
    if _TIPS.search(body):
        lines.append(_ARROWS)
    if CJK.search(body):
        lines.append(_CJK)
    lines += [*font_lines(body), *settings, _PAGES, r"\begin{document}"]
    lines += [f"\\begin{{picturepage}}%\n{picture}%\n\\end{{picturepage}}" for picture in pictures]
    return "\n".join([*lines, r"\end{document}"])
