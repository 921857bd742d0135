r"""Commands in formulas that would do more than draw, where a browser shows the page.

MathJax and KaTeX, which turn formulas into pictures there, know commands that make links, load
pictures, set styles and attributes, or define others. No formula on paper has them; what stands
there is shown by its name. (Their documentation lists them under "HTML", "href", "bbox", "require",
"texHtml", "data" and "macros".)
"""

from __future__ import annotations

import re

__all__ = ["neutralize"]

_NAMES = """
    href url includegraphics htmlData htmlStyle htmlClass htmlId style class cssId data bbox
    require toggle action texttip mathtip tip input include def gdef edef xdef let futurelet
    global long newcommand renewcommand providecommand newenvironment renewenvironment
    DeclareMathOperator DeclarePairedDelimiter csname endcsname expandafter noexpand catcode
    unicode mmlToken texHtml lower raise moveleft moveright begingroup endgroup Newextarrow
    write immediate special directlua openin openout read
"""
_LIVE = frozenset(_NAMES.split())
_COMMAND = re.compile(r"\\\\|\\([A-Za-z]+)\*?")


def neutralize(tex: str) -> str:
    """A formula that draws and does nothing else; linear in its length."""
    return _COMMAND.sub(_harmless, tex)


def _harmless(match: re.Match[str]) -> str:
    name = match[1]
    return rf"\text{{{name}}}" if name in _LIVE else match[0]
