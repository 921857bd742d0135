"""The notations that are drawn, and where in a reading they stand."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from got_loaders.markup.write.html import code_block, inline_code
from got_loaders.rendering.chart import chart
from got_loaders.rendering.molecule import molecule
from got_loaders.rendering.music import music
from got_loaders.rendering.rendered import Rendered, RenderKind
from got_loaders.rendering.tikz import latex_document, tikz

__all__ = ["NOTATIONS", "NotationWriter"]

NOTATIONS: dict[RenderKind, Callable[[str], Rendered]] = {
    "music": music, "smiles": molecule, "chart": chart, "tikz": tikz, "latex": latex_document,
}  # fmt: skip
"""What draws each; none of them raises for what a text says."""

_KIND_OF: dict[str, RenderKind] = {
    "kern": "music", "humdrum": "music", "smiles": "smiles", "tikz": "tikz", "json": "chart",
    "python": "chart", "chart": "chart",
}  # fmt: skip
_MAX_DRAWN = 40
_MAX_SECONDS = 20
"""Of one reading: most drawings take milliseconds, TeX a second, a hostile one ten."""

_PICTURE = re.compile(r"<img [^>]*>")


class NotationWriter:
    """Writes the code of one reading, as the pictures that it denotes."""

    def __init__(self) -> None:
        self._drawn = 0
        self._ends = 0.0

    def block(self, text: str, language: str) -> str:
        """A block of code as a picture with its source; as code where it denotes none.

        JSON and Python are charts only if they are a dictionary of a chart's values.
        """
        kind = _KIND_OF.get(language.casefold())
        if kind is None or not self._may_draw():
            return code_block(text, language)
        made = NOTATIONS[kind](text)
        return code_block(text, language) if kind == "chart" and made.reason else made.html

    def inline(self, text: str, language: str) -> str:
        """A molecule within a line, its SMILES beside it; code as it is."""
        code = inline_code(text, language)
        if language != "smiles" or not self._may_draw():
            return code
        picture = _PICTURE.search(molecule(text).html)
        return f'<span class="notation smiles">{picture[0]} {code}</span>' if picture else code

    def _may_draw(self) -> bool:
        if not self._drawn:
            self._ends = time.monotonic() + _MAX_SECONDS
        self._drawn += 1
        return self._drawn <= _MAX_DRAWN and time.monotonic() < self._ends
