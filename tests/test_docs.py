"""README and docs: every block of Python runs, and the tables are complete."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from llama_index_instrumentation import get_dispatcher
from PIL import Image

from got_loaders import (
    EngineConfig,
    GotOcrLoader,
    GotOcrReader,
    OcrResult,
    ReadOptions,
    errors,
)
from got_loaders.cli import main, parser
from got_loaders.pipeline import tiling
from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from tests.doc_tables import DOCS, with_tables
from tests.server.running import RunningServer, running_server

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(python|bash)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \|", re.MULTILINE)


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """Language, remark and code of each fenced block; line numbers are those of the page."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start(3))
        yield match[1], match[2].strip(), "\n" * line + match[3]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the docs speak of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    sample: Any = importlib.import_module("sample_pages")
    (tmp_path / "scans").mkdir()
    for folder in (tmp_path, tmp_path / "scans"):
        sample.write_scan(folder / "scan.pdf")
        sample.write_image(folder / "notice.png")
    sample.write_image(tmp_path / "page1.png", sample.REPORT[0])
    return tmp_path


@pytest.fixture(scope="module")
def _server() -> Iterator[RunningServer]:
    """What got-loaders serve starts, with a key."""
    settings = ServerSettings(port=0, api_keys=("the-key-of-the-docs",))
    with running_server(FakeEngine("## Annual Report"), settings) as server:
        yield server


@pytest.fixture
def server_url(_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the server is that some pages speak to; its key is in the environment."""
    monkeypatch.setenv("GOT_LOADERS_API_KEY", _server.state.settings.api_keys[0])
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return _server.url


@pytest.fixture
def _listeners() -> Iterator[None]:
    """LlamaIndex keeps listeners for the process: those of a page would hear of other tests."""
    handlers = get_dispatcher().event_handlers
    before = list(handlers)
    yield
    handlers[:] = before


@pytest.mark.usefixtures("_listeners")
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_code_runs(page: Path, files: Path, request: pytest.FixtureRequest) -> None:
    """What a page shows can be copied and run, block after block."""
    if page.stem.startswith("ray"):  # and what is imported warns of itself, which is passed over
        module = "ray.serve" if page.stem == "ray-serve" else "ray.data"
        pytest.importorskip(module, reason="Ray is not installed: got-loaders[ray,ray-serve]")
    names: dict[str, object] = {"__name__": "docs"}
    for language, remark, code in blocks(page):
        if remark == "{server}":
            code = code.replace("http://127.0.0.1:8000", request.getfixturevalue("server_url"))
        if language == "bash":
            for line in code.split("\n"):
                assert not line or main(shlex.split(line)[1:]) == 0, line
            continue
        compiled = compile(code, str(page), "exec")
        if remark != "{weights}":
            exec(compiled, names)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_page_starts_with_code(page: Path) -> None:
    """A page shows what to do before it explains; links within the docs lead somewhere."""
    text = page.read_text(encoding="utf-8")
    assert text.find("```") < text.find("\n## ") or "\n## " not in text
    assert next(blocks(page))[1] != "{weights}"
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (page.parent / link).exists(), link


def table(page: str, heading: str, end: str = "\n## ") -> dict[str, str]:
    """First column → second column of the tables under a heading."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    part = text.partition(heading)[2].partition(end)[0]
    return dict(ROW.findall(part))


@pytest.mark.parametrize(
    ("values", "heading"),
    [(ReadOptions, "## The options"), (EngineConfig, "## The engine's options")],
)
def test_every_option_is_documented(values: type, heading: str) -> None:
    """Each option has a row, with its default."""
    rows = table("options.md", heading)
    defaults = {f.name: f.default for f in fields(values) if f.default is not MISSING}
    assert {n: d.strip("`") for n, d in rows.items()} == {
        name: json.dumps(d) if isinstance(d, str) else repr(d) for name, d in defaults.items()
    }


@pytest.mark.parametrize("page", ["options.md", "command-line.md"])
def test_the_tables_of_options_and_flags_are_made_of_the_code(page: str) -> None:
    """An option is described where it is defined; ``python -m tests.doc_tables`` copies it here."""
    assert (DOCS / page).read_text(encoding="utf-8") == with_tables(page)


def test_the_table_of_tiles_is_the_code_s() -> None:
    """The table that decides about tiles is the one in the module."""
    text = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    assert tiling.__doc__ is not None
    documented = re.findall(r"^\| (?!page|---)(.*?) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    rows = [row for row in documented if "→" in row[2] or "A4" in row[2]]
    assert len(rows) == 3
    code = " ".join(tiling.__doc__.split())
    for example in ", ".join(row[2] for row in rows).split(", "):
        assert example in code


def test_every_metadata_key_is_documented(files: Path) -> None:
    """Each key that a Document of either framework carries has a row."""
    rows = table("metadata.md", "# Metadata")
    Image.new("RGB", (300, 300), "white").save("blank.png")
    sources = ["scan.pdf", "blank.png", "missing.pdf"]
    box = (10, 10, 500, 700)
    found: set[str] = set()
    for document in GotOcrLoader(sources, model="tiny", box=box, on_error="keep").lazy_load():
        found |= set(document.metadata)
    reader = GotOcrReader(model="tiny", multi_page=2, pages="1-2", max_new_tokens=5)
    for node in reader.load_data("scan.pdf"):
        found |= set(node.metadata)
    looping = FakeEngine(OcrResult(text="la", finish_reason="repetition"))
    for mode in ("single", "region"):
        for document in GotOcrLoader("scan.pdf", engine=looping, mode=mode).lazy_load():
            found |= set(document.metadata)
    assert found <= set(rows)
    assert {"page_last", "error", "x0", "file_type", "ocr_origin"} <= found
    assert {"region_index", "region_type", "ocr_ref", "ocr_retried"} <= found


def test_every_error_is_documented() -> None:
    """The tree of errors is the one in the module."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert errors.__doc__ is not None
    tree = errors.__doc__.partition("::\n\n")[2].partition("\n\n")[0]
    assert "\n".join(line.removeprefix("    ") for line in tree.splitlines()) in text


def test_every_flag_is_documented() -> None:
    """Each flag of the command line has a row, and no row is about one that isn't there."""
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    flags = set(re.findall(r"--[a-z][a-z-]+", text.partition("| flag |")[2].partition("\n\n")[0]))
    commands: Any = parser()._subparsers
    read = commands._group_actions[0].choices["read"]
    known = {flag for flag in read._option_string_actions if flag.startswith("--")} - {"--help"}
    assert flags == known
