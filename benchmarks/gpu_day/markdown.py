"""Numbers with their units, and tables of them, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

WIDEST = 160
"""Characters of a cell; `results.json` has all of them."""


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A table of Markdown; nothing without rows."""
    written = [f"| {' | '.join(str(value) for value in row)} |" for row in rows]
    names = list(heads)
    top = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    return [*top, *written] if written else []


def cell(text: object) -> str:
    """What a cell can hold: no line end, no bar, and not more than a few lines."""
    line = " ".join(str(text).split())
    line = line if len(line) <= WIDEST else line[:WIDEST] + " …"
    return line.replace("|", "\\|")


def milliseconds(seconds: float | None) -> str:
    """With two digits behind the point, more for what is shorter; – for nothing."""
    if seconds is None:
        return "–"
    return f"{seconds * 1e3:.2f}" if seconds >= 1e-4 else f"{seconds * 1e3:.3g}"


def gigabytes(bandwidth: float) -> str:
    """Bytes a second, read and written."""
    return f"{bandwidth / 1e9:.0f} GB/s (read + written)"
