"""Correcting readings in a report, and the file that comes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Dialog, Page, expect

from got_loaders.results.corrections import reading_digest
from tests.report.browser.conftest import OpenReport


def correct(page: Page, reading: str, text: str) -> None:
    """Put a text in the place of a reading."""
    page.click(f"{reading} .correct")
    page.fill(f"{reading} textarea", text)
    page.get_by_role("button", name="Save").click()


def export(page: Page, path: Path) -> list[dict[str, Any]]:
    """What the button for exporting writes."""
    with page.expect_download() as download:
        page.click("#export")
    assert download.value.suggested_filename == "corrections.jsonl"
    download.value.save_as(path)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_corrections_are_exported_line_by_line(open_report: OpenReport, tmp_path: Path) -> None:
    """A line says what was corrected, by its digest, and the text as typed, in order of pages."""
    page = open_report()
    expect(page.locator("#export")).to_be_disabled()
    correct(page, "#p12r0", "The end,\nas “typed” — ṩ\u2028<b>&amp;</b>\n\n```\ncode\t\\n\n```\n")
    correct(page, "#p2r1", "| Year |\n| --- |\n| 1908 |")
    expect(page.locator("#corrected")).to_have_text("2")
    expect(page.locator("#p2r1 .corrected-text")).to_contain_text("| 1908 |")
    expect(page.locator("#p2r1 .shown")).to_be_hidden()
    table, end = export(page, tmp_path / "corrections.jsonl")
    raw = page.locator("#p2r1 .as-raw").text_content()
    assert table == {
        "id": "d0c5",
        "page": 1,
        "region": 1,
        "of": "raw",
        "digest": reading_digest(raw or ""),
        "source": "survey.pdf",
        "form": "markdown",
        "text": "| Year |\n| --- |\n| 1908 |",
    }
    assert end["text"] == "The end,\nas “typed” — ṩ\u2028<b>&amp;</b>\n\n```\ncode\t\\n\n```\n"
    assert (end["page"], end["region"]) == (11, None)


def test_a_text_can_be_corrected_as_the_model_writes(
    open_report: OpenReport, tmp_path: Path
) -> None:
    """The other form brings its own text, as long as nothing is typed."""
    page = open_report()
    page.click("#p3r0 .correct")
    editor = page.locator("#p3r0 .editor")
    editor.locator("select").select_option("raw")
    expect(editor.locator("textarea")).to_have_value(
        page.locator("#p3r0 .as-raw").text_content() or ""
    )
    editor.locator("textarea").press("Control+Home")
    editor.locator("textarea").press_sequentially("\\title{One}")
    editor.locator("textarea").press("Control+Enter")
    (line,) = export(page, tmp_path / "corrections.jsonl")
    assert line["form"] == "raw"
    assert line["text"].startswith("\\title{One}Let ")


def test_cancel_and_revert_leave_the_reading(open_report: OpenReport) -> None:
    """Cancel drops what was typed, Revert a correction that was saved; Esc closes the untouched."""
    page = open_report()
    reading = page.locator("#p1r1")
    reading.locator(".correct").click()
    reading.locator("textarea").fill("other")
    reading.get_by_role("button", name="Cancel").click()
    expect(reading.locator(".shown")).to_be_visible()
    expect(page.locator("#export")).to_be_disabled()
    expect(reading.locator(".correct")).to_be_focused()
    correct(page, "#p1r1", "other")
    reading.locator(".correct").click()
    expect(reading.locator("textarea")).to_have_value("other")
    page.keyboard.press("Escape")
    expect(reading.locator(".corrected-text")).to_have_text("other")
    reading.locator(".correct").click()
    reading.get_by_role("button", name="Revert").click()
    expect(reading.locator(".shown")).to_be_visible()
    expect(page.locator("#corrected")).to_have_text("0")


def test_a_reload_loses_nothing(open_report: OpenReport) -> None:
    """Saved corrections and half-typed ones are there again; leaving asks first. What is corrected
    in one window is seen in the others."""
    page = open_report()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    correct(page, "#p9r0", "a page that was not blank")
    page.click("#p1r1 .correct")
    page.fill("#p1r1 textarea", "half")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert asked == ["beforeunload"]
    expect(page.locator("#p9r0 .corrected-text")).to_have_text("a page that was not blank")
    expect(page.locator("#corrected")).to_have_text("1")
    expect(page.locator("#p1r1 .correct")).to_have_text("Go on correcting")
    page.click("#p1r1 .correct")
    page.keyboard.press("Escape")  # closes only what is untouched
    page.locator("#p1r1 select").select_option("raw")
    expect(page.locator("#p1r1 textarea")).to_have_value("half")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#p1r1 .correct")).to_have_text("Correct")
    with page.expect_download():
        page.click("#export")
    page.reload()
    assert asked == ["beforeunload"]  # nothing would be lost any more
    other = open_report()
    correct(page, "#p9r0", "typed in one window")
    expect(other.locator("#p9r0 .corrected-text")).to_have_text("typed in one window")
    other.click("#p9r0 .correct")
    other.locator("#p9r0 select").select_option("raw")
    expect(other.locator("#p9r0 textarea")).to_have_value("typed in one window")
    other.get_by_role("button", name="Revert").click()
    expect(page.locator("#p9r0 .corrected-text")).to_have_count(0)
    expect(page.locator("#export")).to_be_disabled()


def test_an_exported_file_is_taken_up_again(open_report: OpenReport, tmp_path: Path) -> None:
    """Import shows its corrections, says what does not belong here, and refuses what is damaged."""
    page = open_report()
    correct(page, "#p2r1", "mine")
    (line,) = export(page, tmp_path / "corrections.jsonl")
    page.click("#p2r1 .correct")
    page.get_by_role("button", name="Revert").click()
    strange = {**line, "digest": "0" * 16}
    file = tmp_path / "more.jsonl"
    file.write_text(f"\ufeff{json.dumps(line)}\n\n{json.dumps(strange)}\n", "utf-8")
    correct(page, "#p2r1", "not exported")
    page.set_input_files("#import-file", file)
    expect(page.locator("#p2r1 .corrected-text")).to_have_text("mine")
    expect(page.locator("#message")).to_have_text(
        "1 correction taken up, 1 in the place of your own"
        "; 1 of other pages, or of earlier readings, left out"
    )
    for damaged, words in (
        (json.dumps({**line, "form": "html"}), "Line 2 has no right “form”"),
        (json.dumps({**line, "text": None}), "Line 2 has no right “text”"),
        ("[]", "Line 2 has no right “id”"),
        ("{", "Line 2 is not JSON"),
    ):
        file.write_text(f"{json.dumps({**line, 'text': 'no'})}\n{damaged}\n", "utf-8")
        page.set_input_files("#import-file", file)
        expect(page.locator("#message")).to_have_text(f"Not imported: {words}")
    expect(page.locator("#p2r1 .corrected-text")).to_have_text("mine")
