"""The documentation builds as a site, which loads nothing from elsewhere and fits its readers."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import got_loaders
from docs.drawing import bars
from got_loaders import errors
from tests.site.browser import CHROMIUM, Browser, open_browser
from tests.site.visit import DESK, PHONE, faults, serve

pytest.importorskip("myst_parser")
pytest.importorskip("furo")

DOCS = Path(__file__).parents[2] / "docs"
WORDS = {
    "mcp": "agents",
    "llamaindex": "quickstart-llama-index",
    "fastapi": "fastapi",
    "celeri": "celery",
    "jupyt": "jupyter",
}
"""What users search for, as the index has it, by its stem → the page about it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built without a warning: every link leads somewhere, every docstring is sound."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    built = subprocess.run(
        [*command, "-d", str(folder / "trees"), str(DOCS), str(folder / "site")],
        capture_output=True,
        text=True,
        check=False,
        cwd=DOCS.parent,
    )
    assert (built.returncode, built.stderr) == (0, "")
    return folder / "site"


def test_every_page_and_every_public_name_is_there(site: Path) -> None:
    """The contents name each page, and the API page has each name."""
    page = (site / "api.html").read_text(encoding="utf-8")
    for name in got_loaders.__all__:
        assert f'id="got_loaders.{name}"' in page or name == "__version__"
    for name in errors.__all__:
        assert f'id="got_loaders.errors.{name}"' in page or name == "printable"
    contents = (site / "index.html").read_text(encoding="utf-8")
    for markdown in DOCS.glob("*.md"):
        assert f'href="{markdown.stem}.html"' in contents or markdown.stem == "index"


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    """The site works without a network: scripts, styles, fonts and pictures are its own."""
    tags = re.compile(r"<(?:script|link|img|iframe|source|object|use)[^>]*>")
    elsewhere = re.compile(r"""(?:src|srcset|href|data)\s*=\s*["']?(?:https?:)?//[^"'>\s]+""")
    for page in site.glob("*.html"):
        for tag in tags.findall(page.read_text(encoding="utf-8")):
            assert not elsewhere.search(tag), (page.name, tag)
    loads = re.compile(r"""url\(\s*["']?(?:https?:)?//|@import\s*["'](?:https?:)?//""")
    for file in [*site.rglob("*.css"), *site.rglob("*.svg")]:
        assert not loads.search(file.read_text(encoding="utf-8")), file.name


def test_every_page_has_a_place_and_a_title(site: Path) -> None:
    """Next and previous lead through all pages; each says in its title what it is about."""
    titles = set()
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        titles.add(text.partition("<title>")[2].partition("</title>")[0])
        assert page.stem == "search" or 'class="next-page"' in text or 'class="prev-page"' in text
    assert len(titles) == len(list(site.glob("*.html")))


def test_the_search_knows_the_words_of_the_pages(site: Path) -> None:
    """What a user types leads to the page about it, whatever its capitals."""
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    known = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))
    pages = known["docnames"]
    for word, page in WORDS.items():
        found = known["titleterms"].get(word, []), known["terms"].get(word, [])
        numbers = {n for at in found for n in (at if isinstance(at, list) else [at])}
        assert page in {pages[number] for number in numbers}, word


def test_every_picture_is_described_and_small() -> None:
    """Who can't see a picture reads what is on it; each is used, and loads at once."""
    used = set()
    for page in [DOCS.parent / "README.md", *DOCS.glob("*.md")]:
        for words, file in re.findall(
            r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text(encoding="utf-8")
        ):
            assert len(words) > 20, (page.name, file)
            used.add((page.parent / file).resolve())
    drawn = set((DOCS / "pictures").iterdir())
    assert drawn <= used
    assert all(file.stat().st_size <= 60_000 for file in used)


def test_the_bars_show_the_table_s_numbers() -> None:
    """The picture of the speed is drawn from the page that it stands on."""
    for name, picture in bars.pictures().items():
        assert (DOCS / "pictures" / name).read_text(encoding="utf-8") == picture


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logo", "pages", "terminal", "examples", "drafts"])
def test_the_pictures_and_outputs_are_what_the_code_gives(name: str) -> None:
    """`make draw` changes nothing: what the docs show is what the library does today."""
    drawn: dict[str, str] = importlib.import_module(f"docs.drawing.{name}").pictures()
    for file, content in drawn.items():
        kept = (DOCS / "pictures" / file).read_text(encoding="utf-8")
        assert without_pixels(kept) == without_pixels(content), file


def without_pixels(picture: str) -> str:
    """Compressed pictures differ between versions of zlib."""
    return re.sub(r"base64,[^\"]+", "", picture)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits(site: Path, tmp_path: Path, size: tuple[int, int], dark: bool) -> None:
    """No page scrolls sideways or complains, and on a desk no code and no table is cut."""
    with open_browser(tmp_path) as browser, serve(site) as address:
        browser.show(*size, dark=dark)
        for page in sorted(site.glob("*.html")):
            found = faults(browser, address, page.name, wide=size == DESK)
            assert found == [], page.name


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_the_search_finds(site: Path, tmp_path: Path) -> None:
    """A word that a user types into the search is answered with the page about it."""
    with open_browser(tmp_path) as browser, serve(site) as address:
        browser.show(*DESK, dark=False)
        for word, page in {
            "MCP": "agents.html",
            "LlamaIndex": "quickstart-llama-index.html",
        }.items():
            assert page in results(browser, f"{address}search.html?q={word}")


def results(browser: Browser, address: str) -> list[str]:
    """Where the results of a search lead."""
    browser.go(address)
    found: list[str] = browser.evaluate(
        """(async () => {
          for (let i = 0; i < 200; i++) {
            const links = [...document.querySelectorAll("#search-results li a")];
            const summary = document.querySelector(".search-summary")?.textContent ?? "";
            if (summary.includes("Search finished") && links.length)
              return links.map((link) => link.pathname.split("/").pop());
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          return [];
        })()"""
    )
    return found
