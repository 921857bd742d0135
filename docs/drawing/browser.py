"""Pages as they look in Chromium, where that is installed."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

__all__ = ["find_chromium", "screenshot"]

_COLORS = 96


def find_chromium(*names: str) -> str | None:
    """Where it is; without it the pictures of these ``names`` stay, which is said."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.stdout.write(f"{', '.join(names)}: no Chromium is installed, they stay as they are\n")
    return path


def screenshot(
    chromium: str,
    file: Path,
    size: tuple[int, int],
    prepare: Callable[[Page], object] = lambda _: None,
) -> bytes:
    """The top of a page as PNG, in a window of ``size`` pixels, after what is done to it first.

    A height of 0 is the page's own.
    """
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        window = {"width": size[0], "height": size[1] or 100}
        page = browser.new_page(viewport={**window}, offline=True)  # type: ignore[arg-type]  # a TypedDict
        page.goto(file.as_uri())
        prepare(page)
        png = page.screenshot(animations="disabled", full_page=size[1] == 0)
        browser.close()
    buffer = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(_COLORS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
