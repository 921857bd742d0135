"""File names that steer terminals, break lines or are no text: one printable line in errors."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from got_loaders.errors import GotLoadersError, SourceError, printable
from tests.hostile.reading import documents, unfit
from tests.pages import making

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have fewer names")

NAMES = {
    "a line end": b"a\nERROR: all is lost.pdf",
    "a terminal's title": b"\x1b]0;owned\x07.pdf",
    "colours": b"\x1b[31mred\x1b[0m.pdf",
    "a tab and a return": b"a\tb\rc.pdf",
    "no UTF-8": b"\xff\xfe\x80.pdf",
    "a surrogate": b"\xed\xa0\x80.pdf",
    "the other direction": "a\u202efdp.exe\u2028.pdf".encode(),
    "255 letters": b"n" * 251 + b".pdf",
    "255 controls": b"\x1b" * 251 + b".pdf",
    "255 bytes of no UTF-8": b"\xff" * 251 + b".pdf",
    "a tag": b"<script>alert(1)<script>.pdf",
    "a link": b"[x](javascript:alert(1)).pdf",
    "quotes": b"\"'\\\\'\".pdf",
    "a blank": b" .pdf",
    "an option": b"-rf.pdf",
    "a digest": b"sha256:0.pdf",
}
each_name = pytest.mark.parametrize("kind", NAMES)

CONTENTS = {
    "good": making.pdf("one"),
    "damaged": b"%PDF-1.7 and nothing more",
    "damaged picture": making.frames("PNG", "red")[:60],
    "no document": b"Dear reader, this is neither.",
    "empty": b"",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@each_name
@pytest.mark.parametrize("content", CONTENTS)
def test_a_file_of_that_name(kind: str, content: str) -> None:
    """It is read; errors name it on one printable line and do not tell where it lies."""
    name = os.fsdecode(NAMES[kind])
    Path(name).write_bytes(CONTENTS[content])
    (document,) = documents(name, text_layer="auto")
    assert unfit(document) == []
    error = document.metadata.get("error", "")
    assert (not error) == (content == "good")
    if error:
        assert error.startswith(printable(document.metadata["source"]))
        assert os.getcwd() not in error  # noqa: PTH109  # a text


@each_name
@pytest.mark.parametrize("asked", [{"pages": "7"}, {"password": "x", "box": (900, 900, 910, 910)}])
def test_a_page_that_is_not_there(kind: str, asked: dict[str, Any]) -> None:
    """Raised errors are one printable line, too."""
    name = os.fsdecode(NAMES[kind])
    Path(name).write_bytes(CONTENTS["good"])
    with pytest.raises(GotLoadersError) as caught:
        documents(name, on_error="raise", **asked)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 2000


@each_name
def test_nothing_of_that_name(kind: str) -> None:
    """A missing file, and a folder without files."""
    name = os.fsdecode(NAMES[kind])
    with pytest.raises(SourceError) as caught:
        documents(name, on_error="raise")
    assert str(caught.value).isprintable()
    Path(name).mkdir()
    (document,) = documents(name)
    assert unfit(document) == []


def test_a_folder_of_them() -> None:
    """All are found, in an order, and none costs another."""
    for name in NAMES.values():
        Path(os.fsdecode(name)).write_bytes(CONTENTS["good"])
    found = documents(".")
    assert len(found) == len(NAMES)
    assert [unfit(document) for document in found] == [[]] * len(found)


@each_name
def test_a_file_object_of_that_name(kind: str) -> None:
    """Its name is what somebody else says."""
    name = os.fsdecode(NAMES[kind])
    Path(name).write_bytes(CONTENTS["damaged"])
    with Path(name).open("rb") as file:
        (document,) = documents(file)
    assert unfit(document) == []
