"""The LlamaIndex reader keeps BasePydanticReader's contract."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

pytest.importorskip("llama_index.core")

import fsspec
from llama_index.core import SimpleDirectoryReader
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.readers.base import BasePydanticReader, ReaderConfig
from llama_index.core.schema import Document, MetadataMode
from llama_index.core.storage.docstore import SimpleDocumentStore

from got_loaders import EngineConfig, GotOcrReader, ReadOptions
from got_loaders.errors import OptionError, SourceError
from got_loaders.testing import FakeEngine
from tests.fakes import HeldEngine
from tests.pages.making import locked_pdf, pdf

PAGES = pdf("one", "two", "three")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PDF of three pages."""
    file = tmp_path / "doc.pdf"
    file.write_bytes(PAGES)
    return file


@pytest.fixture
def reader() -> GotOcrReader:
    """One that reads "x = 1" everywhere."""
    return GotOcrReader(engine=FakeEngine(r"\( x = 1 \)"))


def test_load_data(reader: GotOcrReader, path: Path) -> None:
    """One Document a page, with the file's name and type."""
    documents = reader.load_data(path)
    assert [document.text for document in documents] == ["$x = 1$"] * 3
    assert [document.metadata["page"] for document in documents] == [0, 1, 2]
    assert documents[0].metadata["file_name"] == "doc.pdf"
    assert documents[0].metadata["file_type"] == "application/pdf"
    assert isinstance(reader, BasePydanticReader)
    assert (reader.class_name(), reader.is_remote) == ("GotOcrReader", False)


def test_the_file_by_position_or_by_name(reader: GotOcrReader, path: Path) -> None:
    """Peers call it ``file``; callers pass it first."""
    assert reader.load_data(file=path) == reader.load_data(path)
    assert len(reader.load_data([PAGES, PAGES])) == 6


def test_all_four_ways_give_the_same(reader: GotOcrReader, path: Path) -> None:
    """Sync and async, at once and one by one."""
    expected = reader.load_data(path)

    async def one_by_one() -> list[Document]:
        return [document async for document in reader.alazy_load_data(path)]

    async def awaited() -> list[Document]:
        return list(await reader.alazy_load_data(path))

    assert list(reader.lazy_load_data(path)) == expected
    assert asyncio.run(reader.aload_data(path)) == expected
    assert asyncio.run(one_by_one()) == expected
    assert asyncio.run(awaited()) == expected
    assert asyncio.run(reader.alazy_load_data(path)) == expected


def test_the_event_loop_keeps_ticking(path: Path) -> None:
    """Awaiting ``alazy_load_data`` does the work elsewhere, unlike BaseReader's."""

    ticked, waits = threading.Event(), list[bool]()

    def slowly(request: object) -> str:
        waits.append(ticked.wait(60))
        return "x"

    reader = GotOcrReader(engine=FakeEngine(slowly))

    async def tick() -> None:
        task = asyncio.ensure_future(reader.alazy_load_data(path))
        for _ in range(10):
            await asyncio.sleep(0.002)
        assert not task.done()
        ticked.set()
        assert len(await task) == 3

    asyncio.run(tick())
    assert waits == [True] * 3


@pytest.mark.parametrize("how", ["task", "aclose"])
def test_stopping_cancels(how: str) -> None:
    """A cancelled task and a closed stream cancel the pages that are queued."""
    engine = HeldEngine(answers_first=how == "aclose")
    stream = GotOcrReader(engine=engine).alazy_load_data(pdf(*"abcdefgh"))

    async def stop() -> None:
        if how == "aclose":
            await anext(aiter(stream))
            await stream.aclose()
            return
        task = asyncio.ensure_future(stream)
        await engine.asked(4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stop())
    assert engine.cancelled == [how == "task", True, True, True]


def test_extra_info_wins(reader: GotOcrReader, path: Path) -> None:
    """The caller's metadata goes over ours, is shown to models, and is not changed."""
    extra = {"page_label": "mine", "team": "a"}
    document = reader.load_data(path, extra_info=extra)[0]
    assert document.metadata["page_label"] == "mine"
    assert document.metadata["team"] == "a"
    assert "page_label" not in document.excluded_embed_metadata_keys
    assert extra == {"page_label": "mine", "team": "a"}


def test_technical_keys_stay_out_of_prompts(reader: GotOcrReader, path: Path) -> None:
    """Models see neither sizes nor models; the language model sees where a page is from."""
    document = reader.load_data(path)[0]
    embedded = document.get_content(metadata_mode=MetadataMode.EMBED)
    prompted = document.get_content(metadata_mode=MetadataMode.LLM)
    for key in ("ocr_", "page_width", "content_", "source", "file_path", "total_pages"):
        assert key not in embedded
        assert key not in prompted
    assert "page_label: 1" in prompted
    assert "page_label" not in embedded


def test_a_small_splitter_takes_it(reader: GotOcrReader, path: Path) -> None:
    """Metadata does not outgrow a chunk."""
    assert SentenceSplitter(chunk_size=64, chunk_overlap=0)(reader.load_data(path))


def test_simple_directory_reader(reader: GotOcrReader, path: Path) -> None:
    """As its file extractor, sync and async."""
    directory = SimpleDirectoryReader(
        input_dir=path.parent, file_extractor={".pdf": reader}, raise_on_error=True
    )
    documents = directory.load_data()
    assert [document.metadata["page"] for document in documents] == [0, 1, 2]
    assert documents[0].metadata["file_path"] == str(path)
    assert asyncio.run(directory.aload_data()) == documents


def test_a_remote_file_system(reader: GotOcrReader) -> None:
    """Files of an fsspec file system keep their path as their name."""
    fs = fsspec.filesystem("memory")
    fs.pipe("/folder/doc.pdf", PAGES)
    directory = SimpleDirectoryReader(
        input_files=["/folder/doc.pdf"],
        fs=fs,
        file_extractor={".pdf": reader},
        raise_on_error=True,
    )
    (document, *_) = directory.load_data()
    assert document.metadata["source"] == "/folder/doc.pdf"
    assert document.metadata["file_name"] == "doc.pdf"
    (document, *_) = reader.load_data(PurePosixPath("/folder/doc.pdf"), fs=fs)
    assert document.metadata["source"] == "/folder/doc.pdf"


def test_a_missing_remote_file_obeys_on_error() -> None:
    """It is a source that can't be opened."""
    reader = GotOcrReader(engine=FakeEngine(), on_error="keep")
    (document,) = reader.load_data("/nowhere.pdf", fs=fsspec.filesystem("memory"))
    assert document.metadata["ocr_origin"] == "failed"
    assert document.metadata["error"] == "/nowhere.pdf: can't be read: FileNotFoundError"


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_remote_folder_says_what_to_pass(kind: str, tmp_path: Path) -> None:
    """Its files, one by one; some file systems say that it is not there."""
    fs = fsspec.filesystem(kind)
    fs.makedirs(f"{tmp_path}/folder")
    fs.pipe(f"{tmp_path}/folder/doc.pdf", PAGES)
    reader = GotOcrReader(engine=FakeEngine("text"))
    with pytest.raises(
        SourceError, match=r"folder: can't be read: it is a folder; .* fs\.find\(\)"
    ):
        reader.load_data(f"{tmp_path}/folder", fs=fs)
    assert reader.load_data(list(fs.find(f"{tmp_path}/folder")), fs=fs)


def test_an_ingestion_pipeline(reader: GotOcrReader, path: Path) -> None:
    """As a pipeline's reader; a second run finds nothing to do, for ids are stable."""
    config = ReaderConfig(reader=reader, reader_args=[str(path)])
    pipeline = IngestionPipeline(
        readers=[config],
        transformations=[SentenceSplitter()],
        docstore=SimpleDocumentStore(),
        docstore_strategy=DocstoreStrategy.DUPLICATES_ONLY,
    )
    assert [len(pipeline.run()) for _ in range(2)] == [3, 0]


def test_documents_name_their_place_and_no_parent(reader: GotOcrReader, path: Path) -> None:
    """Stable ``id_``, no SOURCE relationship: a docstore recognises a page that it has."""
    first, second = reader.load_data(path), reader.load_data(path)
    assert [document.id_ for document in first] == [document.id_ for document in second]
    assert [document.hash for document in first] == [document.hash for document in second]
    assert all(document.relationships == {} for document in first)


ROUND_TRIP: list[dict[str, Any]] = [
    {},
    {"model": "tiny", "pages": "1-3", "box": (1, 2, 3, 4), "dpi": 150.0},
    {"pages": range(0, 9, 2), "mode": "single", "output": "raw"},
    {"pages": slice(None, -1), "multi_page": 4},
    {"pages": [3, 1], "color": "red", "skip_blank": False, "progress": True},
    {"engine": EngineConfig(model="tiny", device=("cpu", "cpu"), max_batch_size=2)},
    {"engine": "http://localhost:8000/prefix"},
]


@pytest.mark.parametrize("arguments", ROUND_TRIP)
def test_a_reader_is_rebuilt_from_its_fields(arguments: dict[str, Any]) -> None:
    """Through JSON and through pickle, with equal options and engine configuration."""
    reader = GotOcrReader(**arguments)
    loaded = GotOcrReader.from_json(reader.to_json())
    pickled = pickle.loads(pickle.dumps(reader))
    assert loaded == reader
    assert pickled == reader
    options = {name: value for name, value in arguments.items() if name not in ("model", "engine")}
    expected = ReadOptions(**options)
    assert loaded._job("x", None).options == expected
    assert json.loads(reader.to_json())["class_name"] == "GotOcrReader"


def test_an_engine_does_not_travel(reader: GotOcrReader, caplog: pytest.LogCaptureFixture) -> None:
    """A reader that holds an engine refuses to be pickled, warns in a dump, says what to do."""
    with pytest.raises(TypeError, match=r"engine.*give it a model"):
        pickle.dumps(reader)
    GotOcrReader(model="tiny").to_dict()
    assert caplog.messages == []
    assert "engine" not in reader.to_dict()
    json.loads(reader.to_json())
    assert len(caplog.messages) == 2
    assert "without the engine that it holds" in caplog.messages[0]


def test_a_password_is_never_dumped() -> None:
    """It opens the file; no dump, repr or pickle has it."""
    data = locked_pdf("hunter2")
    reader = GotOcrReader(engine=FakeEngine("x"), password="hunter2")
    assert len(reader.load_data(data)) == 1
    assert (
        len(
            GotOcrReader(engine=FakeEngine(), options=ReadOptions(password="hunter2")).load_data(
                data
            )
        )
        == 1
    )
    for shown in (repr(reader), str(reader), reader.to_json(), repr(reader.to_dict())):
        assert "hunter2" not in shown
    with pytest.raises(TypeError, match="password") as caught:
        pickle.dumps(GotOcrReader(model="tiny", password="hunter2"))
    assert "hunter2" not in str(caught.value)


def test_a_progress_callable_is_used_and_not_dumped(path: Path) -> None:
    """It belongs to this process."""
    events: list[object] = []
    reader = GotOcrReader(engine=FakeEngine("x"), progress=events.append)
    reader.load_data(path)
    assert len(events) == 3
    assert "progress" not in reader.to_json()


@pytest.mark.parametrize(
    "arguments",
    [
        {"mode": "pages"},
        {"fromat": True},
        {"options": {"fromat": True}},
        {"model": "tiny", "engine": FakeEngine()},
        {"engine": "htp://localhost"},
        {"model": "tiny", "engine": "http://localhost"},
        {"model": "tiny", "engine_url": "http://localhost"},
    ],
)
def test_wrong_arguments_raise_in_the_constructor(arguments: dict[str, Any]) -> None:
    """Not when a pipeline has run for hours."""
    with pytest.raises(OptionError):
        GotOcrReader(**arguments)


def test_a_missing_framework_names_the_extra() -> None:
    """The message says what to install."""
    code = (
        "import sys; sys.modules['llama_index'] = None\n"
        "import got_loaders\n"
        "try: got_loaders.GotOcrReader\n"
        "except ImportError as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("MissingDependencyError")
    assert 'pip install "got-loaders[llama-index]"' in done.stdout
