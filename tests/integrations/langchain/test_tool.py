"""What an agent may read with the tool, and what it is told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import ToolMessage

from got_loaders import GotOcrTool, ReadOptions
from got_loaders.errors import OptionError
from got_loaders.testing import FakeEngine
from tests.pages import making
from tests.sources.test_root import ESCAPES, MISSES, root

__all__ = ["root"]


@pytest.fixture
def engine() -> FakeEngine:
    """Reads a heading."""
    return FakeEngine("\\title{Report}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a PDF of twelve pages."""
    (tmp_path / "a.pdf").write_bytes(making.pdf(*map(str, range(11)), ""))
    return tmp_path


def call(tool: GotOcrTool, **args: Any) -> ToolMessage:
    """What an agent gets; the same asynchronously."""
    message = {"type": "tool_call", "id": "1", "name": tool.name, "args": args}
    sync, later = tool.invoke(message), asyncio.run(tool.ainvoke(message))
    assert isinstance(sync, ToolMessage)
    assert isinstance(later, ToolMessage)
    assert (sync.content, sync.status) == (later.content, later.status)
    return sync


def test_pages_are_read_with_headers(folder: Path, engine: FakeEngine) -> None:
    """The agent gets the text, and where each part stands, as people count; Documents beside it."""
    message = call(GotOcrTool(root=folder, engine=engine), source="a.pdf", pages="2,12")
    assert message.status == "success"
    assert message.content == (
        "==> a.pdf, page 2 of 12 <==\n# Report\n\n"
        "==> a.pdf, page 12 of 12 <==\n[nothing to read here]"
    )
    assert [document.metadata["page"] for document in message.artifact] == [1, 11]


def test_a_region_and_a_form_can_be_asked_for(folder: Path, engine: FakeEngine) -> None:
    """In page units; the part is cut out, which the model reads best."""
    tool = GotOcrTool(root=folder, engine=engine)
    message = call(tool, source="a.pdf", pages="1", region=[0, 0, 100, 60], output="latex")
    assert str(message.content).endswith("<==\n\\title{Report}")
    (image,) = engine.requests[-1].images
    assert image.width > image.height * 1.5


def test_too_many_pages_are_refused_by_name(folder: Path, engine: FakeEngine) -> None:
    """Ten at once, unless the program says otherwise; the agent is told how to go on."""
    message = call(GotOcrTool(root=folder, engine=engine), source="a.pdf")
    assert message.status == "error"
    assert "more than max_pages=10 pages; name those that you want by pages=" in message.content
    options = ReadOptions(max_pages=99, urls=True)
    assert call(GotOcrTool(root=folder, engine=engine, options=options), source="a.pdf").status == (
        "error"
    )
    assert call(GotOcrTool(root=folder, engine=engine, max_pages=12), source="a.pdf").status == (
        "success"
    )


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"source": "b.pdf"}, "b.pdf: there is no such file"),
        ({"source": "a.pdf", "pages": "13"}, "the document has 12 pages"),
        ({"source": "a.pdf", "pages": "x"}, "pages='x'"),
        ({"source": "a.pdf", "region": [1, 2, 3]}, "region=[1.0, 2.0, 3.0]: expected four"),
        ({"source": "a.pdf", "pages": "1", "region": [900, 900, 999, 999]}, "outside the page"),
        ({"source": "https://example.org/a.pdf"}, "URLs may not be read here"),
        ({"source": "http://127.0.0.1:1/a.pdf"}, "URLs may not be read here"),
        ({"source": "file:///etc/passwd"}, "passwd: it lies outside of the folder"),
        ({"source": "https://me:secret@example.org/a.pdf"}, "https://example.org/a.pdf: "),
        ({"source": ""}, "the path is empty"),
    ],
)
def test_errors_are_told_to_the_agent(
    folder: Path, engine: FakeEngine, args: dict[str, Any], told: str
) -> None:
    """It can do better next time; the run does not end."""
    message = call(GotOcrTool(root=folder, engine=engine), **args)
    assert message.status == "error"
    assert told in message.content
    assert str(folder) not in message.content
    assert "secret" not in message.content
    assert "folder; name" not in message.content


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({}, "source is missing (Path of a PDF"),
        ({"source": "a.pdf", "output": "docx"}, "output='docx': expected 'markdown', 'latex'"),
        ({"source": "a.pdf", "region": "top"}, "region='top': expected a list (Only this part"),
        ({"source": "a.pdf", "region": ["a", 0, 1, 2]}, "region[0]='a': expected a number (Only"),
        (
            {"source": "a.pdf", "page": 2},
            "page: there is no such argument; did you mean pages? The",
        ),
    ],
)
def test_wrong_arguments_are_told_to_the_agent(
    folder: Path, engine: FakeEngine, args: dict[str, Any], told: str
) -> None:
    """One by one, and not as an exception that ends it."""
    message = call(GotOcrTool(root=folder, engine=engine), **args)
    assert message.status == "error"
    assert str(message.content).startswith(told)


def test_a_number_will_do_for_a_page(folder: Path, engine: FakeEngine) -> None:
    """Models pass it; it counts from 1 like all others."""
    message = call(GotOcrTool(root=folder, engine=engine), source="a.pdf", pages=2)
    assert str(message.content).startswith("==> a.pdf, page 2 of 12 <==")


def test_urls_are_off_whatever_the_options_say(folder: Path, engine: FakeEngine) -> None:
    """Only ``urls=True`` where the tool is made lets an agent fetch; then addresses are judged."""
    options = ReadOptions(urls=True)
    tool = GotOcrTool(root=folder, engine=engine, options=options)
    assert "URLs may not be read here" in call(tool, source="http://127.0.0.1:1/a.pdf").content
    tool = GotOcrTool(root=folder, engine=engine, urls=True)
    assert "127.0.0.1 is not a public one" in call(tool, source="http://127.0.0.1:1/").content


def test_a_failed_page_does_not_hide_the_others(folder: Path, engine: FakeEngine) -> None:
    """With ``on_error="keep"`` it says so in its place."""
    engine.reply = lambda request: (
        RuntimeError("hard") if len(engine.requests) == 1 else "\\title{Good}"
    )
    tool = GotOcrTool(root=folder, engine=engine, on_error="keep")
    content, _ = tool._run("a.pdf", pages="1-2")
    assert "page 1 of 12 <==\n[not read: " in content
    assert "page 2 of 12 <==\n# Good" in content


@pytest.mark.parametrize("path", ESCAPES + MISSES)
def test_no_path_leads_out_of_the_folder(root: Path, engine: FakeEngine, path: str) -> None:
    """Whatever an agent was talked into asking for; nothing is read."""
    given = path.format(root=root, outside=root.parent)
    message = call(GotOcrTool(root=root, engine=engine), source=given)
    assert message.status == "error"
    assert engine.requests == []


def test_a_tool_needs_a_root(engine: FakeEngine) -> None:
    """Nobody gives an agent the whole disk by forgetting something."""
    with pytest.raises(OptionError, match="a tool needs the folder"):
        GotOcrTool(engine=engine)
    with pytest.raises(OptionError, match="exclude each other"):
        GotOcrTool(root=".", engine=engine, model="tiny")


def test_a_folder_is_not_read_but_listed(folder: Path, engine: FakeEngine) -> None:
    """A call reads ten pages at most; the agent is told which files there are."""
    (folder / "sub").mkdir()
    for number in range(30):
        (folder / "sub" / f"{number}.pdf").write_bytes(b"%PDF-1.7")
    message = call(GotOcrTool(root=folder, engine=engine), source="sub")
    assert message.status == "error"
    assert "sub: it is a folder; name one of its files: sub/0.pdf, sub/1.pdf" in message.content
    assert engine.requests == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RuntimeError("no weights in /home/me/secret/model.bin"), "no weights in …"),
        (RuntimeError(r"C:\\Users\\me\\model.bin is gone"), "… is gone"),
    ],
)
def test_errors_tell_no_path_of_the_machine(folder: Path, error: Exception, told: str) -> None:
    """Whatever an engine says; what the agent asked for itself is repeated."""
    message = call(GotOcrTool(root=folder, engine=FakeEngine(error)), source="a.pdf", pages="1")
    assert message.content == f"a.pdf, page 1: {told}"
    full = str(folder / "a.pdf")
    message = call(GotOcrTool(root=folder, engine=FakeEngine(error)), source=full, pages="1")
    assert message.content == f"{full}, page 1: {told}"
    keeping = GotOcrTool(root=folder, engine=FakeEngine(error), on_error="keep")
    message = call(keeping, source="a.pdf", pages="1,12")  # the last one is blank
    assert f"[not read: a.pdf, page 1: {told}]\n\n==>" in message.content


def test_the_tool_can_be_described(folder: Path, engine: FakeEngine) -> None:
    """For agents that have several."""
    tool = GotOcrTool(root=folder, engine=engine, name="read_invoice", description="Invoices.")
    assert (tool.name, tool.description) == ("read_invoice", "Invoices.")
