"""The public API as a type checker sees it: mypy checks this file, nobody runs it.

A line with ``type: ignore`` is one that must not pass: strict mode reports an ignore that has
become needless.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import assert_type

from langchain_core.documents import Document
from langchain_core.documents.base import Blob
from langchain_core.tools import BaseTool
from llama_index.core.schema import BaseNode
from llama_index.core.schema import Document as Node
from llama_index.core.tools import FunctionTool
from PIL.Image import Image

import got_loaders
from got_loaders import (
    Agreement,
    Correction,
    Engine,
    EngineConfig,
    GotOcrLoader,
    GotOcrParser,
    GotOcrReader,
    GotOcrTool,
    GotOcrToolkit,
    GotOcrToolSpec,
    GotOcrTransform,
    LocalEngine,
    Location,
    OcrRequest,
    OcrResult,
    PageResult,
    ProgressEvent,
    ReadOptions,
    Region,
    RemoteEngine,
    Rendered,
    TextSpan,
    aread,
    draw_location,
    load_corrections,
    locate,
    read,
    render,
    save_corrections,
    shared_engine,
    write_report,
)
from got_loaders.integrations.mcp import mcp_server
from got_loaders.markup import escape_markdown, to_markdown, to_text
from got_loaders.ray import to_langchain, to_llama_index
from got_loaders.testing import FakeEngine


def loader() -> None:
    """Options are typed by name."""
    made = GotOcrLoader("scan.pdf", model="tiny", pages="1-3", mode="single", box=(0, 0, 9, 9))
    assert_type(made.load(), list[Document])
    documents: Iterator[Document] = made.lazy_load()
    later: AsyncIterator[Document] = made.alazy_load()
    GotOcrLoader(b"%PDF", engine=EngineConfig(model="tiny"), options=ReadOptions(dpi=90))
    GotOcrLoader("scan.pdf", regions={0: [(1, 2, 3, 4)]}, drop=("header",), output="html")
    assert_type(locate(made.load()[0], 0, 5), tuple[Location, ...])
    GotOcrLoader("scan.pdf", drop=("page",))  # type: ignore[arg-type]  # no such type
    GotOcrLoader("scan.pdf", page="1")  # type: ignore[call-arg]  # misspelt
    got_loaders.GotOCRLoader("scan.pdf")  # type: ignore[attr-defined]  # misspelt
    GotOcrLoader("scan.pdf", mode="pages")  # type: ignore[arg-type]  # no such mode
    GotOcrLoader("scan.pdf", engine="http://gpu:8000")
    GotOcrLoader("scan.pdf", engine=8000)  # type: ignore[arg-type]  # a port is no engine
    del documents, later


async def reader() -> None:
    """The reader gives LlamaIndex Documents."""
    made = GotOcrReader(model="tiny", multi_page=2, on_error="keep")
    GotOcrReader(figures="keep", figures_dir=Path("figures"), image_nodes=True)
    GotOcrReader(figures="embed")  # type: ignore[arg-type]  # no such way
    assert_type(made.load_data("scan.pdf", extra_info={"year": 2026}), list[Node])
    assert_type(await made.aload_data("scan.pdf"), list[Node])
    GotOcrReader(color="pink")  # type: ignore[arg-type]  # no such colour
    GotOcrReader(omit_metadata=("page",))  # type: ignore[arg-type]  # it always stays
    transform = GotOcrTransform(model="tiny", mode="region", is_remote=True)  # type: ignore[call-arg]  # a reader's
    assert_type(await transform.acall(transform([])), list[BaseNode])


def agents() -> None:
    """Tools take the options by name, too."""
    assert_type(GotOcrParser(model="tiny", pages="1").parse(Blob(data=b"")), list[Document])
    GotOcrTool(root="scans", max_pages=3, name="read_invoice")
    GotOcrTool(root="scans", page=3)  # type: ignore[call-arg]  # misspelt
    assert_type(GotOcrToolkit(root="scans", urls=True).get_tools(), list[BaseTool])
    assert_type(GotOcrToolSpec(root="scans", cache=True).to_tool_list(), list[FunctionTool])
    assert_type(GotOcrToolSpec(root="scans").read_document("a.pdf", 1, "latex"), str)
    GotOcrToolSpec(root="scans").read_document("a.pdf", output="docx")  # type: ignore[arg-type]  # no form
    mcp_server(["scans"], model="tiny", urls=True).run()


async def results() -> None:
    """Without a framework there are PageResults."""
    for result in read("scan.pdf", model="tiny", progress=told):
        assert_type(result, PageResult)
        assert_type(result.ocr, OcrResult | None)
        assert_type(result.markdown + result.html + result.latex + result.text, str)
        if result.figure is not None:
            assert_type(result.figure.file, str | None)
        if result.agreement is not None:
            assert_type(result.agreement, Agreement)
            assert_type(result.agreement.only_in_reading, tuple[TextSpan, ...])
        assert_type(result.draw(color="blue"), Image)
        assert_type(draw_location([result, result.location]), Image)
        assert_type(write_report([result], "report.html", split=50), Path)
        save_corrections("c.jsonl", [result.correction("# Right"), *load_corrections("c.jsonl")])
        assert_type(load_corrections("c.jsonl")[0], Correction)
        result.correction("<h1>", form="html")  # type: ignore[arg-type]  # no form of corrections
    async for result in aread(["scan.pdf", b""], pages=range(3)):
        assert_type(result.region, Region | None)
    read("scan.pdf", corrections=["c.jsonl"])  # type: ignore[list-item]  # one file
    read("scan.pdf", dpi="high")  # type: ignore[arg-type]  # a number


def told(event: ProgressEvent) -> None:
    """A progress callable."""
    assert_type(event.done, int)


def engines(image: Image) -> None:
    """Local, shared, remote and fake engines are all Engines."""
    candidates: list[Engine] = [LocalEngine(EngineConfig(model="tiny")), shared_engine()]
    candidates.append(RemoteEngine("http://gpu:8000", timeout=60, retry_for=10, max_in_flight=8))
    candidates.append(FakeEngine(lambda request: str(request.max_new_tokens)))
    assert_type(candidates[0].submit(OcrRequest(images=(image,))), Future[OcrResult])
    OcrRequest(images=[image])  # type: ignore[arg-type]  # a tuple: requests are frozen


def markup() -> None:
    """Text in, text out."""
    assert_type(to_markdown(to_text(escape_markdown(""))), str)


def rendering() -> None:
    """A text in, what it looks like out."""
    assert_type(render("C1=CC=CC=C1"), Rendered)
    assert_type(render("C1=CC=CC=C1", "smiles").html, str)
    render("C", "molecule")  # type: ignore[arg-type]  # no such kind


def rows(stored: list[dict[str, object]]) -> None:
    """Rows of a cluster in, Documents out."""
    assert_type(to_langchain(stored), Iterator[Document])
    assert_type(to_llama_index("read/", errors="skip", extra_columns=["shelf"]), Iterator[Node])
    to_langchain("read/", errors="drop")  # type: ignore[arg-type]  # no such word
