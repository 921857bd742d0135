"""Parts of a whole, as slices."""

from __future__ import annotations

import math
from html import escape

from got_loaders.rendering.chart.axes import number_text
from got_loaders.rendering.chart.shapes import COLORS, WIDTH, Place, text_element
from got_loaders.rendering.chart.values import Chart

__all__ = ["draw_pie"]

_LABEL_FROM = 0.04
"""The part from which a slice has room for its number."""


def draw_pie(chart: Chart, place: Place) -> tuple[str, float]:
    """The slices from the top, clockwise, and where they end."""
    values = [value or 0.0 for value in chart.series[0].values]
    total = sum(values) or 1.0
    radius = place.height / 2 - 6
    x, y = WIDTH / 2, place.top + place.height / 2
    parts: list[str] = []
    done = 0.0
    for number, (name, value) in enumerate(zip(chart.categories, values, strict=True)):
        part = value / total
        said = f"{name}: {number_text(value, chart.unit)}"
        color = COLORS[number % len(COLORS)]
        shape = _slice(x, y, radius, done, part)
        title = f"<title>{escape(said)}</title>"
        parts.append(f'{shape} class="edge" fill="{color}" stroke="#fff">{title}</path>')
        if part >= _LABEL_FROM:
            angle = 2 * math.pi * (done + part / 2)
            at = (x + 0.68 * radius * math.sin(angle), y - 0.68 * radius * math.cos(angle) + 4)
            label = text_element(*at, number_text(value, chart.unit), anchor="middle", bold=True)
            parts.append(label.replace("<text ", '<text style="fill:#fff" '))
        done += part
    return "".join(parts), place.top + place.height


def _slice(x: float, y: float, radius: float, start: float, part: float) -> str:
    """The beginning of an element: a circle is a path, too."""
    if part >= 0.9999:
        return f'<path d="M {x - radius:.1f} {y:.1f} a {radius:.1f} {radius:.1f} 0 1 1 0 0.01 z"'
    ends = [2 * math.pi * start, 2 * math.pi * (start + part)]
    (x1, y1), (x2, y2) = [(x + radius * math.sin(a), y - radius * math.cos(a)) for a in ends]
    large = int(part > 0.5)
    return (
        f'<path d="M {x:.1f} {y:.1f} L {x1:.2f} {y1:.2f} '
        f'A {radius:.1f} {radius:.1f} 0 {large} 1 {x2:.2f} {y2:.2f} Z"'
    )
