"""Uploads and other file objects: what they are called, and how they are read."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.datastructures import UploadFile
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from got_loaders import GotOcrLoader, GotOcrReader
from got_loaders.errors import SourceError, UnsupportedSourceError
from got_loaders.sources import Source, file_sources
from got_loaders.testing import FakeEngine
from tests.pages import making

DATA = b"%PDF-1.4 not much of a PDF"


def only(obj: object) -> Source:
    """The one source that ``obj`` stands for."""
    (source,) = file_sources(obj)
    assert isinstance(source, Source), source
    return source


def refused(obj: object) -> SourceError:
    """The one error that ``obj`` gives."""
    (error,) = file_sources(obj)
    assert isinstance(error, SourceError)
    return error


def flask(data: bytes, name: str) -> FileStorage:
    """What Flask hands over of a form whose field is called "file"."""
    return FileStorage(io.BytesIO(data), filename=name, name="file")


def starlette(data: bytes, name: str | None) -> UploadFile:
    """What Starlette and FastAPI hand over: a file that is read by awaiting."""
    return UploadFile(io.BytesIO(data), filename=name)


class Django:
    """As ``django.core.files.uploadedfile.UploadedFile``: a name, and the file that holds it."""

    def __init__(self, data: bytes, name: str) -> None:
        self.file = io.BytesIO(data)
        self.name = name
        self.field_name = "file"

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    def seek(self, place: int) -> int:
        return self.file.seek(place)

    def tell(self) -> int:
        return self.file.tell()


@dataclass(frozen=True)
class AioHttp:
    """As ``aiohttp.web.FileField``."""

    name: str
    filename: str
    file: io.BufferedIOBase


class Sanic(NamedTuple):
    """As ``sanic.request.File``."""

    type: str
    body: bytes
    name: str


def aiohttp(data: bytes, name: str) -> AioHttp:
    """What aiohttp hands over; it has no ``read``."""
    return AioHttp("file", name, io.BytesIO(data))


@pytest.mark.parametrize("framework", [flask, starlette, Django, aiohttp])
def test_uploads_are_known_by_the_name_of_the_file(framework: Any) -> None:
    """Not by the form's field, so that two uploads are two places; read twice, they are whole."""
    may, june = framework(DATA, "may.pdf"), framework(DATA + b"2", "june.pdf")
    for _ in range(2):
        sources = [only(may), only(june)]
        assert [source.name for source in sources] == ["may.pdf", "june.pdf"]
        assert [source.file_name for source in sources] == ["may.pdf", "june.pdf"]
        assert [source.data for source in sources] == [DATA, DATA + b"2"]


def test_an_upload_is_read_in_its_request() -> None:
    """As a view of Flask sees it, by a real parser of forms."""
    builder = EnvironBuilder(method="POST", data={"file": (io.BytesIO(DATA), "may.pdf")})
    with closing(builder), Request(builder.get_environ()) as request:
        source = only(request.files["file"])
    assert (source.name, source.data) == ("may.pdf", DATA)


@pytest.mark.parametrize("framework", [flask, starlette])
def test_documents_of_uploads_have_ids_of_their_own(framework: Any) -> None:
    """An upsert of one does not replace the other; names and metadata are those of the file."""
    uploads = [framework(making.pdf(name), f"{name}.pdf") for name in ("may", "june")]
    documents = GotOcrLoader(uploads, engine=FakeEngine("text")).load()
    assert [document.metadata["source"] for document in documents] == ["may.pdf", "june.pdf"]
    assert len({document.id for document in documents}) == 2
    node = GotOcrReader(engine=FakeEngine("text")).load_data(uploads[0])[0]
    assert node.metadata["file_name"] == "may.pdf"
    assert node.id_ == documents[0].id


@pytest.mark.parametrize("name", ["", None, "   "])
def test_an_upload_without_a_file_name_is_known_by_its_content(name: str | None) -> None:
    """The form's field names nothing: two such uploads would be one place."""
    for upload in (
        FileStorage(io.BytesIO(DATA), filename=name, name="file"),
        starlette(DATA, name),
    ):
        assert only(upload).name.startswith("sha256:")
        assert only(upload).file_name is None


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\me\may.pdf", "may.pdf"),
        (r"..\..\may.pdf", "may.pdf"),
        ("2026/may.pdf", "may.pdf"),
        ("may.pdf/", "may.pdf"),
        ("..", None),
        ("/", None),
    ],
)
def test_the_file_name_of_an_upload_has_no_folder(name: str, file_name: str | None) -> None:
    """Whoever stores by it stays where they are; the source says what was sent."""
    for upload in (FileStorage(io.BytesIO(DATA), filename=name), starlette(DATA, name)):
        assert (only(upload).name, only(upload).file_name) == (name, file_name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (7, None),
        (None, None),
        ("", None),
        ("<stdin>", None),
        ("x" * 2000, None),
        (b"may.pdf", "may.pdf"),
        (b"m\xff.pdf", "m\\xff.pdf"),
        (Path("in/may.pdf"), "in/may.pdf"),
        (r"D:\in\may.pdf", r"D:\in\may.pdf"),
    ],
)
def test_a_file_objects_name_is_one_that_says_something(name: object, expected: str | None) -> None:
    """A text, or a path in any form; a number, or what stands for a pipe, is none."""
    file = io.BytesIO(DATA)
    file.name = name
    source = only(file)
    assert source.name == expected or (expected is None and source.name.startswith("sha256:"))
    base = expected and expected.removeprefix("in/").removeprefix("D:\\in\\")
    assert source.file_name == base


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("https://ann:secret@h.org/x/may.pdf", "https://h.org/x/may.pdf"),
        ("ftp://secret@h.org/may.pdf?a=b@c", "ftp://h.org/may.pdf?a=b@c"),
        ("https://h.org/@ann/may.pdf", "https://h.org/@ann/may.pdf"),
    ],
)
def test_a_name_that_is_a_url_has_no_password(name: str, expected: str) -> None:
    """Names stand in metadata, so in indexes and answers."""
    file = io.BytesIO(DATA)
    file.name = name
    assert [only(file).name, only((name, DATA)).name] == [expected] * 2


def test_bytes_that_were_given_a_file_name_have_it() -> None:
    """As many programs do with a BytesIO."""
    file = io.BytesIO(DATA)
    file.filename = "may.pdf"  # type: ignore[attr-defined]  # which takes any
    assert (only(file).name, only(file).file_name) == ("may.pdf", "may.pdf")


def test_temporary_files_are_files(tmp_path: Path) -> None:
    """With a path they are known by it, else by their content; none is closed or moved on."""
    named = tempfile.NamedTemporaryFile(suffix=".pdf")  # noqa: SIM115  # the next line is
    with named, tempfile.TemporaryFile() as nameless, tempfile.SpooledTemporaryFile() as spooled:
        for file in (named, nameless, spooled):
            file.write(DATA)
        assert only(named).name == named.name
        assert only(nameless).name.startswith("sha256:")
        assert only(spooled).name.startswith("sha256:")
        assert spooled.tell() == len(DATA)
        spooled.rollover()
        assert only(spooled).data == DATA


def test_a_packed_file_is_named_without_a_warning(tmp_path: Path) -> None:
    """gzip's files have a ``filename`` that Python warns of."""
    with gzip.open(tmp_path / "may.pdf.gz", "wb") as file:
        file.write(DATA)
    with gzip.open(tmp_path / "may.pdf.gz") as file:
        assert (only(file).data, only(file).file_name) == (DATA, "may.pdf.gz")


def test_an_upload_inside_an_event_loop_is_read() -> None:
    """Where FastAPI's users are; ``await upload.read()`` still gives all of it afterwards."""

    async def endpoint() -> bytes:
        upload = starlette(DATA, "may.pdf")
        assert only(upload).data == DATA
        return await upload.read()

    assert asyncio.run(endpoint()) == DATA


def test_a_file_that_must_be_awaited_says_so() -> None:
    """The way out is in the error; nothing is left that was never awaited."""

    class Upload:
        filename = "may.pdf"

        async def read(self, size: int = -1) -> bytes:
            return DATA

    assert str(refused(Upload())) == (
        "may.pdf: its read() is asynchronous; await it, and pass the bytes"
    )


def test_an_error_that_causes_itself_ends() -> None:
    """Whatever a file object raises."""

    class Broken:
        name = "may.pdf"

        def read(self, size: int) -> bytes:
            error = OSError("hard")
            raise error from error

    (document,) = GotOcrLoader(Broken(), engine=FakeEngine("text"), on_error="keep").load()
    assert document.metadata["error"] == "may.pdf: can't be read: hard"


def test_a_named_tuple_is_no_list_of_sources() -> None:
    """Sanic's uploads are ``(type, body, name)``: the sender's name is no path of ours."""
    upload = Sanic("application/pdf", DATA, os.fspath(__file__))
    assert isinstance(refused(upload), UnsupportedSourceError)
    assert [only(item).data for item in [(DATA,), [DATA]]] == [DATA, DATA]
