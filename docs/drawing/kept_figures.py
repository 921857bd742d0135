"""A scanned page, and its text with the figure in its place, in Chromium, where that is there."""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from pathlib import Path

from docs.drawing.browser import find_chromium, screenshot
from got_loaders import GotOcrLoader, draw_location, read

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from keep_figures import write_page

__all__ = ["pictures"]

STYLE = """
body { margin: 0; padding: 24px; display: grid; grid-template-columns: 1fr 1fr; gap: 32px;
  background: #fff; font: 19px Georgia, serif; }
body > img { width: 100%; border: 1px solid #ccc; } main img { max-width: 100%; height: auto; }
figure { margin: 0; } h2 { font: 15px system-ui, sans-serif; color: #555; margin: 0 0 12px; }
"""


def pictures() -> dict[str, bytes]:
    """Name → content; empty without a browser."""
    chromium = find_chromium("figures.png")
    if chromium is None:
        return {}
    with tempfile.TemporaryDirectory() as name:
        scan = write_page(Path(name))
        results = list(read(scan, model="tiny", regions="auto"))
        buffer = io.BytesIO()
        draw_location(results).save(buffer, "PNG")
        data = base64.b64encode(buffer.getvalue()).decode("ascii")
        (document,) = GotOcrLoader(
            scan, model="tiny", figures="inline", output="html", drop=["figure"]
        ).load()
        page = Path(name, "figures.html")
        page.write_text(
            f"<!DOCTYPE html><meta charset=utf-8><style>{STYLE}</style>"
            f'<img src="data:image/png;base64,{data}"><main>{document.page_content}</main>',
            encoding="utf-8",
        )
        return {"figures.png": screenshot(chromium, page, (980, 0))}
