"""Looking at a report in Chromium, by mouse and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # has none
from playwright.sync_api import Browser, Page, expect

from got_loaders.report.page import (
    ReportTotals,
    document_head,
    document_middle,
    document_tail,
    render_page,
)
from tests.report.browser.conftest import OpenReport
from tests.report.browser.mixed_pages import mixed_pages

TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
ALL_DRAWN = """for (const part of document.querySelectorAll("article, .entry"))
  part.style.contentVisibility = "visible";"""
FOCUSED = """(() => {
  const found = document.activeElement;
  const outlined = getComputedStyle(found).outlineStyle !== "none";
  const name = found.id || found.value || found.dataset.flag || found.className;
  return [name, outlined || found.type === "radio" || Boolean(found.closest("svg"))];
})()"""
"""What has the focus, and whether that can be seen: a radio's label or a region shows it."""


def visible(page: Page) -> list[str]:
    """The ids of the pages that are shown, as they stand."""
    ids: list[str] = page.eval_on_selector_all(
        "article", "found => found.filter(a => !a.hidden).map(a => a.id)"
    )
    return ids


def in_sight(page: Page, selector: str) -> bool:
    """Whether its top can be seen in the window."""
    top: float = page.eval_on_selector(selector, "found => found.getBoundingClientRect().top")
    return 0 <= top < page.viewport_size["height"]  # type: ignore[index]  # it was set


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_report_keeps_still(open_report: OpenReport, width: int, scheme: str) -> None:
    """From its first to its last page nothing shifts, asks for anything or goes off sideways."""
    page = open_report(width=width, scheme=scheme)
    page.mouse.move(width * 0.7, 600)
    for _ in range(14):
        page.mouse.wheel(0, 700)
        page.evaluate(TWO_FRAMES)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("scrollY") > 3000
    assert page.evaluate("seen.shifts") == 0
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(22, 24, 27)") is (scheme == "dark")


def test_region_and_text_lead_to_each_other(open_report: OpenReport) -> None:
    """A click on a region scrolls to its text, one on the text's name back; both light up."""
    page = open_report()
    page.click("#p1b4")
    assert page.url.endswith("#p1r4")
    assert in_sight(page, "#p1r4")
    page.hover("#p1r2 .shown")
    expect(page.locator("#p1b2")).to_have_class("text lit")
    page.hover("#p1b3")
    expect(page.locator("#p1r3")).to_have_class("reading lit")
    expect(page.locator("#p1b2")).not_to_have_class("text lit")
    page.click("#p1r5 a.place")
    assert page.url.endswith("#p1b5")
    assert in_sight(page, "#p1b5")
    page.focus("#p2b1")
    expect(page.locator("#p2r1")).to_have_class("reading lit")
    assert page.evaluate("seen.shifts") == 0


def test_keys_do_what_the_help_says(open_report: OpenReport) -> None:
    """j, n, k, p go from page to page, / searches, ? helps, Esc ends; they can be switched off."""
    page = open_report()
    for key in "jnj":
        page.keyboard.press(key)
    expect(page.locator("#list [aria-current]")).to_have_attribute("href", "#p4")
    page.keyboard.press("k")
    page.keyboard.press("p")
    expect(page.locator("#list [aria-current]")).to_have_attribute("href", "#p2")
    assert page.evaluate("document.activeElement.id") == "p2"
    page.keyboard.press("/")
    page.keyboard.type("jk")  # are letters here
    expect(page.locator("#search")).to_have_value("jk")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.uncheck("#keys")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("#list [aria-current]")).to_have_attribute("href", "#p2")


def test_every_control_is_reached_by_the_tab_key(open_report: OpenReport) -> None:
    """Tab comes by all that can be pressed, in the order in which it stands, and shows where."""
    page = open_report()
    reached = []
    for _ in range(45):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    names = [name for name, _ in reached]
    wanted = ["skip", "search", "page", "form-of-all", "import", "theme", "open-help", "failed"]
    places = [names.index(name) for name in wanted]
    assert places == sorted(places)
    assert {"shown", "p1b0", "p1b5", "copy", "correct", "place"} <= set(names)
    assert [name for name, shows in reached if not shows] == []


def test_what_is_wide_is_scrolled_by_keys(open_report: OpenReport) -> None:
    """A table that is wider than the window is a stop of the tab key; one that fits is none."""
    page = open_report()
    page.locator("#p8").scroll_into_view_if_needed()
    expect(page.locator("#p8r0 .shown")).to_have_attribute("tabindex", "0")
    expect(page.locator("#p2r1 .shown")).not_to_have_attribute("tabindex", "0")
    page.focus("#p8r0 .shown")
    page.keyboard.press("ArrowRight")
    page.evaluate(TWO_FRAMES)
    assert page.eval_on_selector("#p8r0 .shown", "found => found.scrollLeft") > 0


def test_filters_show_the_pages_that_have_a_flag(open_report: OpenReport) -> None:
    """Each flag has a button with its count; pressed ones add up; pressed again all are back."""
    page = open_report()
    expect(page.locator("[data-flag=disagrees]")).to_have_text("disagrees 2")
    page.click("[data-flag=disagrees]")
    assert visible(page) == ["p3", "p11"]
    expect(page.locator("#message")).to_have_text("2 of 12 pages shown")
    page.locator("[data-flag=blank]").press("Enter")
    assert visible(page) == ["p3", "p9", "p11"]
    expect(page.locator("#list > li:visible")).to_have_count(3)
    page.click("[data-flag=disagrees]")
    page.click("[data-flag=blank]")
    assert len(visible(page)) == 12


def test_doubtful_pages_come_first_on_request(open_report: OpenReport) -> None:
    """The switch puts failed, looped and cut pages before the others, and back."""
    page = open_report()
    page.check("input[name=order][value=doubtful]", force=True)
    assert visible(page)[:3] == ["p10", "p11", "p12"]
    links = page.eval_on_selector_all("#list a", "found => found.map(a => a.hash.slice(1))")
    assert links == visible(page)
    page.check("input[name=order][value=page]", force=True)
    assert visible(page) == [f"p{n}" for n in range(1, 13)]


def test_search_finds_words_as_they_are_shown(open_report: OpenReport) -> None:
    """Case and white space don't count, cells are not run together, and Enter goes on and on."""
    page = open_report()
    page.fill("#search", "FIRST  survey")
    expect(page.locator("#hits")).to_have_text("1 found")
    page.keyboard.press("Enter")
    expect(page.locator("#hits")).to_have_text("1 of 1")
    assert in_sight(page, "#p2r1")
    page.fill("#search", "555-01 (a.b)*[c]+{d}^$|e?\\f/")  # signs, no pattern
    expect(page.locator("#hits")).to_have_text("0 found")
    page.fill("#search", "$$ \\int_{-\\infty}")
    page.select_option("#form-of-all", "raw")
    expect(page.locator("#hits")).to_have_text("1 found")
    page.select_option("#form-of-all", "shown")
    page.fill("#search", "17the")
    expect(page.locator("#hits")).to_have_text("0 found")
    page.fill("#search", "surveyors")
    expect(page.locator("#hits")).to_have_text("12 found")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#hits")).to_have_text("12 of 12")
    page.click("#next-hit")
    expect(page.locator("#hits")).to_have_text("1 of 12")
    assert page.evaluate("[CSS.highlights.get('found').size, CSS.highlights.get('hit').size]") == [
        12,
        1,
    ]
    page.click("[data-flag=cut]")
    expect(page.locator("#hits")).to_have_text("8 found")
    page.fill("#search", "mathbb")  # in the Markdown of page 3 alone, not in its formula
    expect(page.locator("#hits")).to_have_text("0 found")
    page.click("[data-flag=cut]")
    page.select_option("#form-of-all", "markdown")
    expect(page.locator("#hits")).to_have_text("2 found")


def test_each_output_is_a_tab(open_report: OpenReport) -> None:
    """The arrow keys go from the reading to its Markdown, HTML and so on, of that page alone."""
    page = open_report()
    page.focus("#p2 input[value=shown]")
    expect(page.locator("#p2r1 .shown")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#p2r1 .as-markdown")).to_contain_text("| 1909 | 1,204 |")
    expect(page.locator("#p2r1 .as-markdown")).to_be_visible()
    expect(page.locator("#p2r1 .shown")).to_be_hidden()
    expect(page.locator("#p1r1 .shown")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#p2r1 .as-html")).to_be_visible()
    expect(page.locator("#p2r1 .as-html")).to_contain_text("<td>1,204</td>")


def test_what_is_seen_is_copied(open_report: OpenReport) -> None:
    """Copy takes the Markdown of a reading, or the output that is shown."""
    page = open_report()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#p2r0 .copy")
    expect(page.locator("#message")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("Grain prices rose")
    page.locator("#p2 label", has_text="HTML").click()
    page.evaluate("document.querySelector('#message').textContent = ''")
    page.click("#p2r0 .copy")
    expect(page.locator("#message")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("<p>Grain prices rose")


def test_colours_can_be_chosen(open_report: OpenReport) -> None:
    """Light and dark follow the system, until the button says otherwise; a reload remembers."""
    page = open_report(scheme="light")
    for scheme, ground in (("light", "rgb(246, 245, 242)"), ("dark", "rgb(22, 24, 27)")):
        page.click("#theme")
        expect(page.locator("#theme")).to_have_text(f"Theme: {scheme}")
        expect(page.locator("body")).to_have_css("background-color", ground)
    page.reload()
    expect(page.locator("body")).to_have_css("background-color", "rgb(22, 24, 27)")
    expect(page.locator("#theme")).to_have_text("Theme: dark")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_no_fault(open_report: OpenReport, width: int, scheme: str) -> None:
    """Names, roles, contrasts and keys are in order, while a text is being edited as well."""
    page = open_report(width=width, scheme=scheme)
    page.click(".overview summary")
    page.click("#p2r1 .correct")
    page.evaluate(ALL_DRAWN)
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found] == []


def test_without_script_pages_and_links_are_there(
    open_report: OpenReport, browser: Browser
) -> None:
    """Where no script may run, outputs can be chosen and regions lead to their texts."""
    page = open_report()
    context = browser.new_context(java_script_enabled=False, offline=True)
    try:
        bare = context.new_page()
        bare.goto(page.url)
        expect(bare.locator(".bar")).to_be_hidden()
        expect(bare.locator(".correct").first).to_be_hidden()
        bare.locator("#p2 label", has_text="Markdown").click()
        expect(bare.locator("#p2r1 .as-markdown")).to_be_visible()
        bare.click("#p1b1")
        assert bare.url.endswith("#p1r1")
        expect(bare.locator("#p1 .sheet img")).to_be_visible()
    finally:
        context.close()


def test_pictures_may_lie_beside_the_report(browser: Browser, tmp_path: Path) -> None:
    """A report in several files shows its pictures from the folder, and asks for nothing else."""
    page = mixed_pages()[0]
    (tmp_path / "1.webp").write_bytes(page.pictures[0].data)
    totals = ReportTotals(pages=1, documents=1)
    text = (
        document_head("Split", totals, parts=(), pictures_beside=True)
        + document_middle()
        + render_page(page, 1, picture_url=lambda _: "1.webp")
        + document_tail()
    )
    (tmp_path / "part.html").write_text(text, encoding="utf-8")
    opened = browser.new_page(offline=True)
    try:
        opened.goto((tmp_path / "part.html").as_uri())
        opened.evaluate("document.querySelector('.sheet img').decode()")
        width = opened.evaluate("document.querySelector('.sheet img').naturalWidth")
        assert width == page.pictures[0].width
    finally:
        opened.close()


def test_on_paper_there_are_pages_and_no_controls(open_report: OpenReport) -> None:
    """Printed, each page is its picture beside its reading, in dark ink."""
    page = open_report(scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator("#p1 .correct").first).to_be_hidden()
    expect(page.locator("#p1 .sheet")).to_be_visible()
    expect(page.locator("#p1r1 .shown")).to_have_css("color", "rgb(30, 33, 37)")
