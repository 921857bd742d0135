"""What LlamaIndex demands of readers and tools, point by point; transforms are beside this.

Numbers are those of the list that the suite was written by: 1 readers, 2 pydantic readers, 3
SimpleDirectoryReader, 4 resources, 6 ids, 7 the size of metadata, 8 tools, 9 both frameworks.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

pytest.importorskip("llama_index.core")

from llama_index.core import SimpleDirectoryReader
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.readers.base import BasePydanticReader, ReaderConfig, ResourcesReaderMixin
from llama_index.core.schema import Document, MetadataMode
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.tools import FunctionTool, ToolOutput
from llama_index.core.tools.calling import call_tool
from llama_index.core.vector_stores import SimpleVectorStore

from got_loaders import EngineConfig, GotOcrLoader, GotOcrReader, GotOcrToolSpec
from got_loaders.errors import GotLoadersError, OptionError, SourceError
from got_loaders.testing import FakeEngine
from tests.fakes import HeldEngine
from tests.integrations.contracts.making import loop_lateness, scan, widths
from tests.pages import making


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PDF of three pages."""
    return scan(tmp_path / "a.pdf", "one", "two", "three")


def reader(**options: Any) -> GotOcrReader:
    """One that reads "x" everywhere."""
    return GotOcrReader(engine=FakeEngine("x"), **options)


# 1 BaseReader


def test_1_awaiting_a_lazy_load_does_not_block(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The loop ticks while 20 pages are read, by all three ways; the worst lateness is reported."""
    path = scan(tmp_path / "long.pdf", *map(str, range(20)))
    for number in range(3):
        ticks: list[float] = []

        async def load(number: int = number, ticks: list[float] = ticks) -> int:
            ticker = asyncio.create_task(loop_lateness(ticks))
            loading = reader()
            match number:
                case 0:
                    found = [document async for document in loading.alazy_load_data(path)]
                case 1:
                    found = list(await loading.alazy_load_data(path))
                case _:
                    found = await loading.aload_data(path)
            ticker.cancel()
            return len(found)

        assert asyncio.run(load()) == 20
        record_property(f"worst_lateness_ms_{number}", round(max(ticks) * 1000, 1))
        assert len(ticks) > 10


def test_1_leaving_the_loop_cancels_what_is_queued() -> None:
    """By break, sync and async."""
    engine = HeldEngine()

    async def take_one() -> None:
        stream = GotOcrReader(engine=engine).alazy_load_data(making.pdf(*"abcdefgh"))
        async for _ in stream:
            break
        await stream.aclose()

    asyncio.run(take_one())
    assert engine.cancelled == [False, True, True, True]
    engine = HeldEngine()
    documents = GotOcrReader(engine=engine).lazy_load_data(making.pdf(*"abcdefgh"))
    next(documents)
    documents.close()
    assert engine.cancelled == [False, True, True, True]


# 2 BasePydanticReader


def test_2_a_pipeline_takes_it(path: Path) -> None:
    """As a ReaderConfig, which no plain reader can be; it goes through JSON, too."""
    assert isinstance(reader(), BasePydanticReader)
    config = ReaderConfig(reader=reader(), reader_args=[str(path)])
    assert len(IngestionPipeline(readers=[config], transformations=[]).run()) == 3
    plain = ReaderConfig(reader=GotOcrReader(model="tiny", pages="1"), reader_args=[str(path)])
    assert json.loads(plain.to_json())["loader"]["options"] == {"pages": "1"}


def test_2_a_copy_rebuilds_its_engine_from_its_fields(path: Path) -> None:
    """Pickled or through JSON, it reads as the first did; nothing is dropped in silence."""
    first = GotOcrReader(engine=EngineConfig(model="tiny"), max_new_tokens=4)
    copies = pickle.loads(pickle.dumps(first)), GotOcrReader.from_json(first.to_json())
    expected = first.load_data(path)
    for copy in copies:
        assert copy == first
        assert copy.load_data(path) == expected
    with pytest.raises(TypeError, match="can't be pickled: give it a model"):
        pickle.dumps(reader())


# 3 SimpleDirectoryReader


def directory(folder: Path, by: GotOcrReader, **more: Any) -> SimpleDirectoryReader:
    """It reads the PDFs of a folder."""
    return SimpleDirectoryReader(
        input_dir=folder, file_extractor={".pdf": by}, raise_on_error=True, **more
    )


def test_3_one_broken_page_costs_one_page(tmp_path: Path) -> None:
    """Of ten files nine are whole, and the tenth has all of its other pages and one marked."""
    for number in range(10):
        scan(tmp_path / f"{number}.pdf", "one", "two", "three")
    data = making.raw_pdf(*["/MediaBox[0 0 99 99]"] * 3)
    damaged = data.replace(b"/Kids[3 0 R 4 0 R 5 0 R]", b"/Kids[3 0 R 9 0 R 5 0 R]")
    (tmp_path / "4.pdf").write_bytes(damaged)
    documents = directory(tmp_path, reader(on_error="keep", skip_blank=False)).load_data()
    pages = {(d.metadata["file_name"], d.metadata.get("page")) for d in documents}
    assert pages == {(f"{number}.pdf", page) for number in range(10) for page in range(3)}
    failed = [d for d in documents if "error" in d.metadata]
    assert [(d.metadata["file_name"], d.metadata["page"]) for d in failed] == [("4.pdf", 1)]
    assert [d.text for d in documents if d not in failed] == ["x"] * 29


def test_3_files_are_loaded_at_the_same_time(tmp_path: Path) -> None:
    """Its ``aload_data`` starts all of them; each gets its own pages."""
    for number in range(12):
        scan(tmp_path / f"{number}.pdf", *["word"] * (number % 3 + 1))
    documents = asyncio.run(directory(tmp_path, GotOcrReader(engine=widths())).aload_data())
    assert len(documents) == 24
    for document in documents:
        assert document.metadata["total_pages"] == int(document.metadata["file_name"][:-4]) % 3 + 1


def test_3_worker_processes_have_engines_of_their_own(tmp_path: Path) -> None:
    """``num_workers`` spawns, pickles the reader, and gets what one process gets."""
    for number in range(2):
        scan(tmp_path / f"{number}.pdf", "one")
    by = GotOcrReader(model="tiny", max_new_tokens=4)
    found = directory(tmp_path, by).load_data(num_workers=2)
    assert [d.text for d in found] == [d.text for d in directory(tmp_path, by).load_data()]
    assert len(found) == 2


def test_3_a_remote_file_system_gives_its_files() -> None:
    """``fs=`` and a PurePosixPath; the reader opens the file there, not here."""
    fs = fsspec.filesystem("memory")
    fs.pipe("/contract/a.PDF", making.pdf("one", "two"))
    documents = SimpleDirectoryReader(
        input_dir="/contract", fs=fs, file_extractor={".pdf": reader()}, raise_on_error=True
    ).load_data()
    assert [(d.metadata["source"], d.metadata["page"]) for d in documents] == [
        ("/contract/a.PDF", 0),
        ("/contract/a.PDF", 1),
    ]


@pytest.mark.parametrize("way", ["load_data", "load_resource", "iter_data"])
def test_3_technical_keys_are_kept_from_models_however_it_is_loaded(path: Path, way: str) -> None:
    """SimpleDirectoryReader hides its own keys by some ways only: ours are hidden by all."""
    loading = directory(path.parent, reader())
    if way == "load_resource":
        documents = loading.load_resource(str(path))
    else:
        documents = loading.load_data() if way == "load_data" else next(iter(loading.iter_data()))
    document = documents[0]
    for mode in (MetadataMode.EMBED, MetadataMode.LLM):
        shown = document.get_content(metadata_mode=mode)
        assert not [key for key in ("ocr_", "page_width", "source:", "total_pages") if key in shown]
    assert document.metadata["file_path"] == str(path)


def test_3_upserts_replace_the_one_page_that_changed(tmp_path: Path) -> None:
    """By default, sync and async: a file's size and dates are not in the metadata."""
    words = ["one", "two", "three"]
    path = scan(tmp_path / "a.pdf", *words)
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(chunk_size=256, chunk_overlap=0)],
        docstore=SimpleDocumentStore(),
        vector_store=SimpleVectorStore(),
        docstore_strategy=DocstoreStrategy.UPSERTS,
        disable_cache=True,
    )
    by = GotOcrReader(engine=widths())
    loads: list[Callable[[], list[Document]]] = [
        lambda: directory(tmp_path, by).load_data(),
        lambda: asyncio.run(directory(tmp_path, by).aload_data()),
        lambda: directory(tmp_path, by).load_resource(str(path)),
    ]
    embed = {"transformations": [*pipeline.transformations, MockEmbedding(embed_dim=2)]}
    pipeline = pipeline.model_copy(update=embed)
    assert len(pipeline.run(documents=loads[0]())) == 3
    for number, load in enumerate(loads):
        words[number] = f"another {number}"
        scan(path, *words, moddate=f"D:2026010{number}")
        os.utime(path, (number * 1e8, number * 1e8))
        (node,) = pipeline.run(documents=load())
        assert node.metadata["page"] == number


def test_3_who_asks_for_a_file_s_size_gets_it(path: Path) -> None:
    """By ``file_metadata``, or ``extra_info``: what a caller gives is kept."""
    asked = {"file_size": 7, "last_modified_date": "today"}
    (first, *_) = directory(path.parent, reader(), file_metadata=lambda _: asked).load_data()
    (second, *_) = reader().load_data(path, extra_info=asked)
    assert asked.items() <= first.metadata.items()
    assert asked.items() <= second.metadata.items()


def test_3_file_names_as_ids(path: Path) -> None:
    """Who asks for them gets them."""
    documents = directory(path.parent, reader(), filename_as_id=True).load_data()
    assert [d.id_ for d in documents] == [f"{path}_part_{number}" for number in range(3)]


# 4 ResourcesReaderMixin


def test_4_files_are_resources(tmp_path: Path) -> None:
    """Listed, described and loaded one by one, sync and async."""
    for name in ("b.pdf", "a.pdf"):
        scan(tmp_path / name, "one", "two")
    loading = reader(pages="2")
    assert isinstance(loading, ResourcesReaderMixin)
    names = loading.list_resources(tmp_path)
    assert names == [str(tmp_path / "a.pdf"), str(tmp_path / "b.pdf")]
    assert asyncio.run(loading.alist_resources(tmp_path)) == names
    info = loading.list_resources_with_info(tmp_path)[names[0]]
    assert info["file_name"] == "a.pdf"
    assert info["file_type"] == "application/pdf"
    assert info["file_size"] == (tmp_path / "a.pdf").stat().st_size
    assert time.strptime(info["last_modified_date"], "%Y-%m-%dT%H:%M:%SZ")
    (document,) = loading.load_resource(names[1])
    assert document.metadata["source"] == names[1]
    assert asyncio.run(loading.aload_resource(names[1])) == [document]
    assert len(loading.load_resources(names)) == 2


@pytest.mark.parametrize("name", ["missing.pdf", "../a.pdf", "https://example.org/a.pdf", "."])
def test_4_resources_obey_the_rules_of_sources(tmp_path: Path, name: str) -> None:
    """What may not be read is not described, either."""
    scan(tmp_path / "a.pdf", "one")
    (tmp_path / "root").mkdir()
    with pytest.raises(SourceError):
        reader(root=tmp_path / "root", urls=False).get_resource_info(name)


# 6 ids


def test_6_documents_have_stable_ids_and_no_parent(path: Path) -> None:
    """Ids name places; a SOURCE would make an index add them again and again."""
    first, second = GotOcrReader(engine=FakeEngine("x")), GotOcrReader(engine=FakeEngine("y"))
    documents = first.load_data(path)
    assert [d.id_ for d in documents] == [d.id_ for d in second.load_data(path)]
    assert [d.hash for d in documents] == [d.hash for d in first.load_data(path)]
    assert all(document.relationships == {} for document in documents)


# 7 the size of metadata


@pytest.mark.parametrize("mode", ["page", "single", "region"])
def test_7_a_small_splitter_takes_it(tmp_path: Path, mode: Any) -> None:
    """Regions are not in the metadata, and what is there takes no room of a chunk's."""
    path = scan(tmp_path / "a.pdf", *map(str, range(9)))
    long = FakeEngine("many words " * 400)
    documents = GotOcrReader(engine=long, mode=mode, regions="auto").load_data(path)
    nodes = SentenceSplitter(chunk_size=256, chunk_overlap=0)(documents)
    assert all(len(node.get_content()) > 700 for node in nodes[:2])
    assert len(json.dumps(documents[0].metadata)) < 1200


# 8 tools


@pytest.fixture
def tools(path: Path) -> dict[str, FunctionTool]:
    """By name."""
    spec = GotOcrToolSpec(root=path.parent, engine=FakeEngine("x"))
    return {str(tool.metadata.name): tool for tool in spec.to_tool_list()}


def test_8_schemas_are_made_of_typed_scalars(tools: dict[str, FunctionTool]) -> None:
    """Each argument has a plain type and a description; no ``fs``, no ``kwargs``."""
    assert list(tools) == [
        "list_documents",
        "describe_pages",
        "list_regions",
        "read_document",
        "read_region",
    ]
    for tool in tools.values():
        schema = tool.metadata.get_parameters_dict()
        assert "$defs" not in json.dumps(schema)
        for argument in schema["properties"].values():
            kinds = {argument.get("type"), *(each["type"] for each in argument.get("anyOf", []))}
            assert kinds <= {"string", "integer", "number", "null", None}
            assert argument["description"]
        assert tool.metadata.description
        assert "Annotated" not in tool.metadata.description
    region = tools["read_region"].metadata.get_parameters_dict()
    assert set(region["required"]) == {"source", "page", "x0", "y0", "x1", "y1"}


CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("list_documents", {}, "a.pdf"),
    ("describe_pages", {"source": "a.pdf"}, "a.pdf: 3 pages"),
    ("list_regions", {"source": "a.pdf", "page": 1}, "a.pdf, page 1, 200 x 100 pt"),
    ("read_document", {"source": "a.pdf", "pages": "3"}, "==> a.pdf, page 3 of 3 <==\nx"),
    (
        "read_region",
        {"source": "a.pdf", "page": 2, "x0": 0, "y0": 0, "x1": 99, "y1": 90},
        "==> a.pdf, page 2 of 3 <==\nx",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "told"), CALLS)
def test_8_tools_are_called_both_ways(
    tools: dict[str, FunctionTool], name: str, arguments: dict[str, Any], told: str
) -> None:
    """With the same answer; the asynchronous function is ours, not a thread around the other."""
    tool = tools[name]
    later = asyncio.run(tool.acall(**arguments))
    assert tool.call(**arguments).content == later.content
    assert later.content.startswith(told)
    assert inspect.iscoroutinefunction(getattr(tool.async_fn, "__func__", tool.async_fn))


def test_8_errors_reach_the_model(tools: dict[str, FunctionTool], path: Path) -> None:
    """Called as agents call it, a tool answers with words that say how to go on."""
    output = call_tool(tools["read_document"], {"source": "b.pdf"})
    assert isinstance(output, ToolOutput)
    assert output.is_error
    assert "b.pdf: there is no such file" in output.content
    assert str(path.parent) not in output.content
    with pytest.raises(GotLoadersError, match="there is no such file"):
        tools["read_document"].call(source="b.pdf")
    with pytest.raises(OptionError, match="a tool needs the folder"):
        GotOcrToolSpec(engine=FakeEngine())


# 9 both frameworks


def test_9_both_frameworks_get_the_same(path: Path) -> None:
    """Text, ids and metadata are equal but for the file's name and type: no converter is needed."""
    theirs = GotOcrLoader(path, engine=FakeEngine("x")).load()
    ours = reader().load_data(path)
    assert [d.text for d in ours] == [d.page_content for d in theirs]
    assert [d.id_ for d in ours] == [d.id for d in theirs]
    for one, other in zip(ours, theirs, strict=True):
        extra = {"file_name": "a.pdf", "file_type": "application/pdf"}
        assert one.metadata == {**other.metadata, **extra}
