"""A chart → SVG: the frame, its titles, its legend, and what it says without being seen."""

from __future__ import annotations

from html import escape

from got_loaders.rendering.chart.axes import number_text
from got_loaders.rendering.chart.pie import draw_pie
from got_loaders.rendering.chart.plot import draw_plot
from got_loaders.rendering.chart.shapes import (
    COLORS,
    STYLE,
    WIDTH,
    Place,
    shortened,
    text_element,
)
from got_loaders.rendering.chart.values import Chart

__all__ = ["draw_chart"]

_TITLE_CHARS = 76
_LINE = 20
_MAX_TITLE_LINES = 3
_MAX_DESCRIPTION = 2000
_PLOT_HEIGHT = 300


def draw_chart(chart: Chart) -> str:
    """SVG of a fixed width, for light paper and, where the reader prefers it, for dark."""
    parts: list[str] = []
    top = 16.0
    for line in _lines(chart.title):
        parts.append(text_element(WIDTH / 2, top + 12, line, anchor="middle", size=16, bold=True))
        top += _LINE + 2
    names = chart.categories if chart.form == "pie" else tuple(one.name for one in chart.series)
    legend, height = _legend(names, top) if any(names) and _needs_legend(chart) else ("", 0.0)
    parts.append(legend)
    place = Place(top=top + height + 8, height=_PLOT_HEIGHT)
    drawn, bottom = (draw_pie if chart.form == "pie" else draw_plot)(chart, place)
    parts.append(drawn)
    if chart.source:
        source = shortened(f"Source: {chart.source}", 100)
        parts.append(text_element(WIDTH - 12, bottom + 16, source, anchor="end", size=11))
        bottom += _LINE
    return _svg(chart, "".join(parts), round(bottom + 12))


def _svg(chart: Chart, content: str, height: int) -> str:
    name = escape(chart.name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#222">'
        f"<title>{name}</title><desc>{escape(_description(chart))}</desc><style>{STYLE}</style>"
        f'<rect class="paper" width="{WIDTH}" height="{height}" fill="#fff"/>{content}</svg>'
    )


def _needs_legend(chart: Chart) -> bool:
    return chart.form == "pie" or len(chart.series) > 1 or bool(chart.series[0].name)


def _legend(names: tuple[str, ...], top: float) -> tuple[str, float]:
    """A line for every few names, and how high they are."""
    parts: list[str] = []
    x, y = 16.0, top + 6
    for number, name in enumerate(names):
        shown = shortened(name or "–", 34)
        width = 30 + 6.6 * len(shown)
        if x > 16 and x + width > WIDTH - 16:
            x, y = 16.0, y + _LINE
        color = COLORS[number % len(COLORS)]
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="12" height="12" fill="{color}"/>')
        parts.append(text_element(x + 17, y + 10.5, shown, full=name))
        x += width
    return "".join(parts), y + 18 - top


def _lines(title: str) -> list[str]:
    """A title in lines that find room."""
    lines: list[str] = []
    for word in title.split():
        if lines and len(lines[-1]) + len(word) < _TITLE_CHARS:
            lines[-1] += f" {word}"
        else:
            lines.append(shortened(word, _TITLE_CHARS))
    if len(lines) > _MAX_TITLE_LINES:
        lines[_MAX_TITLE_LINES - 1 :] = [f"{lines[_MAX_TITLE_LINES - 1]}…"]
    return lines


def _description(chart: Chart) -> str:
    """All values in words, as far as anybody would listen."""
    axes = [
        f"{side}: {text}." for side, text in (("x", chart.x_title), ("y", chart.y_title)) if text
    ]
    said: list[str] = []
    for one in chart.series:
        names = [number_text(x) for x in one.xs] or list(chart.categories)
        values = [
            f"{name} {number_text(value, chart.unit)}"
            for name, value in zip(names, one.values, strict=False)
            if value is not None
        ]
        said.append((f"{one.name}: " if one.name else "") + "; ".join(values) + ".")
    return shortened(" ".join([*axes, *said]), _MAX_DESCRIPTION)
