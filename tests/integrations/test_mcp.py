"""The MCP server: the same tools, for any client that speaks the protocol."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent

from got_loaders.cli import main
from got_loaders.integrations.mcp import mcp_server
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
    )
    heard: list[tuple[float, str | None]] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, message))

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
            refused = await client.call_tool("read_document", {"source": "../scan.pdf"})
            assert refused.is_error
            assert "outside of the folder" in text_of(refused)

    asyncio.run(talk())
    assert heard == [(1, "page 1"), (2, "page 2")]


def test_the_server_ends_when_its_client_leaves(folder: Path) -> None:
    """Nothing is left running, and nothing but the protocol is written to standard output."""
    command = [sys.executable, "-m", "got_loaders.cli", "mcp", str(folder), "--model", "tiny"]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


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
            async with asyncio.timeout(20):
                while not all(engine.cancelled):
                    await asyncio.sleep(0.005)
            return await client.call_tool("describe_pages", {"source": "a.pdf"})

    assert text_of(asyncio.run(talk())).startswith("a.pdf: 3 pages")
    assert engine.cancelled == [True, True]


def test_a_folder_that_is_not_there_is_an_error_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not at the first call, when nobody looks; a wrong option, too."""
    assert main(["mcp", str(tmp_path / "nowhere")]) == main(["mcp", "~nobody-here/x"]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert main(["mcp", str(tmp_path), "--max-pages", "0"]) == 2
    assert "max_pages=0" in capsys.readouterr().err


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
