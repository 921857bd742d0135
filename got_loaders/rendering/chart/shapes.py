"""What charts are made of: colors, texts, and where there is room for the values."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

__all__ = ["COLORS", "STYLE", "WIDTH", "Place", "line_element", "shortened", "text_element"]

WIDTH = 640
"""Pixels of a chart."""

COLORS = (
    "#4c78a8", "#e07b16", "#4a9a45", "#d9534f", "#8a6bb1", "#2f9e9a", "#b8921a", "#9d6d58",
    "#d16ba5", "#7a7f87",
)  # fmt: skip
"""Each at least 2.9 : 1 against white and against the dark paper; after the last, again."""

STYLE = (
    "@media (prefers-color-scheme:dark){svg{fill:#ddd}.paper{fill:#1c1d20}"
    ".line{stroke:#4a4d55}.edge{stroke:#1c1d20}}"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a chart are drawn, in pixels."""

    top: float
    height: float


def text_element(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, bold: bool = False,
    turn: int = 0, full: str = "",
) -> str:  # fmt: skip
    """A text, and below the pointer all of it where it is shortened."""
    turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    weight = ' font-weight="600"' if bold else ""
    rest = f"<title>{escape(full[:500])}</title>" if full and full != text else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{weight}{turned}>'
        f"{rest}{escape(text)}</text>"
    )


def line_element(x1: float, y1: float, x2: float, y2: float) -> str:
    """A thin line of the frame."""
    return (
        f'<line class="line" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        'stroke="#ccc" stroke-width="1"/>'
    )


def shortened(text: str, length: int) -> str:
    """``text`` in one line of at most ``length`` characters."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
