"""Any number of sources: lists, generators and whatever else can be iterated; and named content."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from got_loaders import GotOcrLoader, GotOcrReader, aread, read
from got_loaders.errors import SourceError, UnsupportedSourceError
from got_loaders.sources import Source, file_sources
from got_loaders.testing import FakeEngine

DATA = b"%PDF-1.4 not much of a PDF"


def names(obj: object) -> list[str | None]:
    """What the sources, or errors, are called that ``obj`` stands for."""
    return [s.name if isinstance(s, Source) else s.source for s in file_sources(obj)]


def refused(obj: object) -> SourceError:
    """The one error that ``obj`` gives, as a value."""
    (error,) = file_sources(obj)
    assert isinstance(error, SourceError)
    return error


def png() -> bytes:
    """A small picture with something on it."""
    page = Image.new("RGB", (60, 80), "white")
    ImageDraw.Draw(page).rectangle((5, 5, 40, 30), fill="black")
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "kind", [list, tuple, iter, deque, lambda s: map(str, s), lambda s: dict.fromkeys(s).keys()]
)
def test_any_iterable_holds_sources(kind: Callable[[list[str]], object]) -> None:
    """In their order; iterables in iterables, too."""
    assert names(kind(["a.pdf", "c.pdf", "b.pdf"])) == ["a.pdf", "c.pdf", "b.pdf"]
    assert names([kind(["a.pdf"]), iter([kind(["b.pdf"])])]) == ["a.pdf", "b.pdf"]
    assert names(kind([])) == []


def test_the_next_source_is_taken_when_the_one_before_is_done_with() -> None:
    """A generator that never ends can be read from."""

    def endless() -> Iterator[bytes]:
        for number in range(1_000_000_000):
            taken.append(number)
            yield png()

    taken: list[int] = []
    results = read(endless(), engine=FakeEngine("text"))
    for _ in range(3):
        assert next(results).origin == "ocr"
    results.close()
    assert len(taken) < 40


def test_an_error_of_the_caller_s_own_generator_is_the_caller_s() -> None:
    """Whatever ``on_error`` says: nothing of ours failed."""

    def broken() -> Iterator[bytes]:
        yield png()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(read(broken(), engine=FakeEngine("text"), on_error="skip"))


async def test_files_of_a_folder_s_own_glob_are_read(tmp_path: Path) -> None:
    """``Path.glob`` is a source, in all ways to read."""
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(png())
    found = sorted(str(tmp_path / name) for name in ("a.png", "b.png"))
    engine = FakeEngine("text")
    by_read = [result.info.source for result in read(tmp_path.glob("*.png"), engine=engine)]
    by_loader = GotOcrLoader(tmp_path.glob("*.png"), engine=engine).load()
    by_reader = await GotOcrReader(engine=engine).aload_data(tmp_path.glob("*.png"))
    by_aread = [r.info.source async for r in aread(tmp_path.iterdir(), engine=engine)]
    assert sorted(by_read) == sorted(by_aread) == found
    assert sorted(doc.metadata["source"] for doc in by_loader) == found
    assert sorted(doc.metadata["source"] for doc in by_reader) == found


async def test_what_can_t_be_iterated_here_is_refused_with_a_way_out() -> None:
    """Mappings hold sources under names, async generators need a loop."""

    async def paths() -> AsyncIterator[str]:
        yield "a.pdf"

    assert ".items()" in str(refused({"a.pdf": DATA}))
    assert names({"a.pdf": DATA}.items()) == ["a.pdf"]
    error = refused(paths())
    assert isinstance(error, UnsupportedSourceError)
    assert "async for" in str(error)


@pytest.mark.parametrize("content", [DATA, bytearray(DATA), memoryview(DATA), io.BytesIO(DATA)])
@pytest.mark.parametrize("name", ["in/may.pdf", Path("in/may.pdf")])
def test_content_can_be_given_a_name(content: object, name: object) -> None:
    """A pair (name, content), alone or among other sources."""
    (source,) = file_sources((name, content))
    assert isinstance(source, Source)
    assert (source.name, source.file_name, source.data) == ("in/may.pdf", "may.pdf", DATA)
    assert names([(name, content), "b.pdf"]) == ["in/may.pdf", "b.pdf"]
    assert names(("a.pdf", "b.pdf")) == ["a.pdf", "b.pdf"]


def test_a_given_name_is_used_before_the_file_s_own(tmp_path: Path) -> None:
    """A temporary file's name says nothing."""
    (tmp_path / "tmp123").write_bytes(DATA)
    with (tmp_path / "tmp123").open("rb") as file:
        assert names(("may.pdf", file)) == ["may.pdf"]


@pytest.mark.parametrize(("name", "words"), [("", "empty"), (" ", "empty"), ("x" * 9999, "1000")])
def test_a_name_that_names_nothing_is_refused(name: str, words: str) -> None:
    """The error says so, and is short."""
    error = refused((name, DATA))
    assert words in str(error)
    assert len(str(error)) < 400


def test_the_name_stands_in_metadata_ids_and_errors() -> None:
    """It is the source; two readings of one name have one id, whatever the bytes."""
    engine = FakeEngine("text")
    (first,) = GotOcrLoader(("may.png", png()), engine=engine).load()
    (again,) = GotOcrReader(engine=engine).load_data(("may.png", png() + b"more"))
    (other,) = GotOcrLoader(("june.png", png()), engine=engine).load()
    assert (first.metadata["source"], again.metadata["file_name"]) == ("may.png", "may.png")
    assert first.id == again.doc_id
    assert first.id != other.id
    with pytest.raises(SourceError, match=r"^broken\.pdf: "):
        list(read(("broken.pdf", b"nothing"), engine=engine))
