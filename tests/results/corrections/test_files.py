"""A file of corrections: what is taken from it, and what is said of one that is damaged."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from got_loaders.errors import OptionError
from got_loaders.results.corrections import (
    Corrected,
    Correction,
    load_corrections,
    reading_digest,
    save_corrections,
)

OF = Corrected(id="a", page=0, region=None, of="raw", digest=reading_digest("old"), source="a.pdf")
LINE: dict[str, Any] = {
    "id": "a",
    "page": 0,
    "region": None,
    "of": "raw",
    "digest": reading_digest("old"),
    "source": "a.pdf",
    "form": "markdown",
    "text": "new",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the corrections are."""
    return tmp_path / "corrections.jsonl"


def line(**changed: object) -> bytes:
    """A line of a file."""
    return json.dumps(LINE | changed).encode()


def test_what_is_saved_is_loaded(file: Path) -> None:
    """Text of any kind comes back, and the file is replaced at once, with nothing beside it."""
    texts = ["# Ä\u2028\n| a |", "", "\ud800 and \x00", "\\section{x}"]
    made = [
        Correction(corrected=Corrected(**{**LINE_OF, "page": n}), form="raw", text=text)
        for n, text in enumerate(texts)
    ]
    save_corrections(file, made[:1])
    save_corrections(file, made)
    assert list(load_corrections(file)) == made
    assert list(file.parent.iterdir()) == [file]
    assert pickle.loads(pickle.dumps(load_corrections(str(file))))[3] == made[3]


LINE_OF: dict[str, Any] = {
    name: LINE[name] for name in ("id", "page", "region", "of", "digest", "source")
}


def test_editors_and_people_leave_their_marks(file: Path) -> None:
    """A byte order mark, CRLF, empty lines, a line end that lacks, and keys of their own do no
    harm; without a source nobody reads where it is, and that is all."""
    rest = {name: value for name, value in LINE.items() if name != "source"}
    noted = json.dumps(rest | {"page": 1, "note": "checked by Ada", "when": 7}).encode()
    file.write_bytes(b"\xef\xbb\xbf" + line() + b"\r\n\r\n  \n" + noted)
    first, second = load_corrections(file)
    assert first == Correction(corrected=OF, form="markdown", text="new")
    assert (second.corrected.page, second.corrected.source) == (1, "")


def test_the_last_line_for_a_reading_counts(file: Path) -> None:
    """Whoever exports twice, or joins two files, need not look for the older one."""
    file.write_bytes(b"\n".join([line(text="one"), line(page=1), line(text="two", source="b")]))
    assert [each.text for each in load_corrections(file)] == ["new", "two"]


DAMAGED = [
    (b"\xff\xfe{\x00", "line 1: it is not encoded in UTF-8"),
    (line() + b"\n" + line()[:40], "line 2: it is not JSON: Unterminated"),
    (line() + b"\n\n[1]", r"line 3: \[1\]: expected an object"),
    (b"[" * 100_000, "line 1: it is not JSON"),
    (b'{"page": 1' + b"0" * 5000 + b"}", "line 1: it is not JSON"),
    (line(page=-1), "line 1: page=-1: expected a whole number from 0, or none"),
    (line(page=True), "page=True"),
    (line(page="3"), "page='3'"),
    (line(region=1.5), "region=1.5"),
    (line(id=""), "id='': expected a Document's id"),
    (line(id=7), "id=7"),
    (line(of="docx"), "of='docx': expected one of 'raw', 'markdown'"),
    (line(of=["raw"]), "of=\\['raw'\\]"),
    (line(digest="ABC"), "digest='ABC': expected 16 of the signs"),
    (line(digest=None), "digest=None"),
    (line(form="html"), "form='html': expected one of 'markdown', 'raw'"),
    (line(text=None), "text=None: expected a text"),
    (line(source=3), "source=3"),
    (b'{"id": "a", "page": 0}', "line 1: region and of missing"),
]


@pytest.mark.parametrize(("data", "message"), DAMAGED)
def test_a_damaged_line_is_named(file: Path, data: bytes, message: str) -> None:
    """With its number and its field, and no correction of such a file is put in."""
    file.write_bytes(data)
    with pytest.raises(OptionError, match=message) as caught:
        load_corrections(file)
    assert str(file) in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_line_that_never_ends_is_not_read_whole(file: Path) -> None:
    """What is no such file does not fill the memory."""
    with file.open("wb") as out:
        out.truncate(1 << 33)  # 8 GB of nothing
    with pytest.raises(OptionError, match="line 1: more than 16,000,000 bytes"):
        load_corrections(file)


def test_a_file_that_can_t_be_read_says_why(tmp_path: Path) -> None:
    """It is not there, or it is a folder."""
    with pytest.raises(OptionError, match=r"corrections='.*gone': can't be read: No such file"):
        load_corrections(tmp_path / "gone")
    with pytest.raises(OptionError, match="can't be read: Is a directory"):
        load_corrections(tmp_path)


def test_a_digest_is_of_what_is_seen() -> None:
    """Line ends and characters that nobody sees make no other text of it; a letter does."""
    assert reading_digest("a\r\nb\u200b c") == reading_digest("a\nb c")
    assert reading_digest("a") != reading_digest("b")
    assert reading_digest("\ud800") == reading_digest("\ufffd")
