"""What the model writes beside how it looks, in Chromium, where that is installed."""

from __future__ import annotations

import tempfile
from html import escape
from pathlib import Path

from docs.drawing.browser import find_chromium, screenshot
from got_loaders import render

__all__ = ["pictures"]

CHART = """{"title": "Parts sold", "y_title": "pieces",
 "values": {"2024": {"Bolts": 14, "Wheels": 27},
            "2025": {"Bolts": 22, "Wheels": 19}}}"""
TIKZ = r"""\begin{tikzpicture}
\draw (0,0) -- (3,0) -- (0,2) -- cycle
\draw (0.3,0) |- (0,0.3);
\node at (1.8,1.1) {$c$};
\end{tikzpicture}"""
SOURCES = (
    r"\[ \widehat{\beta}=\left(X^{\top} X\right)^{-1} X^{\top} y \tag{3} \]",
    "**kern\n*clefG2\n*M4/4\n4c\n4e\n4g\n4cc\n=\n2b\n2g\n==\n*-",
    "<smiles>CN1C=NC2=C1C(=O)N(C(=O)N2C)C</smiles>",
    CHART,
    TIKZ,
)
"""As the model writes them; a semicolon is missing, as it may be."""

STYLE = """
body { margin: 0; padding: 18px 24px; font: 15px system-ui, sans-serif; background: #fff; }
section { display: grid; grid-template-columns: 430px 1fr; gap: 28px; align-items: center;
  padding: 14px 0; border-top: 1px solid #ddd; }
section:first-of-type { border: 0; }
pre { margin: 0; font-size: 12.5px; white-space: pre-wrap; color: #333; }
figure { margin: 0; } details { display: none; }
img { max-height: 190px; max-width: 100%; } math { font-size: 1.2em; }
"""


def pictures() -> dict[str, bytes]:
    """Name → content; empty without a browser."""
    chromium = find_chromium("notation.png")
    if chromium is None:
        return {}
    with tempfile.TemporaryDirectory() as name:
        page = Path(name, "notation.html")
        parts = (
            f"<section><pre>{escape(source)}</pre><div>{render(source).html}</div></section>"
            for source in SOURCES
        )
        head = f"<!DOCTYPE html><meta charset=utf-8><style>{STYLE}</style>"
        page.write_text("\n".join([head, *parts]), encoding="utf-8")
        return {"notation.png": screenshot(chromium, page, (980, 0))}
