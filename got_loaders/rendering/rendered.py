"""What came of a text that was to be shown as a picture or a page."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal

__all__ = ["RenderKind", "Rendered"]

RenderKind = Literal[
    "text", "markdown", "plain", "formula", "music", "smiles", "chart", "tikz", "latex"
]
"""What a text is written in: "text" the model's Mathpix Markdown, "markdown", "plain" no mark-up,
"formula" one formula in TeX without delimiters, "music" ``**kern``, "smiles" molecules, "chart" a
dictionary of values, "tikz" a TikZ picture, "latex" a whole document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A text, and how it looks.

    ``html`` is a fragment, always there, in which nothing can act: the pictures as data URLs, or
    mark-up with MathML, or, where nothing could be rendered, the source in ``<pre>`` below the
    reason. ``svgs`` are the pictures, one a page of a score or document, one a molecule. ``pdf`` is
    the document that a TeX engine made. ``reason`` says in one line why it could not be rendered;
    None where it was. Notebooks show it as it looks.
    """

    kind: RenderKind
    source: str
    html: str
    svgs: tuple[str, ...] = ()
    pdf: bytes | None = None
    reason: str | None = None

    def save(self, path: str | PathLike[str]) -> tuple[Path, ...]:
        """Write it to a file, in the format that the suffix names, and say what was written.

        ``.html`` is a page that opens without a network, ``.svg`` the picture, ``.pdf`` the
        document; what is there already is replaced. Of several pictures each gets a file of its
        own, ``score.svg``, ``score-2.svg`` and so on. :class:`~got_loaders.errors.OptionError` for
        another suffix, and where there is no picture or document of this text.
        """
        from got_loaders.rendering.saving import save_rendered  # here: a value needs no files

        return save_rendered(self, Path(path))

    def _repr_html_(self) -> str:
        return f'<div class="got-rendered" style="overflow-x:auto">{self.html}</div>'

    def __repr__(self) -> str:
        found = f", {len(self.svgs)} pictures" if self.svgs else ""
        reason = f", reason={self.reason!r}" if self.reason else ""
        return f"Rendered(kind={self.kind!r}, {len(self.html):,} characters of HTML{found}{reason})"
