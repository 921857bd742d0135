"""Finds the chunk that answers a question, and draws its boxes on the page it came from.

Makes a scan of its own, reads it region by region with the embedded model, splits the text, takes
the chunk that shares most words with the question, and asks ``locate`` where it stood. Needs no
download; prints what it found, and writes the scan and the picture into FOLDER, if it is given:

    python examples/show_chunk.py [FOLDER]
"""

from __future__ import annotations

import re
from pathlib import Path

from langchain_core.documents import Document
from sample_pages import write_scan
from showing import in_folder

from got_loaders import GotOcrLoader, draw_location, locate

QUESTION = "When is the old bridge closed?"


def show(folder: Path) -> None:
    """Work in ``folder``."""
    scan = write_scan(folder / "report.pdf")
    (document,) = GotOcrLoader(scan, model="tiny", mode="single", regions="auto").load()
    chunk = max(split(document), key=lambda chunk: shared_words(chunk.page_content, QUESTION))
    places = locate(chunk)
    print(f"question: {QUESTION}\nchunk: {chunk.page_content!r}")
    for place in places:
        print(place)
    picture = draw_location(places)
    picture.save(folder / "chunk.png")
    print(f"drawn: {picture.width} x {picture.height} pixels")


def split(document: Document) -> list[Document]:
    """What a text splitter with ``add_start_index=True`` makes of a Document: here, its lines."""
    lines = re.finditer(r".+", document.page_content)
    return [
        Document(line[0], metadata={**document.metadata, "start_index": line.start()})
        for line in lines
    ]


def shared_words(text: str, question: str) -> int:
    """How many of the question's words stand in a text: a retriever in one line."""
    return len(set(text.lower().split()) & set(question.lower().strip("?").split()))


if __name__ == "__main__":
    in_folder(show)
