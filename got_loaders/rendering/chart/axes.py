"""Where values stand on an axis, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Scale", "number_text", "scale_of"]

_SAME = 1e-6
"""Of a number: the part by which another one must differ to be drawn apart from it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with round ``ticks``."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def part(self, value: float) -> float:
        """Where a value stands: 0 at the low end, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)

    def with_room_below(self) -> Scale:
        """The same, one step longer at its low end: for numbers below bars."""
        low = self.low - (self.ticks[1] - self.ticks[0])
        return Scale(low, self.high, (float(f"{low:.12g}"), *self.ticks))


def scale_of(values: list[float], *, with_zero: bool, count: int = 5) -> Scale:
    """The axis on which all values find room; steps are 1, 2 or 5 times a power of ten."""
    low, high = min(values), max(values)
    if with_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= _SAME * max(abs(low), abs(high)):
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    step = _step((high - low) / count)
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = tuple(float(f"{number * step:.12g}") for number in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def _step(rough: float) -> float:
    power = 10 ** math.floor(math.log10(rough)) if rough > 1e-300 else 1e-300
    return next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor >= rough * 0.999)


def number_text(value: float, unit: str = "") -> str:
    """A number for people, with the sign that all have."""
    text = f"{value:,.0f}" if abs(value) >= 1e4 and abs(value) < 1e15 else f"{value:.6g}"
    text = text.replace("-", "\N{MINUS SIGN}")
    return f"{text}{unit}" if unit in ("", "%") else f"{unit}{text}"
