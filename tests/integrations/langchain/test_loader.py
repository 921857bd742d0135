"""The LangChain loader keeps BaseLoader's contract."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip("langchain_core")

from langchain_core.documents import Document

from got_loaders import GotOcrLoader, ReadOptions
from got_loaders.errors import OptionError
from got_loaders.testing import FakeEngine
from tests.pages.making import pdf

PAGES = pdf("one", "two", "three")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PDF of three pages."""
    file = tmp_path / "doc.pdf"
    file.write_bytes(PAGES)
    return file


def test_load(path: Path) -> None:
    """One Document a page: text, metadata, id."""
    documents = GotOcrLoader(path, engine=FakeEngine(r"\( x \)")).load()
    assert [document.page_content for document in documents] == ["$x$"] * 3
    assert [document.metadata["page"] for document in documents] == [0, 1, 2]
    assert documents[0].metadata["source"] == str(path)
    assert documents[0].metadata["ocr_model"] == "fake"
    assert not {"file_name", "file_type"} & documents[0].metadata.keys()
    assert len({document.id for document in documents}) == 3


def test_sync_and_async_give_the_same(path: Path) -> None:
    """``aload`` equals ``load``."""
    loader = GotOcrLoader(path, engine=FakeEngine("x"))
    assert asyncio.run(loader.aload()) == loader.load()


def test_a_loader_can_be_used_again(path: Path) -> None:
    """Every call reads anew, and gives the same."""
    with path.open("rb") as file:
        loader = GotOcrLoader(file, engine=FakeEngine("x"))
        assert loader.load() == loader.load()


@pytest.mark.parametrize("arguments", [{"mode": "pages"}, {"fromat": 1}, {"engine": "htp://x"}])
def test_wrong_options_raise_in_the_constructor(arguments: dict[str, object]) -> None:
    """Not when the first page is read, hours later."""
    with pytest.raises(OptionError):
        GotOcrLoader("doc.pdf", **arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_a_loader_loads_no_model(path: Path) -> None:
    """Constructing one imports no torch and starts nothing."""
    code = (
        "import sys, got_loaders\n"
        f"got_loaders.GotOcrLoader({str(path)!r}, model='tiny').lazy_load()\n"
        "assert not {'torch', 'transformers', 'pymupdf'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_framework_names_the_extra() -> None:
    """The message says what to install."""
    code = (
        "import sys; sys.modules['langchain_core'] = None\n"
        "import got_loaders\n"
        "try: got_loaders.GotOcrLoader\n"
        "except ImportError as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("MissingDependencyError")
    assert 'pip install "got-loaders[langchain]"' in done.stdout


def test_options_and_overrides(path: Path) -> None:
    """``options`` for many, keyword arguments for one."""
    engine = FakeEngine("x")
    loader = GotOcrLoader(path, engine=engine, options=ReadOptions(pages="1"), mode="single")
    (document,) = loader.load()
    assert "page" not in document.metadata
    assert len(engine.requests) == 1


def test_a_folder(tmp_path: Path) -> None:
    """All files of a folder, in natural order."""
    for name in ("p10.pdf", "p2.pdf"):
        (tmp_path / name).write_bytes(pdf("x"))
    documents = GotOcrLoader(tmp_path, engine=FakeEngine("x")).load()
    assert [Path(d.metadata["source"]).name for d in documents] == ["p2.pdf", "p10.pdf"]


def test_many_at_once(path: Path) -> None:
    """Two loaders in two threads and one in an event loop, peeked at and interleaved."""
    loaders = [GotOcrLoader(path, engine=FakeEngine(f"{n}")) for n in range(4)]
    found: dict[int, list[Document]] = {}
    peeked = loaders[3].lazy_load()
    first = next(peeked)  # holds nothing that the others need

    def load(number: int) -> None:
        found[number] = loaders[number].load()

    threads = [threading.Thread(target=load, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    found[2] = asyncio.run(loaders[2].aload())
    for thread in threads:
        thread.join(60)
    found[3] = [first, *peeked]
    for number, documents in found.items():
        assert [document.page_content for document in documents] == [str(number)] * 3


def test_a_failed_page_is_kept(path: Path) -> None:
    """``on_error="keep"``: an empty Document that carries the error."""
    documents = GotOcrLoader(path, engine=FakeEngine(ValueError("no")), on_error="keep").load()
    assert [document.page_content for document in documents] == [""] * 3
    assert documents[1].metadata["error"] == f"{path}, page 2: no"
