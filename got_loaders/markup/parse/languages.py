"""The languages that a formatted reading may be written in, and the parser of each."""

from __future__ import annotations

from typing import Literal

from got_loaders.markup.nodes import Block
from got_loaders.markup.parse.parser import parse

__all__ = ["Language", "parse_reading"]

Language = Literal["mathpix", "markdown"]
"""Mathpix Markdown, as GOT-OCR2 writes it, or Markdown with tables of HTML, as others do."""


def parse_reading(text: str, language: Language) -> tuple[Block, ...]:
    """The blocks of a reading; :class:`ValueError` for a language that there is none of."""
    if language == "mathpix":
        return parse(text)
    if language != "markdown":
        raise ValueError(f"language must be 'mathpix' or 'markdown', not {language!r}")
    from got_loaders.markup.parse.markdown import parse_markdown  # here: its parser loads slowly

    return parse_markdown(text)
