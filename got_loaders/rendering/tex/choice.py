"""Which TeX engine compiles a document: one that suits it, works, and may be run here."""

from __future__ import annotations

import re
from functools import cache

from got_loaders.markup.write.latex.escape import CJK
from got_loaders.rendering.confine import can_confine
from got_loaders.rendering.tex.compile import TexError, compile_tex
from got_loaders.rendering.tex.engines import TexEngine, find_engine

__all__ = ["NO_ENGINE", "choose_engine"]

NO_ENGINE = (
    "no TeX engine can be used for it here: it takes pdflatex, xelatex or lualatex, and a Linux "
    "that bounds what they read (Landlock)"
)

_FOR_LATIN = ("pdflatex", "xelatex", "lualatex")
_FOR_CHINESE = ("xelatex", "pdflatex", "lualatex")
_FOR_UNICODE = ("xelatex", "lualatex", "pdflatex")
"""In the order in which they are tried. Of a letter that it has not pdfLaTeX shows the number,
LuaLaTeX nothing."""

_NEEDS_UNICODE = re.compile(
    r"\\usepackage(?:\[[^\]]*\])?\{[^}]*(?:fontspec|xeCJK|ctex|polyglossia|unicode-math|luatexja)"
    r"|\\documentclass(?:\[[^\]]*\])?\{ctex|\\directlua(?![A-Za-z])"
)
"""What pdfLaTeX can't load."""
_GUARDED = r"\iftutex\usepackage{fontspec}"
_FOREIGN = re.compile("[\u0370-\u1eff]")
"""Letters that it has few or none of."""
_TRIAL = r"\documentclass{article}\usepackage{fontspec}\begin{document}x\end{document}"


def choose_engine(document: str, *, harmless: bool) -> TexEngine | None:
    r"""The engine that suits a document best, of those that can be used here.

    None of them keeps to its folder by itself: ``\pdfobj`` and Lua read any file, whatever
    ``openin_any`` says. So where the system does not see to it, only what is known to be
    ``harmless`` is compiled, by pdfLaTeX.
    """
    if not can_confine():
        return find_engine("pdflatex") if harmless else None
    found = filter(None, map(find_engine, _suited(document)))
    return next((engine for engine in found if engine.name == "pdflatex" or _works(engine)), None)


def _suited(document: str) -> tuple[str, ...]:
    needed = _NEEDS_UNICODE.search(document.replace(_GUARDED, ""))
    if CJK.search(document) and not needed:
        return _FOR_CHINESE
    return _FOR_UNICODE if needed or _FOREIGN.search(document) else _FOR_LATIN


@cache
def _works(engine: TexEngine) -> bool:
    """Whether it has its fonts: distributions pack them apart."""
    try:
        return bool(compile_tex(_TRIAL, engine))
    except TexError:
        return False
