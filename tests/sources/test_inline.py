"""A document's content, passed as a text where its path or bytes are meant."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from got_loaders import GotOcrLoader
from got_loaders.errors import SourceError, UnsupportedSourceError
from got_loaders.integrations.tools import DocumentTools
from got_loaders.sources import Source, file_sources
from got_loaders.testing import FakeEngine
from tests.pages import making

PDF = making.pdf(*["a page of text"] * 9)
PNG = making.image(making.noise(1), "PNG")

INLINE = {
    "base64 of a PDF": (base64.b64encode(PDF).decode(), "b64decode"),
    "a short one": (base64.b64encode(PDF).decode()[:60], "b64decode"),
    "base64 of a picture": (base64.b64encode(PNG).decode(), "b64decode"),
    "base64 of a JPEG": ("/9j/4AAQSkZJRgABAQ" * 500, "b64decode"),
    "base64 in lines": (base64.encodebytes(PDF).decode(), "b64decode"),
    "base64 for URLs": (base64.urlsafe_b64encode(PDF).decode(), "b64decode"),
    "a data: URL": (f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}", "data: URLs"),
    "a short data: URL": ("data:image/png;base64,iVBORw0KGgo=", "data: URLs"),
    "hexadecimal digits": (PDF.hex(), "fromhex"),
    "JSON": (json.dumps({"file": "a.pdf", "pages": list(range(99))}), "JSON"),
    "a list in JSON": (json.dumps(["a.pdf", "b.pdf"]), "JSON"),
    "a PDF as Latin-1": (PDF.decode("latin-1"), "pass its bytes"),
    "a PDF as broken UTF-8": (PDF.decode("utf-8", "replace"), "pass its bytes"),
    "a picture as Latin-1": (PNG.decode("latin-1"), "pass its bytes"),
    "a picture as broken UTF-8": (PNG.decode("utf-8", "replace"), "pass its bytes"),
    "bytes written out": (str(PDF), "pass the bytes themselves"),
    "a long text": ("Dear reader,\nthis is a page. " * 50, "no such file"),
    "a long text with NULs": ("a\0b" * 5000, "no such file"),
    "a URL without end": ("https://example.org/" + "a" * 160_000, "more than 8192 characters"),
}


@pytest.mark.parametrize("kind", INLINE)
def test_a_content_that_is_passed_as_a_text_is_told(kind: str) -> None:
    """By its beginning alone, with what to do; metadata keep no more of it."""
    text, hint = INLINE[kind]
    (error,) = file_sources(text)
    assert isinstance(error, UnsupportedSourceError)
    assert hint in str(error)
    assert len(str(error)) < 600
    loader = GotOcrLoader(text, engine=FakeEngine("READ"), on_error="keep")
    (document,) = loader.load()
    assert len(document.metadata["source"]) <= 201
    assert len(document.metadata["error"]) < 600
    assert "\0" not in document.metadata["source"]


@pytest.mark.parametrize("kind", INLINE)
def test_agents_are_told_the_same(kind: str, tmp_path: Path) -> None:
    """And no more of it; it is looked for in no folder."""
    (tmp_path / "a.pdf").write_bytes(PDF)
    tools = DocumentTools(None, {"root": tmp_path, "urls": True}, engine=FakeEngine("READ"))
    text, hint = INLINE[kind]
    with pytest.raises(SourceError) as caught:
        tools.read_document(text).run()
    assert hint in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    "name", ["JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3Ro", '["a"]', "data:,a.pdf"]
)
def test_a_file_of_that_name_is_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its name looks like, below a root, too."""
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(PDF)
    for root in (None, str(tmp_path)):
        (source,) = file_sources(name, root=root)
        assert isinstance(source, Source)


@pytest.mark.parametrize(
    "name", ["a.pdf", "x" * 300, "[draft] may.pdf", "a\0b.pdf", "{a}.pdf", "b'x'.pdf"]
)
def test_a_missing_file_is_not_taken_for_content(name: str) -> None:
    """It is a path that leads nowhere."""
    (source,) = file_sources(name)
    assert isinstance(source, Source)
