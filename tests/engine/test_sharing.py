"""Everyone in a process shares one engine, and a long PDF streams through it with flat memory."""

from __future__ import annotations

import asyncio
import resource
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest
from langchain_core.documents import Document

from got_loaders import EngineConfig, GotOcrLoader, GotOcrReader, LocalEngine, shared_engine
from got_loaders.engine import registry as shared
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult, TokenListener
from tests.pages.making import pdf, pymupdf

CONFIG = EngineConfig(model="tiny", device="cpu", max_context=8001)
"""A configuration that no other test shares."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "letters.pdf"
    path.write_bytes(pdf("ab", "cd", "ef", "gh", size=(595, 842)))
    return path


def test_threads_and_an_event_loop_share_one_engine(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two loaders in two threads, a reader and an async loader: one model, equal texts."""
    loaded: list[LocalEngine] = []

    class Counted(LocalEngine):
        def __init__(self, config: EngineConfig) -> None:
            super().__init__(config)
            loaded.append(self)

    monkeypatch.setattr(shared, "LocalEngine", Counted)
    found: dict[str, list[str]] = {}

    def load(name: str) -> None:
        documents = GotOcrLoader(path, engine=CONFIG, max_new_tokens=12).load()
        found[name] = [document.page_content for document in documents]

    async def aload() -> None:
        loader = GotOcrLoader(path, engine=CONFIG, max_new_tokens=12)
        documents = [document async for document in loader.alazy_load()]
        found["async"] = [document.page_content for document in documents]

    threads = [threading.Thread(target=load, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    asyncio.run(aload())
    for thread in threads:
        thread.join()
    reader = GotOcrReader(engine=CONFIG, max_new_tokens=12)
    found["reader"] = [document.text for document in reader.load_data(path)]
    assert len(loaded) == 1
    assert len(found) == 4
    assert len({tuple(texts) for texts in found.values()}) == 1
    assert found["one"] != [""] * 4
    shared_engine(CONFIG).close()


class SlowEngine(FakeEngine):
    """Answers when it is asked for the third page after."""

    def __init__(self) -> None:
        super().__init__("read")
        self.open: list[Future[OcrResult]] = []
        self.cancelled = 0

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        self.requests.append(request)
        self.requests[:-1] = [None] * (len(self.requests) - 1)  # type: ignore[list-item]  # pixels would pile up
        future: Future[OcrResult] = Future()
        self.open.append(future)
        if len(self.open) > 3:
            self.open.pop(0).set_result(OcrResult(text="read"))
        return future


@pytest.mark.parametrize("pages", [150, pytest.param(300, marks=pytest.mark.slow)])
def test_a_long_pdf_streams_with_flat_memory(tmp_path: Path, pages: int) -> None:
    """The first Document comes before the tenth page, and the last ones need no more memory."""
    path = tmp_path / "long.pdf"
    with pymupdf.open() as document:
        for number in range(pages):
            page = document.new_page(width=595, height=842)
            page.insert_text((72, 144), f"page {number}", fontsize=40)
        document.save(path)
    engine = SlowEngine()
    found: list[Document] = []
    peaks: list[int] = []
    for document in GotOcrLoader(path, engine=engine).lazy_load():
        found.append(document)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        if len(found) == 1:
            assert len(engine.requests) < 10
        if len(found) == pages - 10:
            break  # what is still open can't be answered by later pages
    assert [document.metadata["page"] for document in found] == list(range(pages - 10))
    assert peaks[-1] - peaks[pages // 3] < 40 * 1024  # kilobytes; a page takes 4 MB
