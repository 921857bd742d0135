"""What all adapters have in common: visible options, a short ``repr``, copies and pickles."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
import pydoc
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from langchain_core.documents.base import Blob
from PIL import Image

from got_loaders import (
    EngineConfig,
    GotOcrLoader,
    GotOcrParser,
    GotOcrReader,
    GotOcrTool,
    GotOcrToolkit,
    GotOcrToolSpec,
    GotOcrTransform,
    ReadOptions,
    RemoteEngine,
    aread,
    read,
)
from got_loaders.errors import UnsupportedSourceError
from got_loaders.integrations.mcp import mcp_server
from got_loaders.testing import FakeEngine

OPTIONS = {field.name for field in fields(ReadOptions)}
COMMON = {"model", "engine", "options"}
OWN: dict[Any, set[str]] = {
    GotOcrLoader: {"file_path"},
    GotOcrParser: set(),
    GotOcrReader: {"engine_config", "engine_url", "image_nodes", "is_remote"},
    GotOcrTransform: {"engine_config", "engine_url", "image_nodes"},
    GotOcrTool: {"name", "description"},
    GotOcrToolkit: set(),
    GotOcrToolSpec: set(),
    read: {"source"},
    aread: {"source"},
    mcp_server: {"folders"},
}
REFUSED: dict[Any, set[str]] = {
    read: {"output", "drop_blank", "omit_metadata"},
    aread: {"output", "drop_blank", "omit_metadata"},
    mcp_server: {"root"},
}
FOR_AGENTS = (GotOcrTool, GotOcrToolkit, GotOcrToolSpec)
ADAPTERS = [a for a in OWN if inspect.isclass(a)]


def make(adapter: Any, folder: Path, **options: Any) -> Any:
    """One of an adapter's."""
    if adapter is GotOcrLoader:
        return GotOcrLoader("scan.pdf", **options)
    return adapter(root=folder, **options) if adapter in FOR_AGENTS else adapter(**options)


@pytest.mark.parametrize("adapter", OWN)
def test_every_option_is_in_the_signature(adapter: Callable[..., object]) -> None:
    """With its default; a tool's are the agents' ones."""
    parameters = inspect.signature(adapter).parameters
    assert set(parameters) == COMMON | OWN[adapter] | OPTIONS - REFUSED.get(adapter, set())
    assert not any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    assert parameters["dpi"].default is None
    assert "'html'" in str(parameters.get("output", "'html'"))
    for_agents = adapter in FOR_AGENTS or adapter is mcp_server
    assert parameters["max_pages"].default == (10 if for_agents else 50_000)
    if adapter in FOR_AGENTS:
        assert next(iter(parameters)) == "root"


@pytest.mark.parametrize("adapter", OWN)
def test_help_explains_every_option(adapter: Callable[..., object]) -> None:
    """In lines that fit a terminal, in the words of the docs."""
    text = pydoc.plain(pydoc.render_doc(adapter))
    assert "Opens encrypted PDFs; never shown, stored or sent." in text
    for name in OPTIONS - REFUSED.get(adapter, set()):
        assert f"    {name}\n" in text
    below = text.partition("Options, the fields")[2].partition("OptionError")[2]
    assert max(map(len, below.partition("max_page_bytes")[0].splitlines())) <= 100


def test_a_notebook_completes_options() -> None:
    """Those that begin as what was typed."""
    shell = InteractiveShell.instance()
    try:
        shell.user_ns["GotOcrLoader"], shell.user_ns["GotOcrTool"] = GotOcrLoader, GotOcrTool
        for line, name in (("GotOcrLoader('a.pdf', ma", "max_pages="), ("GotOcrTool(ro", "root=")):
            with provisionalcompleter():
                found = [found.text for found in shell.Completer.completions(line, len(line))]
            assert name in found
    finally:
        InteractiveShell.clear_instance()


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_shows_what_is_particular_of_it(adapter: Any, tmp_path: Path) -> None:
    """Source or root, model or engine, and options that differ; never a password."""
    name = adapter.__name__
    first = {GotOcrLoader: "'scan.pdf', "}.get(adapter, "")
    first = f"root={str(tmp_path)!r}, " if adapter in FOR_AGENTS else first
    plain = make(adapter, tmp_path)
    assert repr(plain) == f"{name}({first.removesuffix(', ')})"
    made = make(
        adapter,
        tmp_path,
        model="tiny",
        password="hunter2",
        output="text",
        url_hosts=("h",) * 99,
        progress=print,
    )
    shown = repr(made)
    assert shown.startswith(f"{name}({first}model='tiny', output='text', password=***, progress=")
    assert "hunter2" not in f"{made} {made!r}"
    assert len(shown) < 300
    config = EngineConfig(model="tiny", device="cpu")
    with_config = repr(make(adapter, tmp_path, engine=config))
    assert "engine=EngineConfig(model='tiny', device='cpu')" in with_config
    assert "engine=<FakeEngine>" in repr(make(adapter, tmp_path, engine=FakeEngine()))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (Path("a.pdf"), "'a.pdf'"),
        (b"x" * 2000, "<2000 bytes>"),
        (("may.pdf", b"x"), "('may.pdf', <1 bytes>)"),
        (io.BytesIO(b"x"), "<BytesIO>"),
        (Image.new("L", (6, 8)), "<Image 6×8>"),
        (["a", "b", b"c", "d", "e"], "['a', 'b', <1 bytes>, … 2 more]"),
        ((path for path in "ab"), "<generator>"),
        ("https://me:secret@host/a.pdf", "'https://host/a.pdf'"),
        ("https:/me:secret@host/a.pdf", "'https:/host/a.pdf'"),
        ("x" * 3000, f"'{'x' * 79}…'"),
        ("a\x1b[2J.pdf", r"'a\\x1b[2J.pdf'"),
        (3, "<int>"),
    ],
)
def test_a_loader_shows_its_source_in_short(source: object, shown: str) -> None:
    """No content, no password of a URL, nothing that steers a terminal."""
    assert repr(GotOcrLoader(source)) == f"GotOcrLoader({shown})"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_adapters_are_pickled_without_engines_and_secrets(adapter: Any, tmp_path: Path) -> None:
    """What holds one refuses with advice; what else is read with arrives."""
    made = make(adapter, tmp_path, model="tiny", output="text", progress=lambda _: None)
    assert repr(pickle.loads(pickle.dumps(made))) == repr(made).replace(", progress=<lambda>", "")
    for options, words in (
        ({"engine": FakeEngine()}, "holds an engine can't be pickled: give it a model"),
        ({"password": "hunter2"}, "holds a password can't be pickled: read encrypted files in"),
    ):
        with pytest.raises(TypeError, match=words) as caught:
            pickle.dumps(make(adapter, tmp_path, **options))
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_engine_on_a_server_is_pickled_as_its_address(
    adapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server is asked for that. A key is in no pickle: one that was passed is refused."""
    monkeypatch.setenv("GOT_LOADERS_API_KEY", "hunter2")
    for engine in ("http://gpu:8000", RemoteEngine("http://gpu:8000")):
        made = make(adapter, tmp_path, engine=engine)
        pickled = pickle.dumps(made)
        assert b"hunter2" not in pickled
        assert repr(pickle.loads(pickled)) == repr(made)
        assert "engine='http://gpu:8000'" in repr(made)
    made = make(adapter, tmp_path, engine=RemoteEngine("http://gpu:8000", "hunter2"))
    assert "hunter2" not in repr(made)
    assert repr(copy.deepcopy(made)) == repr(made)
    with pytest.raises(TypeError, match="set GOT_LOADERS_API_KEY on both sides") as caught:
        pickle.dumps(made)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies_read_with_the_same_engine(
    adapter: Any, duplicate: Callable[[Any], Any], tmp_path: Path
) -> None:
    """Also with a password and a callable, which stay in this process."""
    engine = FakeEngine("x")
    options = {"password": "hunter2", "progress": lambda _: None}
    made = make(adapter, tmp_path, engine=engine, **options)
    again = duplicate(made)
    assert again is not made
    assert repr(again) == repr(made)
    if adapter is GotOcrParser:
        page = io.BytesIO()
        Image.effect_noise((60, 80), 90).save(page, "PNG")
        again.parse(Blob.from_data(page.getvalue()))
        assert len(engine.requests) == 1


@pytest.mark.parametrize(
    "source",
    [(path for path in "ab"), ["a.pdf", [open(__file__, "rb")]]],  # noqa: SIM115, PTH123
)
def test_a_source_of_this_process_is_not_pickled(source: object) -> None:
    """A generator or an open file; bytes and paths are."""
    with pytest.raises(TypeError, match="can't be pickled: pass paths or bytes"):
        pickle.dumps(GotOcrLoader(source, model="tiny"))
    kept = GotOcrLoader([Path("a.pdf"), ("b.pdf", b"x"), io.BytesIO(b"x")], model="tiny")
    assert repr(pickle.loads(pickle.dumps(kept))) == repr(kept)


def test_options_are_copied_and_pickled() -> None:
    """A callable that another process can find goes along."""
    secret = ReadOptions(password="hunter2", progress=lambda _: None)
    assert copy.deepcopy([secret])[0] == copy.copy(secret) == secret
    assert pickle.loads(pickle.dumps(ReadOptions(progress=print))).progress is print
    assert pickle.loads(pickle.dumps(ReadOptions(progress=lambda _: None))) == ReadOptions()


async def test_sources_of_an_iterator_are_not_read_twice() -> None:
    """The second time is an error with advice, not an empty list; whatever ``on_error`` says."""
    page = io.BytesIO()
    Image.effect_noise((60, 80), 90).save(page, "PNG")
    for source in (iter([page.getvalue()]), [page, (data for data in [page.getvalue()])]):
        loader = GotOcrLoader(source, engine=FakeEngine("x"), on_error="skip")
        assert len(loader.load()) in (1, 2)
        with pytest.raises(UnsupportedSourceError, match="pass a list"):
            loader.load()
        with pytest.raises(UnsupportedSourceError, match="pass a list"):
            await loader.aload()
    assert len(GotOcrLoader([page], engine=FakeEngine("x")).load()) == 1
