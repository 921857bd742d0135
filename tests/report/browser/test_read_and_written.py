"""What was read is written and opened: from the document to the browser, and nothing in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from got_loaders import OcrRequest, OcrResult, PageResult, read, write_report
from got_loaders.options import ReadOverrides
from got_loaders.testing import FakeEngine
from tests.pages import making
from tests.report.browser.conftest import WATCH

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\" onload='alert(3)'"
REPLIES: list[str | OcrResult | Exception] = [
    rf"\title{{The Upper Valley}} {HOSTILE}",
    r"\begin{tabular}{|l|r|}\hline Part & Price\\ \hline Bolt & \$4\\ \hline\end{tabular}",
    r"\[\int_0^1 \frac{x^2}{\sqrt{1-x}}\,dx \tag{3}\] and \(\href{javascript:alert(4)}{x}\)",
    "**kern\n*clefG2\n*M4/4\n=1\n4c\n4d\n4e\n4f\n=2\n1g\n==\n*-\n",
    "<smiles>CC(=O)OC1=CC=CC=C1C(=O)O</smiles>",
    "{'title': 'Sales', 'x_title': 'year', 'y_title': '', 'values': {'2020': 4, '2021': 7}}",
    "\\begin{tikzpicture}\n\\draw (0,0) -- (1,1);\n\\end{tikzpicture}",
    OcrResult(text="la la la", finish_reason="repetition"),
    OcrResult(text="it ends in the", finish_reason="length"),
    ValueError("no word of it"),
    OcrResult(text="unsure", confidence=0.2),
]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page for each reply, its number on it, and a blank one; hostile by name and title."""
    path = tmp_path_factory.mktemp("read") / "<img src=x onerror=alert(5)>.pdf"
    with making.pymupdf.open() as pdf:
        for number in range(len(REPLIES)):
            pdf.new_page(width=300, height=400).insert_text((30, 60), str(number), fontsize=40)
        pdf.new_page(width=300, height=400)
        pdf.set_metadata({"title": HOSTILE, "author": "</script><script>alert(6)</script>"})
        pdf.save(path)
    return path


@pytest.fixture(scope="module")
def results(document: Path) -> list[PageResult]:
    """Its pages, as a model might read them; a loop is not read again."""
    replies = iter(REPLIES)

    def reply(_: OcrRequest) -> str | OcrResult | Exception:
        return next(replies)

    engine = FakeEngine(reply)
    how: ReadOverrides = {"on_error": "keep", "crop_to_patches": True, "max_patches": 2}
    return list(read(document, engine=engine, **how))


def opened(browser: Browser, path: Path) -> tuple[Page, list[str]]:
    """The page, offline, and what it complained of or asked for beside itself."""
    context = browser.new_context(offline=True)
    page, said = context.new_page(), list[str]()
    page.add_init_script(WATCH)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    return page, [text for text in said if not text.startswith(("data:", path.as_uri()))]


def test_a_document_of_everything_is_shown(
    browser: Browser, results: list[PageResult], document: Path, tmp_path: Path
) -> None:
    """Typeset, with pictures, flags and the worst page first; what was hostile is text."""
    path = write_report(results, tmp_path / "report.html")
    page, said = opened(browser, path)
    assert said == []
    assert page.locator("article").count() == 12
    assert page.locator(".picture img").count() == 12
    assert page.locator("math").count() >= 2
    assert page.locator("td", has_text="Bolt").count() == 1
    assert page.locator("figure.notation img").count() >= 3  # music, a molecule, a chart
    flags = page.eval_on_selector_all(".entry", "all => all.map(e => e.dataset.flags)")
    assert flags[:5] == ["failed", "looped", "cut", "low_confidence", "blank"]
    text = page.inner_text("body")
    for shown in (HOSTILE, "no word of it", document.name):
        assert shown in text
    seen = page.evaluate("window.seen")
    assert (seen["ran"], seen["violations"]) == ([], [])
    page.context.close()


def test_the_parts_of_a_report_lead_to_each_other(
    browser: Browser, results: list[PageResult], tmp_path: Path
) -> None:
    """From the list to a page in another file, whose picture lies beside it, and back."""
    index = write_report(results, tmp_path / "a b", split=5)
    page, said = opened(browser, index)
    assert [url for url in said if "/pictures/" not in url] == []
    page.locator(".entry a").first.click()  # the one that failed
    page.wait_for_url("**/pages-2.html#p10")
    page.wait_for_function("document.querySelector('#p10 .picture img').naturalWidth > 0")
    page.locator("nav.parts a").first.click()
    page.wait_for_url("**/index.html")
    page.context.close()
