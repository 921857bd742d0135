"""What LangChain demands of loaders, parsers and tools, point by point.

Numbers are those of the list that the suite was written by: 1 loaders, 2 resumed on any thread,
3 no lock over a yield, 4 Blobs, 5 metadata and ids, 6 tools. LangChain's own suites for tools are
in ``tests/integrations/langchain/test_standard.py``.
"""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain_core")

from langchain_core.document_loaders import BaseBlobParser, BaseLoader
from langchain_core.documents import Document
from langchain_core.documents.base import Blob
from langchain_core.indexing import InMemoryRecordManager, index
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, ToolException

from got_loaders import GotOcrLoader, GotOcrParser, GotOcrTool
from got_loaders.errors import GotLoadersError, UnsupportedSourceError
from got_loaders.testing import FakeEngine
from tests.fakes import HeldEngine
from tests.integrations.contracts.making import loop_lateness, scan
from tests.integrations.test_indexing import in_memory
from tests.pages import making


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PDF of three pages."""
    return scan(tmp_path / "a.pdf", "one", "two", "three")


# 1 BaseLoader


@pytest.mark.parametrize("name", ["load", "aload", "load_and_split"])
def test_1_only_the_lazy_methods_are_ours(name: str) -> None:
    """All others stay LangChain's own."""
    assert issubclass(GotOcrLoader, BaseLoader)
    assert getattr(GotOcrLoader, name) is getattr(BaseLoader, name)


def test_1_loading_is_lazy(path: Path) -> None:
    """Nothing is opened or asked before the first Document is wanted; twice is twice."""
    engine = FakeEngine()
    loader = GotOcrLoader(path, engine=engine)
    documents = loader.lazy_load()
    assert engine.requests == []
    assert len(list(documents)) == 3
    assert loader.load() == loader.load()


# 2 resumed on any thread, ended early


def test_2_a_generator_is_resumed_on_any_thread(path: Path) -> None:
    """Each Document may be taken by another thread; the last one may close it."""
    documents = GotOcrLoader(path, engine=FakeEngine("x")).lazy_load()
    pools = [ThreadPoolExecutor(1) for _ in range(4)]
    taken = [pool.submit(next, documents, None).result(60) for pool in pools]
    assert [document and document.metadata["page"] for document in taken] == [0, 1, 2, None]
    other = GotOcrLoader(path, engine=FakeEngine("x")).lazy_load()
    pools[0].submit(next, other).result(60)
    pools[1].submit(other.close).result(60)
    for pool in pools:
        pool.shutdown()


def test_2_langchain_s_own_async_path_works(path: Path) -> None:
    """The default ``alazy_load`` resumes ours on changing threads."""
    loader = GotOcrLoader(path, engine=FakeEngine("x"))

    async def collect() -> list[Document]:
        return [document async for document in BaseLoader.alazy_load(loader)]

    assert asyncio.run(collect()) == loader.load()


@pytest.mark.parametrize("how", ["break", "close", "async"])
def test_2_ending_early_cancels_what_is_queued(how: str) -> None:
    """At once, both ways; no page is read for nobody."""
    engine = HeldEngine()
    loader = GotOcrLoader(making.pdf(*"abcdefgh"), engine=engine)

    async def take_one() -> None:
        documents = loader.alazy_load()
        await anext(documents)
        await documents.aclose()

    if how == "async":
        asyncio.run(take_one())
    else:
        documents = loader.lazy_load()
        next(documents)
        if how == "close":
            documents.close()
        del documents
        gc.collect()
    assert engine.cancelled == [False, True, True, True]


def test_2_the_event_loop_keeps_ticking(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """While 20 pages are opened, rendered and read; the worst lateness is reported, not judged."""
    path = scan(tmp_path / "long.pdf", *map(str, range(20)))
    ticks: list[float] = []

    async def load() -> int:
        ticker = asyncio.create_task(loop_lateness(ticks))
        found = [
            document async for document in GotOcrLoader(path, engine=FakeEngine()).alazy_load()
        ]
        ticker.cancel()
        return len(found)

    assert asyncio.run(load()) == 20
    record_property("worst_lateness_ms", round(max(ticks) * 1000, 1))
    assert len(ticks) > 10


# 3 no lock over a yield


def test_3_loads_can_be_nested_and_peeked_at(path: Path) -> None:
    """A generator that somebody holds blocks nobody: loader, parser, any thread."""
    outer = GotOcrLoader(path, engine=FakeEngine("x")).lazy_load()
    blob = Blob.from_data(path.read_bytes())
    parsed = GotOcrParser(engine=FakeEngine("x")).lazy_parse(blob)
    assert next(outer).metadata["page"] == next(parsed).metadata["page"] == 0
    found: list[int] = []
    thread = threading.Thread(
        target=lambda: found.append(len(GotOcrLoader(path, engine=FakeEngine("x")).load()))
    )
    thread.start()
    thread.join(60)
    assert found == [3]
    inner = [len(list(GotOcrLoader(path, engine=FakeEngine()).lazy_load())) for _ in outer]
    assert inner == [3, 3]
    assert len(list(parsed)) == 2


# 4 Blobs


BLOBS = {
    "data": lambda path: Blob.from_data(path.read_bytes()),
    "path": lambda path: Blob.from_path(path),
    "data named by a URL": lambda path: Blob(data=path.read_bytes(), path="https://h/a.pdf"),
    "wrong media type": lambda path: Blob.from_data(path.read_bytes(), mime_type="text/html"),
    "no suffix": lambda path: Blob.from_path(path.rename(path.with_suffix(""))),
}


@pytest.mark.parametrize("kind", BLOBS)
def test_4_a_blob_is_told_by_its_content(path: Path, kind: str) -> None:
    """Bytes, paths, names of URLs, and media types that are wrong or absent."""
    blob = BLOBS[kind](path)
    documents = GotOcrParser(engine=FakeEngine("x")).parse(blob)
    assert [document.metadata["page"] for document in documents] == [0, 1, 2]
    assert all(document.metadata["source"] for document in documents)
    if blob.source is not None:
        assert documents[0].metadata["source"] == blob.source


def test_4_the_blob_s_metadata_is_kept(path: Path) -> None:
    """And is not changed; its ``source`` is the source."""
    blob = Blob.from_data(path.read_bytes(), metadata={"source": "s3://b/a.pdf", "tenant": 7})
    (document, *_) = GotOcrParser(engine=FakeEngine("x")).parse(blob)
    assert (document.metadata["source"], document.metadata["tenant"]) == ("s3://b/a.pdf", 7)
    assert blob.metadata == {"source": "s3://b/a.pdf", "tenant": 7}


def test_4_a_text_is_refused_in_words() -> None:
    """Not by the NotImplementedError of ``as_bytes_io``."""
    assert issubclass(GotOcrParser, BaseBlobParser)
    with pytest.raises(UnsupportedSourceError, match="a Blob of text"):
        GotOcrParser(engine=FakeEngine()).parse(Blob.from_data("text"))


# 5 metadata and ids


@pytest.mark.parametrize("mode", ["page", "single", "region"])
def test_5_metadata_is_plain_json(path: Path, mode: Any) -> None:
    """Flat, of plain types, UTF-8, with ``source``, and the same in every run."""
    odd = FakeEngine("a \ud800 b \0 c")
    first, second = (
        GotOcrLoader([path, path.read_bytes()], engine=odd, mode=mode).load() for _ in range(2)
    )
    assert first == second
    for document in first:
        assert json.loads(json.dumps(document.metadata)) == document.metadata
        kinds = {type(value) for value in document.metadata.values()}
        assert kinds <= {str, int, float, bool}
        assert document.metadata["source"]
        f"{document.page_content}{document.metadata}".encode()


def test_5_pages_follow_the_house_convention(path: Path) -> None:
    """Keys that other PDF loaders have, too; ``page`` counts from 0."""
    document = GotOcrLoader(path, engine=FakeEngine("x")).load()[1]
    assert {
        key: document.metadata[key]
        for key in ("source", "file_path", "page", "total_pages", "page_label", "title")
    } == {
        "source": str(path),
        "file_path": str(path),
        "page": 1,
        "total_pages": 3,
        "page_label": "2",
        "title": "A scan",
    }


@pytest.mark.filterwarnings("ignore:Using SHA-1:UserWarning")
def test_5_blank_pages_are_not_merged(tmp_path: Path) -> None:
    """``index`` takes Documents with equal metadata for one; ``page`` tells them apart."""
    path = scan(tmp_path / "a.pdf", "", "", "word")
    records = InMemoryRecordManager("a")
    records.create_schema()
    loader = GotOcrLoader(path, engine=FakeEngine("x"))
    done = index(loader, records, in_memory(), source_id_key="source", key_encoder="sha1")
    assert done["num_added"] == 3


def test_5_ids_are_ours_until_an_index_makes_its_own(path: Path) -> None:
    """Stable over runs and readings, one for each place."""
    ids = [[d.id for d in GotOcrLoader(path, engine=FakeEngine(t)).load()] for t in ("x", "y")]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


# 6 tools


@pytest.fixture
def tool(path: Path) -> GotOcrTool:
    """For the PDF's folder."""
    return GotOcrTool(root=path.parent, engine=FakeEngine("x"))


def test_6_a_tool_has_a_name_a_description_and_typed_arguments(tool: GotOcrTool) -> None:
    """What a model is bound to: every argument is described, one is required."""
    assert isinstance(tool, BaseTool)
    schema = tool.get_input_jsonschema()
    assert set(schema["properties"]) == {"source", "pages", "region", "output"}
    assert schema["required"] == ["source"]
    assert all(value.get("description") for value in schema["properties"].values())
    assert tool.name
    assert tool.description


def test_6_content_and_artifact(tool: GotOcrTool) -> None:
    """A call gives the text for the model and the Documents for the program, never None."""
    call = {"type": "tool_call", "id": "1", "name": tool.name, "args": {"source": "a.pdf"}}
    for message in (tool.invoke(call), asyncio.run(tool.ainvoke(call))):
        assert isinstance(message, ToolMessage)
        assert [type(document) for document in message.artifact] == [Document] * 3
        assert message.status == "success"
    assert isinstance(tool.invoke({"source": "a.pdf"}), str)


def test_6_only_its_own_errors_are_told(tool: GotOcrTool) -> None:
    """A ToolException becomes a message with the status "error"; the library raises no other."""
    call = {"type": "tool_call", "id": "1", "name": tool.name, "args": {"source": "b.pdf"}}
    for message in (tool.invoke(call), asyncio.run(tool.ainvoke(call))):
        assert message.status == "error"
        assert "b.pdf: there is no such file" in message.content
    strict = GotOcrTool(root=tool._tools._options.root, engine=FakeEngine("x"))
    strict.handle_tool_error = False
    with pytest.raises(ToolException) as caught:
        strict.invoke(call)
    assert isinstance(caught.value.__cause__, GotLoadersError)
