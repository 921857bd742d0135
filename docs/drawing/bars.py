"""The speed as bars: the numbers are those of the tables in docs/performance.md."""

from __future__ import annotations

import re
from pathlib import Path

from docs.drawing.svg import drawing, rect, text

__all__ = ["pictures"]

PERFORMANCE = Path(__file__).parents[1] / "performance.md"
ROW = re.compile(r"^\| (\(c\)|\(a\)) [^|]*\| ≈? ?([\d.]+) \| ≈? ?([\d.]+) \|", re.MULTILINE)
"""Of the tables under "The engine beside transformers": way, pages a second, tokens a second."""
TITLES = ("the real size, bfloat16, 12 pages", "tiny, float32, 32 pages")
WIDTH, LEFT, ROOM = 620, 150, 380


def pictures() -> dict[str, str]:
    """Name → content."""
    rows = ROW.findall(PERFORMANCE.read_text(encoding="utf-8"))
    tables = [{way: float(tokens) for way, _, tokens in rows[i : i + 2]} for i in (0, 2)]
    parts: list[str] = [text(20, 34, "Tokens a second, on two threads of a CPU")]
    y = 52.0
    for title, table in zip(TITLES, tables, strict=True):
        parts.append(text(20, y + 18, title, "quiet"))
        for way, name, kind in (("(c)", "got_loaders", "bar"), ("(a)", "transformers", "other")):
            y += 32
            long = max(ROOM * table[way] / table["(c)"], 2)
            parts.append(text(LEFT - 12, y + 11, name, "text", ' text-anchor="end"'))
            parts.append(rect((LEFT, y - 6, LEFT + long, y + 16), kind, ' rx="3"'))
            parts.append(text(LEFT + long + 10, y + 11, f"{table[way]:g}"))
        y += 44
    alt = "; ".join(
        f"{title}: got_loaders {table['(c)']:g} tokens a second, the recipe {table['(a)']:g}"
        for title, table in zip(TITLES, tables, strict=True)
    )
    return {"speed.svg": drawing(WIDTH, y, alt, *parts)}
