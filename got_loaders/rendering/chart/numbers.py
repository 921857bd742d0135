"""Numbers as they stand in charts: with thousands, a currency, a unit, or as ``1.234,5``."""

from __future__ import annotations

import math
import re

from got_loaders.rendering.chart.values import Value

__all__ = ["number_of", "unit_of"]

_HUGE, _TINY = 1e18, 1e-15
"""Beyond these a number is a misreading, and the axis would be no use."""

_NUMBER = re.compile(
    r"\s*(?P<before>[$€£¥]?)\s*(?P<number>[-+\u2212]?[\d.,\s]*\d(?:[eE][-+]?\d+)?)"
    r"\s*(?P<after>%?)[^\d]{0,12}\Z"
)
_THOUSANDS = re.compile(r"(?<=\d)[,\s](?=\d{3}(?!\d))")


def number_of(value: Value) -> float | None:
    """The number that is meant; None where there is none, or one that no axis holds."""
    match = _NUMBER.match(value) if isinstance(value, str) and len(value) < 60 else None
    if match is None:
        return None
    text = _THOUSANDS.sub("", match["number"].replace("\u2212", "-"))
    if "." in text and text.count(",") == 1 and text.rindex(",") > text.rindex("."):
        text = text.replace(".", "")  # 1.234,5
    try:
        number = float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        return None
    if not math.isfinite(number) or abs(number) >= _HUGE:
        return None
    return number if abs(number) >= _TINY else 0.0


def unit_of(data: Value) -> str:
    """``%``, or the sign of a currency, if each value has it."""
    texts: list[str] = []
    pending: list[Value] = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            texts.append(value)
        else:
            inner = list(value.values()) if isinstance(value, dict) else value
            pending.extend(inner or [])
    signs = {match["before"] or match["after"] for t in texts if (match := _NUMBER.match(t[:60]))}
    return signs.pop() if len(signs) == 1 else ""
