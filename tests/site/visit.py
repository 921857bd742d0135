"""What is wrong with a page of the built site in a browser, and how it looks there.

``python -m tests.site.visit SITE FOLDER [PAGE …]`` visits a site that ``make docs`` has built, and
writes a screenshot of each page at both widths, light and dark, into FOLDER.
"""

from __future__ import annotations

import functools
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.site.browser import Browser, open_browser

__all__ = ["DESK", "PHONE", "faults", "serve"]

DESK, PHONE = (1366, 768), (390, 844)

MEASURES = """(() => {
  const cut = (block) => block.scrollWidth > block.clientWidth + 1;
  const text = (block) => block.textContent.trim().slice(0, 60);
  const scrolls = (element) =>
    ["auto", "scroll"].includes(getComputedStyle(element).overflowX) &&
    !element.matches("pre, .table-wrapper");
  const shown = (element) => element.getClientRects().length > 0;
  return {
    scroll: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    inner: [...document.querySelectorAll(".page, .page *")].filter(cut).filter(scrolls).map(text),
    code: [...document.querySelectorAll("pre")].filter(cut).map(text),
    tables: [...document.querySelectorAll(".table-wrapper")].filter(cut).map(text),
    images: [...document.images].filter((i) => shown(i) && !i.naturalWidth).map((i) => i.src),
    alts: [...document.images].filter((i) => !i.alt).map((i) => i.src),
  };
})()"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """The folder over HTTP on this machine alone; its address, which ends with a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def faults(browser: Browser, address: str, page: str, *, wide: bool) -> list[str]:
    """Visit a page; what a reader would find wrong with it."""
    browser.go(address + page)
    found = browser.evaluate(MEASURES)
    told = []
    if found["scroll"] > 0 or found["inner"]:
        told.append(f"scrolls sideways: {found['scroll']} pixels {found['inner']}")
    if wide:
        told += [f"code is cut: {text}" for text in found["code"]]
        told += [f"a table is cut: {text}" for text in found["tables"]]
    told += [f"no picture: {source}" for source in found["images"]]
    told += [f"a picture without a description: {source}" for source in found["alts"]]
    for event in browser.events:
        told += _complaints(event, address)
    return told


def _complaints(event: dict[str, Any], address: str) -> Iterator[str]:
    """What the console and the network say."""
    about = event.get("params", {})
    match event.get("method"):
        case "Runtime.exceptionThrown":
            yield f"exception: {about['exceptionDetails']['text']}"
        case "Runtime.consoleAPICalled" if about["type"] in {"error", "warning", "assert"}:
            yield f"console: {about['args']}"
        case "Log.entryAdded" if about["entry"]["level"] in {"error", "warning"}:
            yield f"console: {about['entry']['text']} {about['entry'].get('url', '')}"
        case "Network.requestWillBeSent":
            url = about["request"]["url"]
            if not url.startswith((address, "data:")):
                yield f"loads {url}"


def main(site: Path, folder: Path, pages: list[str]) -> None:
    """Write screenshots, and what is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    names = pages or sorted(path.name for path in site.glob("*.html"))
    with (
        tempfile.TemporaryDirectory() as profile,
        open_browser(Path(profile)) as browser,
        serve(site) as address,
    ):
        for size in (DESK, PHONE):
            for dark in (False, True):
                browser.show(*size, dark=dark)
                for name in names:
                    told = faults(browser, address, name, wide=size is DESK)
                    mode = "dark" if dark else "light"
                    browser.screenshot(folder / f"{Path(name).stem}-{size[0]}-{mode}.png")
                    for fault in told:
                        sys.stdout.write(f"{name} at {size[0]}, {mode}: {fault}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
