"""HTML that a record holds, shown again: what this library writes, and of all else the text alone.

A kept file may come from others, so nothing of it is taken over but names of elements that can do
nothing. Formulas are set again from their TeX.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

from got_loaders._characters import clean_text
from got_loaders.rendering.formula import formula_html

__all__ = ["kept_html"]

_TAGS = frozenset(
    (
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "table", "tr", "th", "td", "ul", "ol", "li"),
        *("dl", "dt", "dd", "pre", "code", "strong", "em", "u", "sup", "sub", "section", "figure"),
    )
)
_NUMBERS = {"rowspan": 1000, "colspan": 1000, "start": 10**9}
"""Attributes that are kept where they are numbers, and how large at most."""
_DELIMITERS = (r"\(", r"\)", r"\[", r"\]")
_MAX_DEPTH = 100


def kept_html(html: str) -> str:
    """A fragment of HTML in which nothing can act; elements are closed, and attributes gone."""
    shown = _Shown()
    shown.feed(clean_text(html))
    shown.close()
    return shown.finish()


class _Shown(HTMLParser):
    """Writes what it is fed, as far as that is known to do no harm."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._formula: list[str] | None = None
        self._is_display = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open it, if it is one of ours."""
        values = {name: value or "" for name, value in attrs}
        if tag == "span" and values.get("class", "").startswith("math"):
            self._formula, self._is_display = [], "display" in values["class"]
        elif tag == "img":
            self._parts.append(escape(values.get("alt", "")))
        elif tag == "br":
            self._parts.append("<br>")
        elif tag in _TAGS and len(self._open) < _MAX_DEPTH:
            self._open.append(tag)
            self._parts.append(f"<{tag}{''.join(map(_attribute, values.items()))}>")

    def handle_endtag(self, tag: str) -> None:
        """Close it, and whatever is still open in it."""
        if tag == "span":
            self._end_formula()
        if tag in self._open:
            while self._open:
                inner = self._open.pop()
                self._parts.append(f"</{inner}>")
                if inner == tag:
                    return

    def handle_data(self, data: str) -> None:
        """Text, be it that of a script."""
        if self._formula is not None:
            self._formula.append(data)
        else:
            self._parts.append(escape(data))

    def finish(self) -> str:
        """All of it."""
        self._end_formula()
        self._parts += [f"</{tag}>" for tag in reversed(self._open)]
        return "".join(self._parts)

    def _end_formula(self) -> None:
        if self._formula is None:
            return
        tex, self._formula = "".join(self._formula).strip(), None
        if tex.startswith(_DELIMITERS) and tex.endswith(_DELIMITERS):
            tex = tex[2:-2]
        self._parts.append(formula_html(tex, display=self._is_display))


def _attribute(item: tuple[str, str]) -> str:
    name, value = item
    is_number = value.isascii() and value.isdigit() and len(value) < 11
    if name not in _NUMBERS or not is_number or int(value) > _NUMBERS[name]:
        return ""
    return f' {name}="{int(value)}"'
