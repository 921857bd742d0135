"""Molecules in SMILES → a picture of each, by RDKit."""

from __future__ import annotations

import re

from got_loaders._characters import clean_text
from got_loaders.rendering.pictures import missing_package, pictures, refused
from got_loaders.rendering.rendered import Rendered
from got_loaders.rendering.worker import DrawingError, draw

__all__ = ["molecule"]

_TAGGED = re.compile(r"<smiles>([^<\n]*)(?:</smiles>|(?=<|\n|\Z))")
_FENCE = re.compile(r"^[ \t]{0,3}(?:`{3,}|~{3,}).*$", re.MULTILINE)
_MAX_MOLECULES = 50
_MAX_TEXT = 500_000
_MAX_LENGTH = 5000
"""Characters of one molecule."""


def molecule(text: str) -> Rendered:
    """A picture of each molecule in ``text``: between ``<smiles>`` tags, or one a line.

    A molecule that is cut off is another one, or none: nothing is repaired. ``reason`` says what
    RDKit can't read, or that it is not installed.
    """
    if reason := missing_package("rdkit"):
        return refused("smiles", text, reason)
    if len(text) > _MAX_TEXT:
        return refused("smiles", text, f"it is longer than {_MAX_TEXT:,} characters")
    found = _molecules(clean_text(text))
    if reason := _too_much(found):
        return refused("smiles", text, reason)
    try:
        svgs = draw("rdkit", "\n".join(found).encode()).svgs
    except DrawingError as error:
        return refused("smiles", text, str(error))
    return pictures("smiles", text, svgs, name="Molecule")


def _molecules(text: str) -> list[str]:
    tagged = [match[1] for match in _TAGGED.finditer(text)]
    lines = tagged if tagged else _FENCE.sub("", text).splitlines()
    return [words[0] for line in lines if (words := line.split())]  # a name may follow


def _too_much(found: list[str]) -> str | None:
    if not found:
        return "there is no molecule in it"
    if len(found) > _MAX_MOLECULES:
        return f"it has {len(found)} molecules, more than {_MAX_MOLECULES}"
    if max(map(len, found)) > _MAX_LENGTH:
        return f"a molecule is longer than {_MAX_LENGTH:,} characters"
    return None
