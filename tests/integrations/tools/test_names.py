"""Names that agents spell otherwise than the files do."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from got_loaders import GotOcrTool, GotOcrToolkit, GotOcrToolSpec
from got_loaders.errors import GotLoadersError, OptionError, SourceError
from got_loaders.integrations.mcp import mcp_server
from got_loaders.integrations.tools import DocumentTools
from got_loaders.integrations.tools.names import matching_names, similar_names
from got_loaders.testing import FakeEngine
from tests.pages import making

NFD = unicodedata.normalize("NFD", "Jürgen.pdf")
FILES = [
    NFD,
    "Screenshot 3.04\u202fPM.pdf",
    "sub/x.pdf",
    "sub/deep/Größe – neu.pdf",
    "2026/may.pdf",
    "2025/may.pdf",
    "report (1).pdf",
    "Bob\u2019s.pdf",
    "a\nb.pdf",
    "100%25.pdf",
    "logo.png",
    "logo.pdf",
]

FOUND = {
    "Jürgen.pdf": NFD,
    NFD: NFD,
    "jürgen.PDF": NFD,
    "Screenshot 3.04 PM.pdf": "Screenshot 3.04\u202fPM.pdf",
    "screenshot 3.04\u00a0pm.pdf": "Screenshot 3.04\u202fPM.pdf",
    "Screenshot%203.04%20PM.pdf": "Screenshot 3.04\u202fPM.pdf",
    "Screenshot  3.04\tPM.pdf ": "Screenshot 3.04\u202fPM.pdf",
    "x.pdf": "sub/x.pdf",
    "./x.pdf": "sub/x.pdf",
    "sub\\x.pdf": "sub/x.pdf",
    "SUB//X.pdf": "sub/x.pdf",
    "Größe - neu.pdf": "sub/deep/Größe – neu.pdf",
    "deep/grösse — neu": "sub/deep/Größe – neu.pdf",
    '"sub/x.pdf"': "sub/x.pdf",
    " 'report (1).pdf' ": "report (1).pdf",
    "`report (1).pdf`": "report (1).pdf",
    "“report (1).pdf”": "report (1).pdf",
    "report (1)": "report (1).pdf",
    "report\u200b (1).pdf": "report (1).pdf",
    "report (1).pdf.": "report (1).pdf",
    "Bob's.pdf": "Bob\u2019s.pdf",
    "a\\nb.pdf": "a\\nb.pdf",
    "100%25.pdf": "100%25.pdf",
}

SUGGESTED = {
    "may.pdf": ["2026/may.pdf", "2025/may.pdf"],
    "2024/may.pdf": ["2026/may.pdf", "2025/may.pdf"],
    "Jurgen.pdf": [NFD],
    "sub/y.pdf": ["sub/x.pdf"],
    "reprot (1).pdf": ["report (1).pdf"],
    "logo": ["logo.png", "logo.pdf"],
    "sub/x.docx": ["sub/x.pdf"],
    "/x.pdf": ["sub/x.pdf"],
    "../sub/x.pdf": ["sub/x.pdf"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files, in a folder beside one that nobody may read."""
    for name in FILES:
        path = tmp_path / "scans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(making.pdf("one"))
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "secret.pdf").write_bytes(making.pdf("secret"))
    (tmp_path / "scans" / "link.pdf").symlink_to(tmp_path / "secret" / "secret.pdf")
    return tmp_path / "scans"


def tools(*folders: Path) -> DocumentTools:
    """For these folders."""
    if len(folders) > 1:
        return DocumentTools(None, {}, folders=folders, engine=FakeEngine("READ"))
    return DocumentTools(None, {"root": folders[0]}, engine=FakeEngine("READ"))


def test_the_one_that_is_meant_is_found(folder: Path) -> None:
    """Where there is no other; the answer has the file's own name."""
    library = tools(folder)
    for asked, name in FOUND.items():
        text = library.read_document(asked).run().text
        assert text == f"==> {name}, page 1 of 1 <==\nREAD", asked


def test_documents_have_the_same_ids_however_they_are_asked_for(folder: Path) -> None:
    """And the same source, which is no full path."""
    library = tools(folder)
    exact, spelled = (library.read_document(name).run().records for name in (NFD, "jürgen.pdf"))
    assert spelled[0].id == exact[0].id
    assert spelled[0].metadata["source"] == NFD


def test_what_may_be_meant_is_suggested(folder: Path) -> None:
    """Where there are several, or where names are only alike; nothing is read then."""
    library = tools(folder)
    for asked, names in SUGGESTED.items():
        with pytest.raises(SourceError) as caught:
            library.read_document(asked)
        error = str(caught.value)
        assert error.startswith(f"{asked}: "), asked
        assert "did you mean " in error, asked
        assert all(name in error for name in names), (asked, error)
        assert error.endswith("? See list_documents")
        assert str(folder) not in error


@pytest.mark.parametrize(
    "name", ["secret.pdf", "../secret/secret.pdf", "link.pdf", "{up}/secret/secret.pdf", "Link.PDF"]
)
def test_nothing_outside_is_found_or_suggested(folder: Path, name: str) -> None:
    """However it is spelled; the answer is the same whether something is there or not."""
    errors = []
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            tools(folder).read_document(name.format(up=folder.parent))
        errors.append(str(caught.value))
        (folder.parent / "secret" / "secret.pdf").unlink(missing_ok=True)
    assert errors[0] == errors[1]
    assert "did you mean secret" not in errors[0]
    assert "did you mean link" not in errors[0]


def test_names_in_several_folders(folder: Path, tmp_path: Path) -> None:
    """The folder's own name may be missing, or spelled otherwise."""
    (tmp_path / "bills").mkdir()
    (tmp_path / "bills" / "June.pdf").write_bytes(making.pdf("one"))
    library = tools(folder, tmp_path / "bills")
    for asked in ("June.pdf", "june", "Bills/june.pdf", f"{tmp_path}/bills/JUNE.pdf"):
        assert library.read_document(asked).run().text.startswith("==> bills/June.pdf, page 1")
    with pytest.raises(SourceError, match=r"names begin with .*; did you mean bills/June\.pdf"):
        library.read_document("jnue.pdf")


def test_the_folder_s_own_name_may_be_there(folder: Path) -> None:
    """An agent that was told of "scans" says so."""
    assert tools(folder).read_document("scans/sub/x.pdf").run().text.startswith("==> sub/x.pdf")
    full = f"{folder}/jürgen.pdf"
    assert tools(folder).read_document(full).run().text.startswith(f"==> {NFD}")


def test_folders_are_found_as_files_are(folder: Path) -> None:
    """A missing one is no document."""
    library = tools(folder)
    assert library.list_documents("SUB/") == library.list_documents("sub")
    assert library.list_documents("deep") == "sub/deep/Größe – neu.pdf"
    for asked in ("sbu", "missing", "2027"):
        with pytest.raises(
            SourceError, match=f"^{asked}: there is no such folder; .*list_documents"
        ):
            library.list_documents(asked)
    with pytest.raises(SourceError, match=r"^Sub: there is|^sub: it is a folder; .*sub/x\.pdf"):
        library.read_document("Sub")


def test_a_list_is_a_name_a_line(folder: Path) -> None:
    """What would break it, or steer a terminal, is written out; each can be asked for."""
    (folder / "\x1b[31mred.pdf").write_bytes(making.pdf("one"))
    Path(os.fsdecode(os.fsencode(folder) + b"/n\xff.pdf")).write_bytes(making.pdf("one"))
    library = tools(folder)
    names = library.list_documents().splitlines()
    assert len(names) == len(FILES) + 2
    assert {"a\\nb.pdf", "\\x1b[31mred.pdf", "n\\xff.pdf"} <= set(names)
    for name in names:
        assert library.read_document(name).run().text.startswith(f"==> {name}, page 1"), name


def test_a_name_that_steers_a_terminal_comes_back_written_out(folder: Path) -> None:
    """Also to whoever asks by the name as it is on the disk."""
    (folder / "\x1b[31mred\n.pdf").write_bytes(making.pdf("one"))
    library, name = tools(folder), "\x1b[31mred\n.pdf"
    for call in (library.read_document(name), library.describe_pages(name)):
        text = call.run().text
        assert "\\x1b[31mred\\n.pdf" in text
        assert "\x1b" not in text


Ask = Callable[[Path, str], str]


def ask_tool(folder: Path, name: str) -> str:
    """LangChain's tool."""
    tool = GotOcrTool(root=folder, engine=FakeEngine("READ"))
    call = {"name": tool.name, "args": {"source": name}, "id": "1", "type": "tool_call"}
    return str(tool.invoke(call).content)


def ask_toolkit(folder: Path, name: str) -> str:
    """Another tool of LangChain's toolkit."""
    tool = GotOcrToolkit(root=folder, engine=FakeEngine("READ")).get_tools()[1]
    return str(tool.invoke({"source": name}))


def ask_tool_spec(folder: Path, name: str) -> str:
    """LlamaIndex's tools."""
    spec = GotOcrToolSpec(root=folder, engine=FakeEngine("READ"))
    try:
        return spec.read_document(name)
    except GotLoadersError as error:
        return str(error)


def ask_mcp(folder: Path, name: str) -> str:
    """The MCP server."""

    async def ask() -> str:
        server = mcp_server([folder], engine=FakeEngine("READ"))
        async with Client(server) as client:
            result: Any = await client.call_tool("read_document", {"source": name})
            return str(result.content[0].text)

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [ask_tool, ask_toolkit, ask_tool_spec, ask_mcp])
def test_every_adapter_helps(folder: Path, ask: Ask) -> None:
    """What is meant is found, and what may be meant told to the model."""
    assert NFD in ask(folder, "Jürgen.pdf")
    assert "there is no such" not in ask(folder, "Jürgen.pdf")
    assert f"did you mean {NFD}? See list_documents" in ask(folder, "Jurgen.pdf")
    assert "there is no such file; see list_documents" in ask(folder, "qqqqqqqq")


@pytest.mark.parametrize("adapter", [GotOcrTool, GotOcrToolkit, GotOcrToolSpec])
def test_a_folder_that_is_missing_is_told_where_the_tool_is_made(
    adapter: Any, tmp_path: Path
) -> None:
    """Not to an agent that can do nothing about it; should it go later, the agent is told that."""
    with pytest.raises(OptionError, match=r"root='.*missing': there is no such folder"):
        adapter(root=tmp_path / "missing", engine=FakeEngine("READ"))
    (tmp_path / "there").mkdir()
    library = tools(tmp_path / "there")
    (tmp_path / "there").rmdir()
    with pytest.raises(SourceError, match="the folder that may be read from is not there"):
        library.list_documents()


def test_names_are_compared_in_the_strictest_way_first() -> None:
    """Two that differ by capitals alone are told apart."""
    names = ["A.pdf", "a.pdf", "b/a.pdf"]
    assert matching_names("a.pdf", names) == ["a.pdf"]
    assert matching_names(" A.pdf", names) == ["A.pdf"]
    assert matching_names("b.pdf", names) == []
    assert matching_names("", names) == []
    assert matching_names('""', names) == []
    assert similar_names("", names) == []
