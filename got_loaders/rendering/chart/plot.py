"""Bars, lines and points between two axes."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from got_loaders.rendering.chart.axes import Scale, number_text, scale_of
from got_loaders.rendering.chart.shapes import (
    COLORS,
    WIDTH,
    Place,
    line_element,
    shortened,
    text_element,
)
from got_loaders.rendering.chart.values import Chart, Series

__all__ = ["draw_plot"]

_RIGHT = 20
_LABEL_CHARS = 18
_MAX_LABELS = 30
_MAX_BAR = 80
"""Pixels of a bar's width."""

_MAX_NUMBERS = 14
"""Bars that have their number above them."""


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where a value and a category stand, in pixels."""

    left: float
    place: Place
    y_scale: Scale
    slots: int
    x_scale: Scale | None = None

    @property
    def width(self) -> float:
        return WIDTH - _RIGHT - self.left

    def y(self, value: float) -> float:
        return self.place.top + self.place.height * (1 - self.y_scale.part(value))

    def x(self, at: float) -> float:
        """The middle of a category by its number, or a value of points."""
        if self.x_scale is not None:
            return self.left + self.width * self.x_scale.part(at)
        return self.left + self.width * (at + 0.5) / self.slots


def draw_plot(chart: Chart, place: Place) -> tuple[str, float]:
    """The axes, what stands between them, and where all of it ends."""
    values = [value for one in chart.series for value in one.values if value is not None]
    xs = [x for one in chart.series for x in one.xs]
    y_scale = scale_of(values, with_zero=chart.form == "bars")
    if chart.form == "bars" and min(values) - y_scale.low < 0.05 * (y_scale.high - y_scale.low):
        y_scale = y_scale.with_room_below() if min(values) < 0 else y_scale
    labels = [number_text(tick, chart.unit) for tick in y_scale.ticks]
    left = 14 + 7 * max(map(len, labels)) + (18 if chart.y_title else 0)
    x_scale = scale_of(xs, with_zero=False) if xs else None
    axes = _Axes(left, place, y_scale, max(1, len(chart.categories)), x_scale)
    parts = [
        line_element(left, axes.y(tick), WIDTH - _RIGHT, axes.y(tick))
        + text_element(left - 6, axes.y(tick) + 4, label, anchor="end")
        for tick, label in zip(y_scale.ticks, labels, strict=True)
    ]
    names, bottom = _x_labels(chart, axes)
    parts.append(names)
    if chart.y_title:
        y, title = place.top + place.height / 2, shortened(chart.y_title, 50)
        parts.append(text_element(16, y, title, anchor="middle", turn=-90, full=chart.y_title))
    if chart.x_title:
        x, title = left + axes.width / 2, shortened(chart.x_title, 80)
        parts.append(text_element(x, bottom + 14, title, anchor="middle", full=chart.x_title))
        bottom += 20
    draw = _bars if chart.form == "bars" else _marks
    for number, one in enumerate(chart.series):
        parts.append(draw(chart, axes, number, one))
    return "".join(parts), bottom


def _x_labels(chart: Chart, axes: _Axes) -> tuple[str, float]:
    """The names below the axis, turned where they need room, and where they end."""
    base = axes.place.top + axes.place.height
    if axes.x_scale is not None:
        ticks = axes.x_scale.ticks
        shown = [(axes.x(tick), number_text(tick), "") for tick in ticks]
    else:
        every = -(-len(chart.categories) // _MAX_LABELS)
        shown = [
            (axes.x(number), shortened(name, _LABEL_CHARS), name)
            for number, name in enumerate(chart.categories)
            if number % every == 0
        ]
    longest = max((len(label) for _, label, _ in shown), default=0)
    if 6.8 * longest <= axes.width / max(1, len(shown)):
        parts = [text_element(x, base + 16, t, anchor="middle", full=full) for x, t, full in shown]
        return "".join(parts), base + 24
    parts = [text_element(x + 4, base + 14, t, anchor="end", turn=-40, full=f) for x, t, f in shown]
    return "".join(parts), base + 18 + 4.6 * longest


def _bars(chart: Chart, axes: _Axes, number: int, one: Series) -> str:
    room = min(axes.width / axes.slots * 0.8, _MAX_BAR * len(chart.series))
    width = room / len(chart.series)
    has_numbers = len(chart.categories) * len(chart.series) <= _MAX_NUMBERS
    zero, parts = axes.y(max(axes.y_scale.low, 0.0)), []
    for at, value in enumerate(one.values):
        if value is None:
            continue
        x, y = axes.x(at) - room / 2 + number * width, axes.y(value)
        said = _said(chart, one, chart.categories[at], value)
        parts.append(
            f'<rect x="{x:.1f}" y="{min(y, zero):.1f}" width="{max(width - 1, 0.5):.1f}" '
            f'height="{abs(zero - y):.1f}" fill="{COLORS[number % len(COLORS)]}">{said}</rect>'
        )
        if has_numbers:
            text = number_text(value, chart.unit)
            above = y - 4 if value >= 0 else y + 12
            parts.append(text_element(x + width / 2, above, text, anchor="middle", size=11))
    return "".join(parts)


def _marks(chart: Chart, axes: _Axes, number: int, one: Series) -> str:
    """Points, joined by a line where the form is one; a gap where there is no value."""
    color = COLORS[number % len(COLORS)]
    parts: list[str] = []
    runs: list[list[str]] = [[]]
    for at, value in enumerate(one.values):
        if value is None:
            runs.append([])
            continue
        x, y = axes.x(one.xs[at] if one.xs else at), axes.y(value)
        runs[-1].append(f"{x:.1f},{y:.1f}")
        name = number_text(one.xs[at]) if one.xs else chart.categories[at]
        said = _said(chart, one, name, value)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}">{said}</circle>')
    lines = [
        f'<polyline points="{" ".join(run)}" fill="none" stroke="{color}" stroke-width="2"/>'
        for run in runs
        if len(run) > 1 and chart.form == "lines"
    ]
    return "".join([*lines, *parts])


def _said(chart: Chart, one: Series, name: str, value: float) -> str:
    """What stands below the pointer."""
    series = f"{one.name}, " if one.name else ""
    text = f"{series}{name}: {number_text(value, chart.unit)}"
    return f"<title>{escape(shortened(text, 300))}</title>"
