"""The rules of the design, each as a test: what may import what, and how large things may be."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import got_loaders

ROOT = Path(got_loaders.__file__).parents[1]
PACKAGE = ROOT / "got_loaders"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted(p for p in (ROOT / "tests").rglob("test_*.py"))

ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "_spelling": set(),
    "_hub": {"_spelling", "errors"},
    "_transformers": {"errors"},
    "_lazy": set(),
    "_registry": set(),
    "_memory": set(),
    "_version": set(),
    "_characters": set(),
    "markup": {"_characters"},
    "types": {"errors"},
    "_async": {"types"},
    "_image_ops": set(),
    "testing": {"errors", "types"},
    "sources": {"_image_ops", "_version", "errors", "types"},
    "options": {"_spelling", "errors", "types", "sources"},
    "layout": {"_hub", "_image_ops", "_registry", "_transformers", "errors", "types"},
    "pages": {
        *("_characters", "_image_ops", "_registry", "errors", "types"),
        *("sources", "options", "layout"),
    },
    "engine": {
        *("_hub", "_image_ops", "_memory", "_registry", "_spelling", "_transformers"),
        *("_version", "errors", "types"),
    },
    "cache": {"_registry", "errors", "types"},
    "rendering": {"_characters", "_registry", "errors", "types", "markup", "pages"},
    "results": {
        *("_characters", "markup", "errors", "types", "sources", "options", "pages", "rendering"),
    },
    "pipeline": {
        *("_async", "_image_ops", "_lazy", "_memory", "errors", "types", "sources", "options"),
        *("pages", "engine", "layout", "cache", "results"),
    },
    "documents": {
        *("_async", "_characters", "errors", "types"),
        *("sources", "options", "cache", "results"),
    },
    "report": {
        *("_characters", "_image_ops", "_version", "errors", "types", "sources", "options"),
        *("markup", "pages", "rendering", "cache", "results", "pipeline", "documents"),
    },
    "integrations": {
        *("_async", "_spelling", "_version", "errors", "types", "sources", "options"),
        *("engine", "pipeline", "documents"),
    },
    "server": {
        *("_async", "_version", "_spelling", "errors", "types", "sources", "options"),
        *("pages", "engine", "cache", "results", "pipeline", "documents"),
    },
    "ray": {
        *("_async", "_version", "_registry", "_spelling", "errors", "types", "sources"),
        *("options", "pages", "engine", "cache", "results", "pipeline", "documents"),
        *("integrations", "server"),
    },
    "cli": {
        *("_async", "_hub", "_spelling", "_version", "errors", "types", "sources", "options"),
        *("pages", "engine", "cache", "results", "pipeline", "documents", "integrations"),
        *("markup", "rendering", "report", "server"),
    },
    "__main__": {"cli"},
}
"""What each room, and each loose file, may import beside itself: only what stands above it here."""

HOMES = {
    "torch": {"engine", "layout/detector"},
    "transformers": {"_transformers", "engine", "layout/detector"},
    "tokenizers": {"engine"},
    "numba": {"engine"},
    "llvmlite": {"engine"},
    "triton": {"engine/triton_gpu"},
    "pymupdf": {"pages"},
    "pymupdf4llm": {"pages"},
    "pygments": {"markup"},
    "httpx": {"sources", "engine/remote"},
    "fastapi": {"server"},
    "starlette": {"server"},
    "h11": {"server"},
    "uvicorn": {"server"},
    "prometheus_client": {"server"},
    "markdown_it": {"markup"},
    "rapidfuzz": {"results"},
    "math_core": {"rendering"},
    "verovio": {"rendering"},
    "rdkit": {"rendering"},
    "platformdirs": {"cache", "server/jobs"},
    "langchain_core": {"integrations/langchain"},
    "llama_index": {"integrations/llama_index"},
    "mcp": {"integrations/mcp"},
    "pydantic": {"integrations", "server"},
    "ray": {"ray"},
    "pyarrow": {"ray"},
    "fsspec": {"ray"},
}
"""The only places that may import a heavy package."""

TORCH_FREE = (
    *(
        "__init__",
        "config",
        "model_name",
        "local",
        "step_loop",
        "request_failures",
        "registry",
        "replicated",
        "scheduler",
    ),
    *("sequence", "processor/", "remote/", "repetition/", "draft/", "kv_cache/counts"),
    *("runner/batch_state", "runner/verification"),
)
"""The engine's modules above the runner."""


def room(path: Path) -> str:
    """``got_loaders/pages/pdf/document.py`` → ``pages``; ``got_loaders/errors.py`` → ``errors``."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def place(path: Path) -> str:
    """``got_loaders/pages/pdf/document.py`` → ``pages/pdf/document``."""
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


FOR_CHECKERS = ("TYPE_CHECKING", "_typing.TYPE_CHECKING")
"""What stands below such an ``if`` is not imported when a program runs."""


def imports(path: Path) -> Iterator[str]:
    """Every module that is imported anywhere in a file, but for type checkers only."""
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) in FOR_CHECKERS:
            pending.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name.removeprefix("got_loaders.") in NAMES else node.module or ""
        pending.extend(ast.iter_child_nodes(node))


def module_name(path: Path) -> str:
    """The dotted name of a module of ours."""
    return place(path).replace("/", ".").removesuffix(".__init__")


NAMES = {module_name(path): path for path in MODULES if path != PACKAGE / "__init__.py"}
"""Every module of ours by its name below ``got_loaders``."""


@cache
def our_imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, however deep in it."""
    below = (name.removeprefix("got_loaders.") for name in imports(path))
    return {name for name in below if name in NAMES} - {module_name(path)}


def our_rooms(path: Path) -> set[str]:
    """The rooms that a file imports from, its own left out."""
    return {name.split(".")[0] for name in our_imports(path)} - {room(path)}


def loaded_with(name: str) -> set[str]:
    """All modules of ours that importing this one may load, now or in a function of theirs."""
    seen: set[str] = set()
    pending = {name}
    while pending:
        module = pending.pop()
        seen.add(module)
        parents = {module.rsplit(".", n)[0] for n in range(1, module.count(".") + 1)}
        pending |= (our_imports(NAMES[module]) | parents) - seen
    return seen


def test_the_rooms_are_those_of_the_table() -> None:
    """A new folder or loose file needs a place in the table."""
    assert {room(path) for path in MODULES} - {"__init__"} == set(ROOMS)
    order = list(ROOMS)
    for name, below in ROOMS.items():
        assert all(order.index(other) < order.index(name) for other in below), name


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_imports_go_one_way(path: Path) -> None:
    """Adapters know the pipeline, the pipeline knows pages and engine, those know the values."""
    if path.parent == PACKAGE and path.name == "__init__.py":
        assert our_rooms(path) == set()
        return
    assert our_rooms(path) <= ROOMS[room(path)]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_nothing_is_reached_that_the_table_does_not_allow(name: str) -> None:
    """What a module loads through others, and through their folders, is allowed to it as well."""
    own = name.split(".")[0]
    allowed, pending = {own}, set(ROOMS[own])
    while pending:
        other = pending.pop()
        allowed.add(other)
        pending |= ROOMS[other] - allowed
    assert {module.split(".")[0] for module in loaded_with(name)} <= allowed


@pytest.mark.parametrize("name", ["engine", "layout", "cache", "markup"])
def test_the_ground_floor_loads_values_alone(name: str) -> None:
    """Importing the engine, the layout, the cache or the mark-up loads no room but values."""
    code = f"import sys, got_loaders.{name}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT, text=True
    )
    ours = (module.split(".") for module in done.stdout.split())
    rooms = {module[1] for module in ours if module[0] == "got_loaders" and len(module) > 1}
    leaves = {room for room in ROOMS if room.startswith("_")}
    assert rooms <= {name, "errors", "types"} | leaves


def test_no_module_imports_itself_through_others() -> None:
    """There is no circle of imports, not even one that a function's import puts off."""
    below = {name: our_imports(path) for name, path in NAMES.items()}
    pending = dict(below)
    while pending:
        leaves = {name for name, others in pending.items() if not others & set(pending)}
        assert leaves, sorted(pending)
        pending = {name: others for name, others in pending.items() if name not in leaves}


def test_no_class_name_stands_for_two_things() -> None:
    """A type's name is found in one place."""
    trees = ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES)
    homes: dict[str, list[str]] = {}
    for path, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(place(path))
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_heavy_packages_stay_at_home(path: Path) -> None:
    """torch lives in the engine, PyMuPDF in the pages, a framework in its adapter."""
    heavy = {name.split(".")[0] for name in imports(path)} & set(HOMES)
    for name in heavy:
        assert any(f"{place(path)}/".startswith(f"{home}/") for home in HOMES[name]), name
    if room(path) == "engine" and place(path).removeprefix("engine/").startswith(TORCH_FREE):
        assert "torch" not in heavy


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_modules_are_short_and_print_nothing(path: Path) -> None:
    """250 lines at most; only the command line prints."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
    prints = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]
    assert room(path) == "cli" or not prints


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
    assert {name for name in dir(got_loaders) if not name.startswith("__")} == {
        *got_loaders.__all__
    } - {"__version__"}
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    aliases = [
        a for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
    ]
    names = {alias.asname or alias.name for alias in aliases}  # what editors complete
    assert {name for name in names if not name.startswith("_")} <= set(got_loaders.__all__)
    with pytest.raises(AttributeError, match="no attribute 'GotOcrLoadr'") as caught:
        _ = got_loaders.GotOcrLoadr  # type: ignore[attr-defined,unused-ignore]  # a misspelling
    # by these Python asks "Did you mean: 'GotOcrLoader'?"
    assert (caught.value.name, caught.value.obj) == ("GotOcrLoadr", got_loaders)
