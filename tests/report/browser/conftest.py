"""Chromium with a report open in it; whatever a report should not do fails the test that saw it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from got_loaders.report.values import ReportPage
from tests.report.browser.mixed_pages import as_html, mixed_pages

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
)

WATCH = """
const moves = [];
const seen = window.seen = {
  ready: Infinity, violations: [], ran: [],
  get shifts() { return sum((move) => move.startTime >= seen.ready); },
  get loading() { return sum((move) => move.startTime < seen.ready); },
};
const sum = (which) => moves.filter(which).reduce((total, move) => total + move.value, 0);
new PerformanceObserver((list) => {
  moves.push(...list.getEntries().filter((move) => !move.hadRecentInput));
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) => {
  seen.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
window.alert = window.confirm = window.prompt = (text) => { seen.ran.push(String(text)); };
"""
"""Before any script of the page: what moves, what the policy stops, and what should never run.

While a file comes in, a row of controls may be painted before its last one is there."""

_LOADING_SHIFT = 0.01
"""The most that may move while a file comes in, as a layout shift score; 0.1 counts as good."""

OpenReport = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each module."""
    if CHROMIUM is None:
        pytest.skip("no chromium, chromium-browser or google-chrome is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def mixed_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The twelve pages as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(as_html(mixed_pages()), encoding="utf-8")
    return path


@pytest.fixture
def open_report(browser: Browser, mixed_report: Path, tmp_path: Path) -> Iterator[OpenReport]:
    """Opens the twelve pages, others, or a file, and checks at the end that nothing went wrong."""
    with _opener(browser, mixed_report, tmp_path) as opener:
        yield opener


@contextmanager
def _opener(browser: Browser, report: Path, folder: Path) -> Iterator[OpenReport]:
    context = browser.new_context(offline=True, accept_downloads=True)
    said: list[str] = []
    requests: list[str] = []
    pages: list[Page] = []

    def open_page(
        pages_of_it: Iterable[ReportPage] | Path | None = None,
        *,
        width: int = 1280,
        scheme: Literal["light", "dark"] = "light",
        order: str = "page",
    ) -> Page:
        path = report
        if isinstance(pages_of_it, Path):
            path = pages_of_it
        elif pages_of_it is not None:
            path = folder / f"report-{len(pages)}.html"
            path.write_text(as_html(pages_of_it, order=order), encoding="utf-8")
        page = context.new_page()
        pages.append(page)
        page.set_default_timeout(10_000)
        page.set_viewport_size({"width": width, "height": 844 if width < 600 else 900})
        page.emulate_media(color_scheme=scheme)
        page.add_init_script(WATCH)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        page.evaluate("seen.ready = performance.now()")
        return page

    yield open_page
    urls = {page.url.partition("#")[0] for page in pages}
    seen = [page.evaluate("window.seen") for page in pages if not page.is_closed()]
    context.close()
    assert said == []
    outside = [url for url in requests if not url.startswith(("data:", "blob:"))]
    assert {*outside} <= urls
    for one in seen:
        assert one["violations"] == []
        assert one["ran"] == []
        assert one["loading"] < _LOADING_SHIFT
