"""Whoever reads ordinary pages with the embedded model is told so, once a file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from got_loaders import OcrResult, read
from got_loaders.cli import main
from got_loaders.engine.model.checkpoint import find_checkpoint
from got_loaders.testing import FakeEngine

TINY = f"tiny@{find_checkpoint('tiny', None).revision[:12]}/float32"
GIBBERISH = OcrResult(text="m ii w", confidence=0.3, num_tokens=90, model=TINY)
Told = Callable[..., list[str]]


@pytest.fixture
def told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Told:
    """Reads files of so many pages, of which the engine gives these results; what was warned of."""

    def warnings(*results: OcrResult, pages: tuple[int, ...] = (2,), take: int = 99) -> list[str]:
        sheet = Image.new("RGB", (200, 280), "white")
        ImageDraw.Draw(sheet).rectangle((20, 20, 120, 60), fill="black")
        files = [tmp_path / f"{number}.tif" for number in range(len(pages))]
        for file, count in zip(files, pages, strict=True):
            sheet.save(file, save_all=True, append_images=[sheet] * (count - 1))
        answers = [results[n % len(results)] for n in range(sum(pages))]
        engine = FakeEngine(lambda _: answers.pop(0))
        caplog.clear()
        with caplog.at_level(logging.WARNING, logger="got_loaders"):
            reading = read(files, engine=engine)
            for _, _result in zip(range(take), reading, strict=False):
                pass
            reading.close()
        return [record.getMessage() for record in caplog.records]

    return warnings


def test_a_file_that_tiny_can_t_read_is_told_once(told: Told) -> None:
    """With what tiny can read and how to get the weights; each file once, however many pages."""
    messages = told(GIBBERISH, pages=(7, 1))
    assert [message.partition(": read by tiny")[0][-5:] for message in messages] == [
        "0.tif",
        "1.tif",
    ]
    assert "mean confidence 0.30" in messages[0]
    assert "30 to 44 points" in messages[0]
    assert "hf download stepfun-ai/GOT-OCR-2.0-hf" in messages[0]


@pytest.mark.parametrize(
    "result",
    [
        replace(GIBBERISH, confidence=0.95),
        replace(GIBBERISH, model="GOT-OCR-2.0-hf@0123456789ab/bfloat16"),
        replace(GIBBERISH, model="tiny@0123456789ab/float32"),
        replace(GIBBERISH, num_tokens=3),
    ],
)
def test_nothing_is_told_of_other_readings(told: Told, result: OcrResult) -> None:
    """Not of what tiny is sure of, of other models, nor of a word or two."""
    assert told(result) == []


def test_one_bad_page_of_a_file_is_not_the_file(told: Told) -> None:
    """What counts is the mean over the file's tokens."""
    assert told(replace(GIBBERISH, num_tokens=9), replace(GIBBERISH, confidence=0.98)) == []


def test_a_reading_that_is_left_early_is_told_as_well(told: Told) -> None:
    """Who breaks off after a page, or waits for a long file, hears it, too."""
    assert len(told(GIBBERISH, pages=(9,), take=1)) == 1
    assert len(told(GIBBERISH, pages=(9,), take=4)) == 1


def test_the_command_line_says_it_in_its_own_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The warning is one line on standard error, and none of the text."""
    sheet = Image.new("RGB", (200, 280), "white")
    ImageDraw.Draw(sheet).rectangle((20, 20, 120, 60), fill="black")
    sheet.save(tmp_path / "page.png")
    assert main(["read", str(tmp_path / "page.png")], engine=FakeEngine(GIBBERISH)) == 0
    out, err = capsys.readouterr()
    assert out == "m ii w\n"
    (line,) = (line for line in err.splitlines() if "read by tiny" in line)
    assert line.startswith("got-loaders: ")
    assert "Leave --model tiny out" in line
