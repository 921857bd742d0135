"""The rules of the design, each as a test: what may import what, and how large things may be."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import got_loaders

ROOT = Path(got_loaders.__file__).parents[1]
PACKAGE = ROOT / "got_loaders"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(p for p in (ROOT / "tests").rglob("test_*.py"))

LAYERS = (
    {"errors"},
    {"types", "stream"},
    {"web", "store", "waiting"},
    {"options", "testing", "markup"},
    {"patches", "sources", "blank", "progress", "layout", "provenance", "sheets"},
    {"texts", "metadata"},
    {"pages", "engine", "documents"},
    {"views", "slots", "serialised", "engine_source", "downloads"},
    {"regions", "read_engine"},
    {"rescue"},
    {"asking"},
    {"feed"},
    {"pipeline"},
    {"agents"},
    {"langchain", "llama_index", "mcp", "doctor"},
    {"cli"},
)
"""A module imports from layers above its own line here, or from its own folder."""

APART = {
    "markup": {"errors", "types", "options", "testing"},
    "engine": {"options", "testing", "sources", "blank"},
    "pages": {"testing", "markup", "patches", "blank", "layout"},
    "layout": {"options", "testing", "markup", "sources"},
    "documents": {"testing", "patches", "blank", "progress"},
    "texts": {"testing", "patches", "blank", "progress", "layout"},
    "views": {"engine", "documents"},
    "regions": {"engine", "documents"},
    "rescue": {"engine", "documents"},
    "asking": {"engine", "documents"},
    "serialised": {"pages", "documents"},
    "store": {"web"},
    "downloads": {"engine", "documents", "pages"},
    "read_engine": {"pages", "documents", "sources", "web"},
    "feed": {"engine", "documents"},
    "pipeline": {"documents"},
}
"""What a part must not know although it stands lower."""

HOMES = {
    "torch": {"engine", "layout"},
    "transformers": {"engine", "layout"},
    "tokenizers": {"engine"},
    "numba": {"engine"},
    "llvmlite": {"engine"},
    "pymupdf": {"pages"},
    "pymupdf4llm": {"pages"},
    "pygments": {"markup"},
    "httpx": {"web"},
    "platformdirs": {"store"},
    "langchain_core": {"langchain"},
    "llama_index": {"llama_index"},
    "mcp": {"mcp"},
    "pydantic": {"agents", "langchain", "llama_index", "mcp"},
}
"""The only parts that may import a heavy package; of the layout only its detector may."""

TORCH_FREE = {
    *("__init__", "config", "local", "loop", "preprocess"),
    *("prompt", "repetition", "replicas", "room", "rows", "scheduler", "sequence", "shared"),
}
"""The engine's modules above the runner."""


def part(path: Path) -> str:
    """``got_loaders/pages/pdf/document.py`` → ``pages``; ``got_loaders/cli.py`` → ``cli``."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module that is imported anywhere in a file, but for type checkers only."""
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            pending.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            if node.module in ("got_loaders", "got_loaders.engine"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        pending.extend(ast.iter_child_nodes(node))


def ours(path: Path) -> set[str]:
    """The parts of the library that a file imports, its own left out."""
    names = (name.split(".") for name in imports(path) if name.startswith("got_loaders."))
    return {name[1] for name in names if not name[1].startswith("__")} - {part(path)}


def layer(name: str) -> int:
    """The number of a part's layer; a new part must be given one."""
    return next(n for n, parts in enumerate(LAYERS) if name in parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    """Adapters know the pipeline, the pipeline knows pages and engine, those know the values."""
    if path.parent == PACKAGE and path.name == "__init__.py":
        assert ours(path) == set()
        return
    for other in ours(path):
        assert layer(other) < layer(part(path)), f"{path.name} imports {other}"
        assert other not in APART.get(part(path), ()), f"{path.name} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_packages_stay_at_home(path: Path) -> None:
    """torch lives in the engine, PyMuPDF in the pages, a framework in its adapter."""
    found = {name.split(".")[0] for name in imports(path)} & set(HOMES)
    assert all(part(path) in HOMES[name] for name in found), found
    if path.stem in TORCH_FREE or (part(path) == "layout" and path.stem != "detector"):
        assert "torch" not in found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_are_short_and_print_nothing(path: Path) -> None:
    """250 lines at most; only the command line prints."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
    prints = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]
    assert part(path) == "cli" or not prints


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.name)
def test_every_test_is_a_promise(path: Path) -> None:
    """Every test says in its docstring what a user can rely on."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, functions)]
    silent = [n.name for n in nodes if n.name.startswith("test_") and not ast.get_docstring(n)]
    assert silent == []


IMPORT = """
import json, sys
before = set(sys.modules)
import got_loaders
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_import_is_light() -> None:
    """Importing the library loads no other package, and of its own no module but the first."""
    done = subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True, cwd=ROOT)
    loaded = set(json.loads(done.stdout))
    ours = {name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names}
    assert ours == {"got_loaders"}
    assert len(loaded) <= 60
    assert done.stderr == b""


def test_all_names_are_exported() -> None:
    """Every public name resolves, is in ``__all__`` and in ``dir()``, and nothing else is."""
    for name in got_loaders.__all__:
        assert getattr(got_loaders, name) is not None
        assert name in dir(got_loaders)
    assert set(got_loaders._HOME) == set(got_loaders.__all__)
    with pytest.raises(AttributeError, match="no attribute 'GotOcrLoadr'"):
        _ = got_loaders.GotOcrLoadr  # type: ignore[attr-defined,unused-ignore]  # a misspelling


def test_the_wheel_is_complete(tmp_path: Path) -> None:
    """An installed library is typed and brings the embedded checkpoint and its licence."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    names = zipfile.ZipFile(wheel).namelist()
    assert "got_loaders/py.typed" in names
    assert "got_loaders/checkpoints/tiny/model.safetensors" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert all(name.startswith(("got_loaders/", "got_loaders-")) for name in names)
