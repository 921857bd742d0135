"""Pages for `benchmarks.draft_steps`: a draft, and what a model may read there.

No model reads here. A reading is made of the page's own text, with words misread, in its lines, as
paragraphs, or with the mark-up that the library itself writes for such a page, and more of it.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymupdf

from got_loaders import read
from got_loaders.testing import FakeEngine

_pymupdf: Any = pymupdf  # it has no types

_LETTERS = "abcdefghiklmnoprstuvw0123456789"
_DOCS = Path(__file__).parents[1] / "docs"
_MARGINS = (50, 50, -50, -50)
_MADE, _LETTERS_OF_A_PAGE = 12, 3_000
"""Pages that are made where there are none."""
_FEWEST_WORDS = 50
"""A page with fewer says little."""


@dataclass(frozen=True, slots=True)
class DraftPage:
    """``draft`` is what the pipeline hands to the engine; ``formatted`` is the page in mark-up."""

    name: str
    draft: str
    formatted: str


def pages_of(folder: Path, most: int) -> list[DraftPage]:
    """Those with a text layer of their own in the PDFs of ``folder``, or in made ones."""
    if folder.is_dir():
        files = sorted(folder.glob("*.pdf"))
        return [page for path in files for page in _readable(path)][:most]
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "made.pdf"
        _make(path, most)
        return [*_readable(path)][:most]


def misread(text: str, share: float, chance: random.Random) -> str:
    """``text`` with so many of its words read wrongly: a letter or two, or not at all."""
    return "".join(
        _misread(word, chance) if not word.isspace() and chance.random() < share else word
        for word in re.split(r"(\s+)", text)
        if word
    )


def in_lines(text: str) -> str:
    """A draft as a model writes it that keeps the page's lines."""
    return re.sub(r"\n{2,}", "\n", text)


def in_paragraphs(text: str) -> str:
    """A draft as a model writes it that joins the lines of a paragraph."""
    joined = (
        re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", block).replace("\n", " ")
        for block in text.split("\n\n")
    )
    return "\n".join(joined)


def marked_up(page: DraftPage, chance: random.Random) -> str:
    """The page in mark-up, with formulas here and there, and some words bold."""
    words = re.split(r"( +)", in_lines(page.formatted))
    return "".join(_marked_up(word, chance) for word in words)


def shuffled(text: str, chance: random.Random) -> str:
    """The words of a text in any order."""
    words = text.split(" ")
    return " ".join(chance.sample(words, len(words)))


def _readable(path: Path) -> Iterator[DraftPage]:
    """The pages whose own text can stand for a reading, and what is handed over as their draft."""
    with _pymupdf.open(path) as document:
        if document.needs_pass:
            return
    engine = FakeEngine(lambda request: request.draft or "")
    drafts = {
        result.info.number: result.ocr.text
        for result in read(path, engine=engine, on_error="skip")
        if result.ocr is not None
    }
    for result in read(path, engine=engine, text_layer="auto", on_error="skip"):
        draft = drafts.get(result.info.number, "")
        formatted = "" if result.ocr is None else result.ocr.text
        whole = len(formatted) > len(draft) / 2
        if result.origin == "text_layer" and len(draft.split()) >= _FEWEST_WORDS and whole:
            yield DraftPage(f"{path.name}, page {(result.info.number or 0) + 1}", draft, formatted)


def _make(path: Path, most: int) -> None:
    """Pages of this library's own documentation, in small type."""
    with _pymupdf.open() as document:
        files = sorted(_DOCS.glob("*.md"), key=lambda file: -file.stat().st_size)
        for file in files[: min(_MADE, most)]:
            page = document.new_page()
            text = file.read_text("utf-8").encode("ascii", "ignore").decode()[:_LETTERS_OF_A_PAGE]
            page.insert_textbox(page.rect + _MARGINS, text, fontsize=7, fontname="helv")
        document.save(path)


def _misread(word: str, chance: random.Random) -> str:
    at, kind = chance.randrange(len(word)), chance.random()
    if kind < 0.6:
        return word[:at] + chance.choice(_LETTERS) + word[at + 1 :]
    if kind < 0.75:
        return word[:at] + word[at + 1 :]
    if kind < 0.85:
        return word[:at] + chance.choice("aeilrt.,") + word[at:]
    return "" if kind < 0.9 else word[:at] + " " + word[at:]


def _marked_up(word: str, chance: random.Random) -> str:
    share, digit = chance.random(), chance.randrange(10)
    if re.fullmatch(r"\d+(\.\d+)?[,.;]?", word) and share < 0.4:
        return rf"\({word}\)"
    if word.isalpha() and share < 0.015:
        forms = rf"\({word}_{{{digit}}}\)", rf"\(\mathrm{{{word}}}^{{{digit}}}\)"
        return chance.choice((*forms, rf"{word} \({{ }}^{{{digit}}}\)"))
    return rf"\textbf{{{word}}}" if word.isalpha() and share < 0.023 else word
