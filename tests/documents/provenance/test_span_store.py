"""``locate`` in another process, or another day: places are kept in the cache."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document

from got_loaders import Box, GotOcrLoader, Location, locate
from got_loaders.cache import inspect_cache
from got_loaders.documents.provenance.spans import SpanMap, decode_spans, encode_spans
from got_loaders.errors import LocateError
from got_loaders.testing import FakeEngine
from tests.pages.making import pdf

ROOT = Path(__file__).parents[3]

ASK = """
import json, sys
from langchain_core.documents import Document
from got_loaders import locate
metadata, text, cache = json.loads(sys.argv[1])
places = locate(Document(page_content=text, metadata=metadata), cache=cache)
print(json.dumps([[place.page, place.start, place.end] for place in places]))
"""


def loader(cache: Path | None) -> GotOcrLoader:
    """Gives one Document of two pages, "page 1" and "page 2"."""
    fake = FakeEngine()
    fake.reply = lambda request: f"page {len(fake.requests)}"
    return GotOcrLoader(pdf("one", "two"), engine=fake, mode="single", cache=cache)


def elsewhere(document: Document, cache: str | None) -> subprocess.CompletedProcess[str]:
    """What another process knows of the Document."""
    told = json.dumps([document.metadata, document.page_content, cache])
    return subprocess.run(
        [sys.executable, "-c", ASK, told], capture_output=True, text=True, cwd=ROOT
    )


@pytest.mark.parametrize("later", [False, True])
def test_another_process_finds_the_places(later: bool, tmp_path: Path) -> None:
    """With the cache of whoever read the Document; synchronously and asynchronously."""

    async def first() -> Document:
        (document,) = [document async for document in loader(tmp_path).alazy_load()]
        return document

    document = asyncio.run(first()) if later else loader(tmp_path).load()[0]
    done = elsewhere(document, str(tmp_path))
    assert json.loads(done.stdout) == [[0, 0, 6], [1, 8, 14]], done.stderr
    assert inspect_cache(tmp_path).span_maps == 1


def test_without_the_cache_nothing_is_known(tmp_path: Path) -> None:
    """The error says how it would be."""
    (document,) = loader(None).load()
    for cache in (None, str(tmp_path / "empty")):
        done = elsewhere(document, cache)
        assert "LocateError" in done.stderr
        assert "with cache=" in done.stderr
    assert not (tmp_path / "empty").exists()


def test_in_this_process_no_cache_is_needed(tmp_path: Path) -> None:
    """What it remembers is found at once."""
    (document,) = loader(None).load()
    assert [place.page for place in locate(document)] == [0, 1]
    document.metadata["ocr_ref"] = "0" * 16
    with pytest.raises(LocateError):
        locate(document, cache=tmp_path)


locations = st.builds(
    Location,
    source=st.text(),
    page=st.none() | st.integers(0, 99),
    page_last=st.none() | st.integers(0, 99),
    box=st.none() | st.builds(Box, *[st.floats(0, 999)] * 4),
    region_index=st.none() | st.integers(0, 9),
    region_type=st.none() | st.sampled_from(["text", "table"]),
    start=st.integers(0, 99),
    end=st.integers(0, 99),
)


@given(st.builds(SpanMap, text=st.text(), locations=st.lists(locations).map(tuple)))
def test_places_come_back_as_they_were(passages: SpanMap) -> None:
    """Boxes are boxes."""
    assert decode_spans(encode_spans(passages)) == passages


@pytest.mark.parametrize("damaged", [b"", b"x", encode_spans(SpanMap(text="", locations=()))[:-3]])
def test_damaged_places_are_none(damaged: bytes) -> None:
    """They are not made up."""
    assert decode_spans(damaged) is None
