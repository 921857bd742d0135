"""The pieces of an SVG picture that is light or dark as the page that shows it.

Lengths are pixels, origin top left. The text is in whatever fonts the reader has.
"""

from __future__ import annotations

import base64
import io
from html import escape

from PIL import Image

__all__ = ["MONO", "drawing", "line", "paper", "rect", "text"]

MONO = "ui-monospace, Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace"
SANS = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
STYLE = f"""
.ground {{ fill: #ffffff }} .panel {{ fill: #f4f6f9; stroke: #d3dae3 }}
.text {{ fill: #1b2430; font: 16px {SANS} }} .quiet {{ fill: #5a6675; font: 14px {SANS} }}
.code {{ fill: #1b2430; font: 15px {MONO}; white-space: pre }}
.line {{ stroke: #5a6675; fill: none }}
.bar {{ fill: #1d5fa8 }} .other {{ fill: #9aa7b8 }} .edge {{ fill: none; stroke: #b8c2ce }}
@media (prefers-color-scheme: dark) {{
.ground {{ fill: #131416 }} .panel {{ fill: #202226; stroke: #3a3f47 }}
.text, .code {{ fill: #e3e7ec }} .quiet {{ fill: #a4afbd }} .line {{ stroke: #a4afbd }}
.bar {{ fill: #7fb5f5 }} .other {{ fill: #5d6876 }} .edge {{ stroke: #3a3f47 }}
}}
"""
GRAYS = 8


def drawing(width: float, height: float, alt: str, *parts: str) -> str:
    """The whole picture; ``alt`` says what is on it to who can't see it."""
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(alt)}">'
    )
    ground = f'<rect class="ground" width="{width:g}" height="{height:g}"/>'
    return "\n".join([opening, f"<style>{STYLE}</style>", ground, *parts, "</svg>\n"])


def text(x: float, y: float, words: str, kind: str = "text", more: str = "") -> str:
    """One line of text; y is its baseline."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}"{more}>{escape(words, quote=False)}</text>'


def rect(box: tuple[float, float, float, float], kind: str, more: str = "") -> str:
    """A rectangle from left, top to right, bottom."""
    left, top, right, bottom = box
    size = f'width="{right - left:.1f}" height="{bottom - top:.1f}"'
    return f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" {size}{more}/>'


def line(path: str) -> str:
    """A line along an SVG path, with a head at its end."""
    head = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path class="line" d="M1 1 L7 4 L1 7"/></marker></defs>'
    )
    return f'{head}<path class="line" stroke-width="1.5" marker-end="url(#head)" d="{path}"/>'


def paper(picture: Image.Image, left: float, top: float, width: float) -> str:
    """A page, with an edge around it; as high as its shape says. Few grays keep it small."""
    height = width * picture.height / picture.width
    sheet = picture.convert("L").resize((round(width * 2), round(height * 2)), Image.Resampling.BOX)
    out = io.BytesIO()
    sheet.quantize(GRAYS).save(out, "PNG", optimize=True)
    data = base64.b64encode(out.getvalue()).decode("ascii")
    place = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:.1f}"'
    return f'<image {place} href="data:image/png;base64,{data}"/>' + rect(
        (left, top, left + width, top + height), "edge"
    )
