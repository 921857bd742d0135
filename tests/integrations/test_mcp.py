"""The MCP server: the same tools, for any client that speaks the protocol."""

from __future__ import annotations

import asyncio
import base64
import importlib
import io
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import (
    BlobResourceContents,
    CallToolResult,
    ReadResourceResult,
    TextContent,
    TextResourceContents,
)
from PIL import Image

from got_loaders import OcrResult
from got_loaders.cli import main
from got_loaders.integrations.mcp import mcp_server
from got_loaders.integrations.mcp.server import DocumentServer
from got_loaders.testing import FakeEngine
from tests.fakes import HeldEngine
from tests.pages import making
from tests.sources.test_root import ESCAPES, root

__all__ = ["root"]

TOOLS = ["list_documents", "describe_pages", "list_regions", "read_document", "read_region"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a PDF of three pages."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one", "two", ""))
    return tmp_path


def text_of(result: CallToolResult) -> str:
    """All that the model is told."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def size(result: ReadResourceResult) -> tuple[int, int]:
    """Of a picture."""
    (content,) = result.contents
    assert isinstance(content, BlobResourceContents)
    assert content.mime_type == "image/png"
    return Image.open(io.BytesIO(base64.b64decode(content.blob))).size


def call(folder: Path, engine: FakeEngine, tool: str, /, **arguments: Any) -> CallToolResult:
    """One call to a server for one folder, in this process."""

    async def talk() -> CallToolResult:
        async with Client(mcp_server([folder], engine=engine)) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(talk())


def test_a_real_client_reads_over_standard_input_and_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``got-loaders mcp FOLDER`` answers it, page by page, with the embedded model."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "examples"))
    importlib.import_module("sample_pages").write_scan(tmp_path / "scan.pdf")
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "got_loaders.cli", "mcp", str(tmp_path), "--model", "tiny"],
        cwd=Path(__file__).parents[2],
        env={"OMP_NUM_THREADS": "1"},  # else torch's threads wait for each other beside other tests
    )
    heard: list[tuple[float, float | None, str | None]] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async def talk() -> None:
        async with Client(server) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
            listed = await client.call_tool("list_documents", {})
            assert text_of(listed) == "scan.pdf"
            described = await client.call_tool("describe_pages", {"source": "scan.pdf"})
            assert text_of(described).startswith("scan.pdf: 3 pages\npage 1: 595 x 842 pt, ")
            read = await client.call_tool(
                "read_document", {"source": "scan.pdf", "pages": "1-2"}, progress_callback=watch
            )
            assert "==> scan.pdf, page 1 of 3 <==\n# Annual Report" in text_of(read)
            assert "| Wheel |" in text_of(read)
            regions = text_of(
                await client.call_tool("list_regions", {"source": "scan.pdf", "page": 2})
            )
            (table,) = [line for line in regions.splitlines() if "table" in line]
            edges = map(float, table.partition(": ")[2].split(", "))
            box = dict(zip(("x0", "y0", "x1", "y1"), edges, strict=True))
            part = await client.call_tool("read_region", {"source": "scan.pdf", "page": 2, **box})
            assert "| Part |" in text_of(part)
            assert "Spare Parts" not in text_of(part)
            assert part.structured_content is not None
            assert "| Part |" in part.structured_content["texts"][0]["text"]
            (resource,) = (await client.list_resources()).resources
            uri = resource.uri.replace("document:///", "document-page:///2/")
            assert max(size(await client.read_resource(uri))) == 1568
            refused = await client.call_tool("read_document", {"source": "../scan.pdf"})
            assert refused.is_error
            assert "outside of the folder" in text_of(refused)

    asyncio.run(talk())
    assert heard == [(1, 2, "page 1"), (2, 2, "page 2")]


def test_the_server_ends_when_its_client_leaves(folder: Path) -> None:
    """Nothing is left running, and nothing but the protocol is written to standard output."""
    command = [sys.executable, "-m", "got_loaders.cli", "mcp", str(folder), "--model", "tiny"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_program_s_messages_go_where_it_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is made in a program leaves its logging as it is."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    mcp_server([folder], engine=FakeEngine("text"))
    assert (root.handlers, root.level) == ([], logging.WARNING)


def test_the_command_says_its_warnings_once_and_as_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As those of the other commands are said."""
    log = logging.getLogger("got_loaders.pages")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(DocumentServer, "run", lambda _self: log.warning("a.pdf: it is odd"))
    assert main(["mcp", str(folder)], engine=FakeEngine("text")) == 0
    assert capsys.readouterr().err == "got-loaders: a.pdf: it is odd\n"


def test_every_tool_and_argument_is_described(folder: Path) -> None:
    """The model must know what to pass; the context is none of its business."""

    async def talk() -> Any:
        async with Client(mcp_server([folder], engine=FakeEngine())) as client:
            assert client.instructions is not None
            assert "data" in client.instructions
            return (await client.list_tools()).tools

    for tool in asyncio.run(talk()):
        assert tool.description
        assert tool.annotations.read_only_hint
        properties = tool.input_schema["properties"]
        assert "context" not in properties
        assert all(value["description"] for value in properties.values())


def test_blank_pages_and_failures_are_told(folder: Path) -> None:
    """In their place."""
    engine = FakeEngine(RuntimeError("no room in /home/me/secret"))
    result = call(folder, engine, "read_document", source="a.pdf")
    assert not result.is_error
    assert text_of(result) == (
        "==> a.pdf, page 1 of 3 <==\n[not read: a.pdf, page 1: no room in …]\n\n"
        "==> a.pdf, page 2 of 3 <==\n[not read: a.pdf, page 2: no room in …]\n\n"
        "==> a.pdf, page 3 of 3 <==\n[nothing to read here]"
    )


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("read_document", {"source": "b.pdf"}, "b.pdf: there is no such file"),
        ("read_document", {"source": "a.pdf", "pages": "7"}, "the document has 3 pages"),
        ("read_document", {"source": "http://127.0.0.1/a.pdf"}, "URLs may not be read here"),
        ("read_document", {"source": "a.pdf", "output": "docx"}, "output"),
        ("read_document", {}, "source"),
        ("list_regions", {"source": "a.pdf", "page": 0}, "page"),
        ("list_documents", {"folder": "/"}, "outside"),
        (
            "read_region",
            {"source": "a.pdf", "page": 1, "x0": 9, "y0": 0, "x1": 3, "y1": 1},
            "expected x0 < x1",
        ),
    ],
)
def test_errors_are_told_to_the_model(
    folder: Path, tool: str, arguments: dict[str, Any], told: str
) -> None:
    """It can do better next time; the server goes on."""
    result = call(folder, FakeEngine(), tool, **arguments)
    assert result.is_error
    assert told in text_of(result)
    assert str(folder) not in text_of(result)


@pytest.mark.parametrize("path", ESCAPES)
def test_no_path_leads_out_of_the_folders(root: Path, path: str) -> None:
    """Whatever the model was talked into asking for; nothing is read."""
    engine = FakeEngine()
    given = path.format(root=root, outside=root.parent)
    for folders in ([root], [root, root / "sub"]):
        for name in (given, f"root/{given}"):

            async def talk(folders: list[Path] = folders, name: str = name) -> CallToolResult:
                async with Client(mcp_server(folders, engine=engine)) as client:
                    return await client.call_tool("read_document", {"source": name})

            assert asyncio.run(talk()).is_error
    assert engine.requests == []


def test_calls_at_the_same_time_get_their_own_answers(folder: Path) -> None:
    """A client need not wait for one to ask the next."""
    engine = FakeEngine("text")

    async def talk() -> list[CallToolResult]:
        async with Client(mcp_server([folder], engine=engine)) as client:
            asked = [{"source": "a.pdf", "pages": str(page)} for page in (1, 2, 3)] * 5
            calls = [client.call_tool("read_document", arguments) for arguments in asked]
            return await asyncio.gather(*calls)

    for number, result in enumerate(asyncio.run(talk())):
        assert text_of(result).startswith(f"==> a.pdf, page {number % 3 + 1} of 3 <==")


def test_a_call_that_is_given_up_leaves_the_engine(folder: Path) -> None:
    """The client's cancelling cancels the pages that are queued; the server goes on."""
    engine = HeldEngine(answers_first=False)

    async def talk() -> CallToolResult:
        async with Client(mcp_server([folder], engine=engine)) as client:
            call = asyncio.ensure_future(client.call_tool("read_document", {"source": "a.pdf"}))
            await engine.asked(2)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            async with asyncio.timeout(60):
                while not all(engine.cancelled):
                    await asyncio.sleep(0.005)
            return await client.call_tool("describe_pages", {"source": "a.pdf"})

    assert text_of(asyncio.run(talk())).startswith("a.pdf: 3 pages")
    assert engine.cancelled == [True, True]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_programs_get_values_beside_the_text(folder: Path, mode: str) -> None:
    """Each tool says what they look like; pages count from 1, and flags say how a reading went."""
    engine = FakeEngine(OcrResult(text="half a", finish_reason="length", confidence=0.5))

    async def talk() -> list[Any]:
        async with Client(mcp_server([folder], engine=engine), mode=mode) as client:
            tools = (await client.list_tools()).tools
            assert all(tool.output_schema["properties"] for tool in tools if tool.output_schema)
            assert all(tool.output_schema for tool in tools)
            box = {"source": "a.pdf", "page": 1, "x0": 0, "y0": 0, "x1": 100, "y1": 60}
            calls: list[tuple[str, dict[str, Any]]] = [
                ("list_documents", {}),
                ("describe_pages", {"source": "a.pdf"}),
                ("list_regions", {"source": "a.pdf", "page": 1}),
                ("read_document", {"source": "a.pdf"}),
                ("read_region", box),
            ]
            answers = [await client.call_tool(name, arguments) for name, arguments in calls]
            return [answer.structured_content for answer in answers]

    listed, pages, regions, texts, part = asyncio.run(talk())
    assert listed == {"documents": ["a.pdf"], "more": False}
    assert pages["total_pages"] == 3
    assert [page["origin"] for page in pages["pages"]] == ["text_layer", "text_layer", "blank"]
    size = {"page": 1, "label": "1", "width": 200, "height": 100, "unit": "pt"}
    assert pages["pages"][0].items() >= size.items()
    assert regions["regions"][0].keys() == {"number", "type", "x0", "y0", "x1", "y1"}
    read = {"text": "half a", "origin": "ocr", "complete": False, "confidence": 0.5}
    assert texts["texts"][1] == {"page": 2, "label": "2", **read}
    blank = {"page": 3, "label": "3", "text": "", "origin": "blank", "complete": True}
    assert texts["texts"][2] == blank
    assert part["texts"] == [{"page": 1, "label": "1", **read} | part_box(100, 60)]


def part_box(right: float, bottom: float) -> dict[str, float]:
    """From the page's corner."""
    return {"x0": 0, "y0": 0, "x1": right, "y1": bottom}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_documents_are_resources(root: Path, mode: str) -> None:
    """Listed as they are now, read as text, page by page as pictures; and no more is offered."""
    (root / "sub" / "ä b?#%.pdf").write_bytes(making.pdf("one"))
    (root / ".hidden.pdf").write_bytes(making.pdf("secret"))

    async def talk() -> None:
        async with Client(mcp_server([root], engine=FakeEngine("read")), mode=mode) as client:
            offered = client.server_capabilities
            assert (offered.prompts, offered.tools is None) == (None, False)
            assert offered.resources is not None
            assert not offered.resources.list_changed
            before = {r.uri: r.name for r in (await client.list_resources()).resources}
            uri = "document:///sub/%C3%A4%20b%3F%23%25.pdf"
            assert before[uri] == "sub/ä b?#%.pdf"
            assert not [name for name in before.values() if "hidden" in name or "link" in name]
            (found,) = (await client.read_resource(uri)).contents
            assert isinstance(found, TextResourceContents)
            assert found.text == "==> sub/ä b?#%.pdf, page 1 of 1 <==\nread"
            picture = uri.replace("document:///", "document-page:///-1/")
            assert size(await client.read_resource(picture)) == (556, 278)
            (root / "sub" / "ä b?#%.pdf").unlink()
            after = {r.uri for r in (await client.list_resources()).resources}
            assert before.keys() - after == {uri}
            for wrong, told in [
                (uri, "there is no such file"),
                ("document:///../secret.pdf", "outside of the folder"),
                ("document-page:///1/..%2Fsecret.pdf", "outside of the folder"),
                ("document-page:///1//etc/passwd", "outside of the folder"),
                ("document-page:///1/a%00.pdf", "Unknown resource"),
                ("document:///sub", "it is a folder"),
            ]:
                with pytest.raises(MCPError, match=told) as error:
                    await client.read_resource(wrong)
                assert error.value.code == -32602
                assert str(root) not in str(error.value)

    asyncio.run(talk())


def test_a_long_document_s_resource_is_its_beginning(folder: Path) -> None:
    """The end says how many more pages there are; a page that isn't there, how many there are."""

    async def talk() -> None:
        server = mcp_server([folder], engine=FakeEngine("read"), max_pages=2)
        async with Client(server) as client:
            (found,) = (await client.read_resource("document:///a.pdf")).contents
            assert isinstance(found, TextResourceContents)
            assert found.text.endswith("\n\n[1 more pages, from 3: read_document reads them]")
            for page, told in [("4", "has 3 pages"), ("1-2", "one page's number"), ("0", "from 1")]:
                with pytest.raises(MCPError, match=told):
                    await client.read_resource(f"document-page:///{page}/a.pdf")

    asyncio.run(talk())


def test_many_documents_are_listed_in_parts(tmp_path: Path) -> None:
    """Each once, whatever comes or goes meanwhile."""
    for number in range(1100):
        (tmp_path / f"{number:04}.pdf").touch()

    async def talk() -> None:
        async with Client(mcp_server([tmp_path], engine=FakeEngine())) as client:
            names, cursor, answers = list[str](), None, 0
            while answers == 0 or cursor is not None:
                listed = await client.list_resources(cursor=cursor)
                names += [resource.name for resource in listed.resources]
                cursor = listed.next_cursor
                answers += 1
                (tmp_path / f"{answers:04}.pdf").unlink()
            assert (answers, len(names)) == (3, 1100)
            assert names == [f"{number:04}.pdf" for number in range(1100)]
            with pytest.raises(MCPError, match="no such cursor"):
                await client.list_resources(cursor="9")

    asyncio.run(talk())


def test_what_is_added_to_the_server_is_offered_too(folder: Path) -> None:
    """A prompt, a resource and a tool of the program's own."""
    server = mcp_server([folder], engine=FakeEngine())

    @server.prompt()
    def summary() -> str:
        return "Sum up."

    @server.resource("notes://all")
    def notes() -> str:
        return "none"

    @server.tool()
    def count(text: str) -> int:
        return len(text)

    async def talk() -> None:
        async with Client(server) as client:
            assert client.server_capabilities.prompts is not None
            assert len((await client.list_prompts()).prompts) == 1
            uris = [resource.uri for resource in (await client.list_resources()).resources]
            assert uris == ["notes://all", "document:///a.pdf"]
            assert text_of(await client.call_tool("count", {"text": "abc"})) == "3"
            missing = await client.call_tool("read_documents", {})
            assert missing.is_error
            assert text_of(missing) == (
                "read_documents: there is no such tool; did you mean read_document?"
            )

    asyncio.run(talk())


def test_a_folder_that_is_not_there_is_an_error_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not at the first call, when nobody looks; a wrong option, too."""
    assert main(["mcp", str(tmp_path / "nowhere")]) == main(["mcp", "~nobody-here/x"]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert main(["mcp", str(tmp_path), "--max-pages", "0"]) == 2
    assert "--max-pages 0" in capsys.readouterr().err


def test_a_missing_sdk_names_the_extra() -> None:
    """The message says what to install."""
    code = (
        "import sys; sys.modules['mcp'] = sys.modules['pydantic'] = None\n"
        "from got_loaders.cli import main\n"
        "sys.exit(main(['mcp', '.']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert 'pip install "got-loaders[mcp]"' in done.stderr
