"""How much of a text came from drafts: what results, Documents and the command line say of it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from got_loaders import GotOcrLoader, OcrRequest, OcrResult, read
from got_loaders.cli import main
from got_loaders.testing import FakeEngine

DRAFTED = OcrResult(text="read", num_tokens=8, accepted_tokens=6, rejected_tokens=3)


def scan(path: Path, pages: int = 1) -> Path:
    """A file of pages with ink on them."""
    images = [Image.new("L", (200 + number, 280), "white") for number in range(pages)]
    for image in images:
        ImageDraw.Draw(image).rectangle((20, 20, 120, 60), fill="black")
    images[0].save(path, save_all=True, append_images=images[1:])
    return path


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({}, 0.75),
        ({"accepted_tokens": 0}, 0.0),
        ({"accepted_tokens": 11}, 1.0),  # some of what was accepted was cut off with a loop
        ({"num_tokens": 0}, None),
        ({"cached": True}, None),
    ],
)
def test_a_result_says_how_much_of_it_was_drafted(
    changes: dict[str, Any], share: float | None, tmp_path: Path
) -> None:
    """A part of its tokens; nothing where the model read nothing now, or does not count."""
    engine = FakeEngine(replace(DRAFTED, **changes))
    (result,) = read(scan(tmp_path / "a.tif"), engine=engine)
    assert result.draft_share == share


def test_a_blank_page_has_no_share(tmp_path: Path) -> None:
    """Nothing was read."""
    Image.new("L", (200, 280), "white").save(tmp_path / "a.png")
    (result,) = read(tmp_path / "a.png", engine=FakeEngine(DRAFTED))
    assert (result.origin, result.draft_share) == ("blank", None)


def test_metadata_has_the_share_where_it_is_asked_for(tmp_path: Path) -> None:
    """It depends on what else is read, so Documents are the same without it; of several pages it is
    that of all their tokens."""
    path = scan(tmp_path / "a.tif", pages=2)
    other = OcrResult(text="more", num_tokens=2, accepted_tokens=0)

    def answer(request: OcrRequest) -> OcrResult:
        return DRAFTED if request.images[0].width == 200 else other

    def metadata(**options: Any) -> dict[str, Any]:
        (document,) = GotOcrLoader(path, engine=FakeEngine(answer), **options).load()
        found: dict[str, Any] = document.metadata
        return found

    assert "ocr_draft_share" not in metadata(mode="single")
    assert metadata(mode="single", omit_metadata=())["ocr_draft_share"] == 0.6
    for keys in (("moddate",), ["title"], "author"):
        assert "ocr_draft_share" not in metadata(mode="single", omit_metadata=keys)
    assert metadata(pages="1", omit_metadata=())["ocr_draft_share"] == 0.75


def test_a_cached_reading_comes_from_no_draft(tmp_path: Path) -> None:
    """Its counts are those of the run that read it, and are not kept."""
    path = scan(tmp_path / "a.tif", pages=1)
    cache = tmp_path / "cache"
    first, again = (
        next(iter(read([path], engine=FakeEngine(DRAFTED), cache=cache))) for _ in range(2)
    )
    assert (first.draft_share, again.draft_share) == (0.75, None)
    assert again.ocr is not None
    assert (again.ocr.accepted_tokens, again.ocr.rejected_tokens) == (0, 0)


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (DRAFTED, "2 pages: 2 read; drafts: 75% of the tokens"),
        (replace(DRAFTED, num_tokens=100), "2 pages: 2 read\n"),
        (OcrResult(text="read", num_tokens=8), "2 pages: 2 read\n"),
    ],
)
def test_the_command_line_says_how_much_was_drafted(
    result: OcrResult, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its summary, unless it is hardly anything; what was cached counts for nothing."""
    path, folder = scan(tmp_path / "a.tif", pages=2), os.fspath(tmp_path / "cache")
    command = ["read", str(path), "--jsonl", str(tmp_path / "out.jsonl"), "--cache-dir", folder]
    assert main(command, engine=FakeEngine(result)) == 0
    assert told in capsys.readouterr().err
    (tmp_path / "out.jsonl").unlink()
    assert main(command, engine=FakeEngine(result)) == 0
    assert "2 pages: 2 from the cache\n" in capsys.readouterr().err
