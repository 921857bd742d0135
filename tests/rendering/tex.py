"""TeX on this machine: what is skipped without, and documents in one line."""

from __future__ import annotations

import pytest

from got_loaders.rendering.confine import can_confine
from got_loaders.rendering.tex.engines import find_engine

__all__ = ["document", "needs_landlock", "needs_pdflatex"]

needs_pdflatex = pytest.mark.skipif(find_engine("pdflatex") is None, reason="pdflatex is missing")
needs_landlock = pytest.mark.skipif(not can_confine(), reason="this system has no Landlock")


def document(body: str, preamble: str = "") -> str:
    """A whole document."""
    head = f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}"
    return f"{head}\n{body}\n\\end{{document}}\n"
