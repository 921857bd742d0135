"""What ``math_core`` wrote, checked and made ready for a page."""

from __future__ import annotations

import re
from html import escape, unescape

__all__ = ["finish_mathml"]

_ELEMENTS_NAMES = """
    math mrow mi mn mo mtext mspace ms mfrac msqrt mroot msub msup msubsup munder mover munderover
    mmultiscripts mprescripts mtable mtr mtd mpadded mphantom mstyle merror menclose none b i s u
    code span
    """
_ELEMENTS = frozenset(_ELEMENTS_NAMES.split())
_ATTRIBUTES_NAMES = """
    accent accentunder columnspan columnalign depth display displaystyle fence form height
    largeop linethickness lspace mathvariant maxsize minsize movablelimits notation rowspan
    rowspacing rspace scriptlevel separator stretchy symmetric voffset width
    """
_ATTRIBUTES = frozenset(_ATTRIBUTES_NAMES.split())
_TAG = re.compile(r"</?([a-z]+)((?:\s+[a-z-]+=\"[^\"<>&]*\")*)\s*/?>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")
_STYLE = re.compile(r"[a-z0-9 .:;%#_-]*", re.IGNORECASE)

_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)[A-Za-z]+;")
"""Names of characters that HTML knows and XML does not."""
_ENCLOSED = re.compile(r'<menclose notation="([a-z ]+)">')
_MARKS = re.compile(r'<mrow class="menclose-[a-z]+"></mrow>')
_STROKE = "transparent 46%,currentcolor 47%,currentcolor 53%,transparent 54%"
_UP = f"linear-gradient(to bottom right,{_STROKE})"
_DOWN = f"linear-gradient(to top right,{_STROKE})"
_FORMS = {
    "box": "border:0.06em solid currentcolor;padding:0.15em",
    "updiagonalstrike": f"background:{_UP}",
    "downdiagonalstrike": f"background:{_DOWN}",
    "updiagonalstrike downdiagonalstrike": f"background:{_UP},{_DOWN}",
}
"""How what is enclosed or struck is shown: MathML Core has no ``menclose``, but knows CSS."""

_BORDER = "border-bottom: 0.05em solid currentcolor;"
_TABLE = re.compile(
    r"<mtable[^>]*>"
    r"|(?P<row><mtr><mtd style=\"border-top: 0.05em solid currentcolor;[^\"]*\"></mtd></mtr>)?"
    r"(?P<close></mtable>)"
)
"""Where tables begin and end; ``\\hline`` at the end is a row of its own with a line above it."""

_FONTS = {
    '<span class="math-core-sans-serif-font">': '<span style="font-family:sans-serif">',
    '<span class="math-core-serif-font">': '<span style="font-family:serif">',
}
_ACCENTS = {"\u20d7": "\u2192", "\u20db": "..."}
"""Signs that combine with a letter: browsers set them beside it, not above it."""


def finish_mathml(made: str, tex: str) -> str:
    """The formula with its TeX beside it; empty where anything in it is not known to be plain."""
    for written, instead in _FONTS.items():
        made = made.replace(written, instead)
    for written, instead in _ACCENTS.items():
        made = made.replace(f"{written}</mo>", f"{instead}</mo>")
    made = _ENTITY.sub(lambda match: unescape(match[0]), _MARKS.sub("", made))
    if not _is_plain(made):
        return ""
    made = _end_tables(made)
    made = _ENCLOSED.sub(_show_enclosed, made).replace("</menclose>", "</mrow>")
    start = made.index(">") + 1
    inner = made[start:].removesuffix("</math>")
    note = f'<annotation encoding="application/x-tex">{escape(tex)}</annotation>'
    return f"{made[:start]}<semantics><mrow>{inner}</mrow>{note}</semantics></math>"


def _is_plain(made: str) -> bool:
    """Whether there are only elements that set formulas, without an address, an id or a class."""
    if "<" in _TAG.sub("", made):
        return False
    for tag in _TAG.finditer(made):
        if tag[1] not in _ELEMENTS:
            return False
        for name, value in _ATTRIBUTE.findall(tag[2]):
            if name == "style" and not _STYLE.fullmatch(value):
                return False
            if name != "style" and name not in _ATTRIBUTES:
                return False
    return True


def _show_enclosed(match: re.Match[str]) -> str:
    form = _FORMS.get(match[1])
    return f'<mrow style="{form}">' if form else "<mrow>"


def _end_tables(made: str) -> str:
    """A line below the last row as the table's border, not as a row of nothing."""
    parts: list[str] = []
    opened: list[int] = []
    done = 0
    for tag in _TABLE.finditer(made):
        parts += [made[done : tag.start()], tag[0]]
        done = tag.end()
        if tag["close"] is None:
            opened.append(len(parts) - 1)
        elif tag["row"] and opened:
            parts[-1] = tag["close"]
            at = opened.pop()
            parts[at] = _with_border(parts[at])
        elif opened:
            opened.pop()
    return "".join([*parts, made[done:]])


def _with_border(tag: str) -> str:
    if 'style="' in tag:
        return tag.replace('style="', f'style="{_BORDER}', 1)
    return f'{tag[:-1]} style="{_BORDER}">'
