"""locate: a chunk, however it was cut, leads back to the pages and boxes that hold its words."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_text_splitters import RecursiveCharacterTextSplitter
from llama_index.core.node_parser import HierarchicalNodeParser, SentenceSplitter

from got_loaders import Box, GotOcrLoader, GotOcrReader, Location, OcrRequest, locate
from got_loaders.documents.provenance import REF_KEY, SpanMap
from got_loaders.documents.provenance.span_registry import SpanRegistry
from got_loaders.errors import LocateError
from got_loaders.testing import FakeEngine
from tests.pages.making import pdf
from tests.pipeline.test_regions import BLOCKS, inks_of, sheet

WORDS = {name: " ".join(f"{name.replace(' ', '')}{i}" for i in range(120)) for name in BLOCKS}
"""A long text for each block of the sheet; every word tells its block."""


def says_words(request: OcrRequest) -> str:
    """A reply: the words of the block that a crop shows."""
    return "\n\n".join(WORDS[name] for name in inks_of(request).split(", ") if name)


def tiff() -> bytes:
    """Two sheets in one file."""
    from io import BytesIO

    out = BytesIO()
    sheet().save(out, "TIFF", save_all=True, append_images=[sheet()])
    return out.getvalue()


def splitter(size: int = 300) -> RecursiveCharacterTextSplitter:
    """LangChain's usual one, told to say where its chunks begin."""
    return RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=40, add_start_index=True)


def holds_words(text: str, places: tuple[Location, ...]) -> None:
    """Each word of a chunk stands in one of its boxes; each box holds one of its words."""
    words = set(text.split())
    inside = {
        name
        for name, block in BLOCKS.items()
        if any(place.box and near(place.box, block) for place in places)
    }
    assert inside == {name for name in BLOCKS if words & set(WORDS[name].split())}


def near(box: Box, block: Box) -> bool:
    """The same place: the picture's pixels are twice the block's points."""
    return max(abs(a - 2 * b) for a, b in zip(box, block, strict=True)) < 8


@pytest.mark.parametrize("mode", ["page", "single"])
@pytest.mark.parametrize("size", [60, 300, 2000])
def test_a_langchain_chunk_leads_back(mode: Any, size: int) -> None:
    """To its page and its boxes, wherever it was cut."""
    loader = GotOcrLoader(tiff(), engine=FakeEngine(says_words), regions="auto", mode=mode)
    found = splitter(size).split_documents(loader.load())
    assert len(found) > 2
    for chunk in found:
        places = locate(chunk)
        holds_words(chunk.page_content, places)
        assert {place.page for place in places} <= {0, 1}


@pytest.mark.parametrize("mode", ["page", "single"])
def test_a_llama_index_node_leads_back(mode: Any) -> None:
    """By the splitter's own character positions."""
    reader = GotOcrReader(engine=FakeEngine(says_words), regions="auto", mode=mode)
    nodes = SentenceSplitter(chunk_size=256, chunk_overlap=20)(reader.load_data(tiff()))
    assert len(nodes) > 6
    for node in nodes:
        holds_words(node.get_content(), locate(node))


def test_part_of_a_document() -> None:
    """``start`` and ``end`` count in what is given; without them it is all of it."""
    (document,) = GotOcrLoader(
        tiff(), engine=FakeEngine(inks_of), regions="auto", mode="single"
    ).load()
    second = document.page_content.index("green two")
    (place,) = locate(document, second, second + 5)
    assert (place.page, place.region_index, place.region_type) == (0, 1, "text")
    assert document.page_content[place.start : place.end] == "green two"
    assert len(locate(document)) == 6
    assert [p.page for p in locate(document, -4)] == [1]
    assert locate(document, 3, 3) == ()


def test_between_two_regions_there_is_nothing() -> None:
    """The empty line that joins them was not read anywhere."""
    (document,) = GotOcrLoader(tiff(), engine=FakeEngine(inks_of), regions="auto", pages=[0]).load()
    gap = document.page_content.index("\n\n")
    assert locate(document, gap, gap + 2) == ()


def test_a_page_needs_no_key() -> None:
    """Its metadata tells the page; so does a region's, with its box."""
    first, second = GotOcrLoader(pdf("a", "b"), engine=FakeEngine("some text")).load()
    assert REF_KEY not in first.metadata
    assert [place.page for place in locate(second, 2, 4)] == [1]
    assert locate(first)[0].box is None
    regions = GotOcrLoader(tiff(), engine=FakeEngine(inks_of), mode="region").load()
    assert REF_KEY not in regions[0].metadata
    (place,) = locate(regions[1])
    assert place.box is not None
    assert near(place.box, BLOCKS["green two"])


def test_the_key_is_short_and_the_same_in_every_run() -> None:
    """Or a second indexing would replace every page."""
    loader = GotOcrLoader(tiff(), engine=FakeEngine(inks_of), regions="auto")
    first, second = loader.load()
    assert len(str(first.metadata[REF_KEY])) == 16
    assert first.metadata[REF_KEY] != second.metadata[REF_KEY]
    assert [d.metadata for d in loader.load()] == [first.metadata, second.metadata]


def test_a_blank_page_has_no_place() -> None:
    """There is no text to ask about."""
    loader = GotOcrLoader(pdf(""), engine=FakeEngine("x"), regions="auto")
    (document,) = loader.load()
    assert REF_KEY not in document.metadata
    assert locate(document) == ()
    (whole,) = GotOcrLoader(pdf("", ""), engine=FakeEngine("x"), mode="single").load()
    assert locate(whole) == ()


def test_a_chunk_that_does_not_say_where_it_begins() -> None:
    """is found by its text, where that stands in one place only; else it raises, and says why."""
    (document,) = GotOcrLoader(
        tiff(), engine=FakeEngine(inks_of), regions="auto", mode="single"
    ).load()
    for text in ("blue three\n\nred one", "one\n\ngreen two\n\nblue three\n\nred"):
        (found,) = {(p.page) for p in locate(Document(text, metadata=document.metadata))[:1]}
        assert found == 0
    for text in ("green two", "something else"):
        with pytest.raises(LocateError, match="add_start_index=True"):
            locate(Document(text, metadata=document.metadata))


def test_a_chunk_of_a_chunk() -> None:
    """leads to its own boxes or raises: its start counts from the first chunk."""
    loader = GotOcrLoader(tiff(), engine=FakeEngine(says_words), regions="auto", pages=[0])
    for chunk in splitter(300).split_documents(splitter(1200).split_documents(loader.load())):
        holds_words(chunk.page_content, locate(chunk))
    nodes = HierarchicalNodeParser.from_defaults(chunk_sizes=[1024, 256], chunk_overlap=0)
    reader = GotOcrReader(engine=FakeEngine(says_words), regions="auto", pages=[0])
    for node in nodes(reader.load_data(tiff())):
        holds_words(node.get_content(), locate(node))


def test_what_stores_make_of_numbers() -> None:
    """Some give back floats."""
    (document,) = GotOcrLoader(tiff(), engine=FakeEngine(inks_of), regions="auto", pages=[0]).load()
    chunk = Document("green two", metadata={**document.metadata, "start_index": 9.0})
    assert [place.region_index for place in locate(chunk)] == [1]
    page = Document("x", metadata={"source": "a.pdf", "page": 3.0})
    assert [place.page for place in locate(page)] == [3]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Document("x", metadata={REF_KEY: "0" * 16}), "load the document again"),
        (Document("x", metadata={}), "neither"),
        ("x", "got str"),
    ],
)
def test_what_can_not_be_located_says_why(document: object, message: str) -> None:
    """A key of another process, no metadata of ours, no Document."""
    with pytest.raises(LocateError, match=message):
        locate(document)


ELSEWHERE = """
import pickle, sys
from got_loaders import locate
from got_loaders.errors import LocateError
try:
    locate(pickle.load(sys.stdin.buffer))
except LocateError as error:
    print(error)
"""


def test_another_process_says_so() -> None:
    """Places are kept in the process that read the document."""
    (document,) = GotOcrLoader(tiff(), engine=FakeEngine(inks_of), regions="auto", pages=[0]).load()
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], input=pickle.dumps(document), capture_output=True
    )
    assert b"load the document again" in done.stdout


def test_the_oldest_are_forgotten_first() -> None:
    """So that a long run's memory stays bounded; what was asked about lately is kept."""
    place = Location(source="a", page=0)
    ledger = SpanRegistry(max_cost=10)
    for name in "abc":
        ledger.put(name, SpanMap(text="x", locations=(place,) * 3))
    assert ledger.get("a") is not None
    ledger.put("d", SpanMap(text="x", locations=(place,) * 3))
    assert ledger.get("b") is None
    assert ledger.get("a") is not None
    ledger.put("e", SpanMap(text="x", locations=(replace(place, page=1),) * 30))
    assert ledger.get("e") is not None
    assert ledger.get("a") is None
