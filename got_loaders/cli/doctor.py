"""Examines an installation: versions, extras, device, weights, and whether a page can be read.

Yields findings as it goes; printing is the command line's.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from got_loaders._hub import local_folder
from got_loaders._version import __version__
from got_loaders.cli.cpu_advice import cpu_advice
from got_loaders.cli.drawn_pdf import make_pdf, text_at
from got_loaders.engine.config import EngineConfig
from got_loaders.engine.device.dtype import DType
from got_loaders.engine.model_name import DEFAULT_MODEL, check_model_name
from got_loaders.engine.remote import RemoteEngine
from got_loaders.errors import GotLoadersError, ModelNotFoundError

__all__ = ["Finding", "examine"]

_REQUIRED = ("torch", "transformers", "pymupdf", "pillow")
_EXTRAS = {
    "langchain-core": "langchain",
    "llama-index-core": "llama-index",
    "mcp": "mcp",
    "fastapi": "serve",
    "httpx": "remote",
    "verovio": "render",
    "rdkit": "render",
    "ray": "ray",
}
_TEST_LINES = ("Reading works here", "on 24 May 2026")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination; a "problem" keeps the library from reading."""

    what: str
    text: str
    state: Literal["ok", "note", "problem"] = "ok"


def examine(engine: EngineConfig | RemoteEngine) -> Iterator[Finding]:
    """What there is to say about this installation, and what reads; loads only tiny.

    A server is asked what it is, and reads a page.
    """
    yield Finding("got_loaders", __version__)
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    yield from map(_check_required, _REQUIRED)
    yield from (_check_extra(*item) for item in _EXTRAS.items())
    yield _check_tex()
    if isinstance(engine, RemoteEngine):
        yield from _check_server(engine)
        return
    yield from _check_device(engine)
    yield _check_weights(engine.model, engine.revision)
    yield _self_test()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _check_required(package: str) -> Finding:
    version = _version(package)
    if version is None:
        return Finding(package, "not installed: pip install got-loaders", "problem")
    return Finding(package, version)


def _check_extra(package: str, extra: str) -> Finding:
    version = _version(package)
    if version is None:
        return Finding(package, f"not installed: pip install 'got-loaders[{extra}]'", "note")
    return Finding(package, version)


def _check_tex() -> Finding:
    """Which TeX engines could draw TikZ and whole documents."""
    from got_loaders.rendering.confine import can_confine
    from got_loaders.rendering.tex.engines import find_engine

    names = [name for name in ("pdflatex", "xelatex", "lualatex") if find_engine(name)]
    if not names:
        return Finding("tex", "no engine: TikZ and documents in LaTeX are not drawn", "note")
    if not can_confine():
        text = f"{', '.join(names)}: TikZ alone is drawn, for nothing bounds here what TeX reads"
        return Finding("tex", text, "note")
    return Finding("tex", ", ".join(names))


def _check_device(config: EngineConfig) -> Iterator[Finding]:
    try:
        resolved = replace(config, model="tiny").resolved()
        from got_loaders.engine.device.memory import device_memory
    except (GotLoadersError, ImportError) as error:
        yield Finding("device", str(error), "problem")
        return
    names = resolved.device if isinstance(resolved.device, tuple) else (resolved.device,)
    for name in names:
        memory = device_memory(name)
        free = "" if memory is None else f", {_gib(memory[0])} of {_gib(memory[1])} memory free"
        yield Finding("device", f"{name}, {resolved.dtype}{free}")
        if name.startswith("cuda"):
            yield _check_attention(name, resolved.dtype)
        if name == "cpu":
            yield _check_extra("numba", "cpu")
            if config.model != "tiny":  # which is small enough for the processor's own memory
                for line in cpu_advice(resolved.dtype):
                    yield Finding("speed", line, "note")


def _check_attention(device: str, dtype: DType) -> Finding:
    """Which kernel reads keys and values on a GPU; without one every page takes longer."""
    from got_loaders.engine.kv_cache.paged_attention import attention_report

    try:
        found, text = attention_report(device, dtype)
    except RuntimeError as error:  # no memory, or a GPU that is lost
        return Finding("attention", f"can't be tried: {error}", "problem")
    return Finding("attention", text, "ok" if found else "note")


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB"


def _check_weights(model: str, revision: str | None) -> Finding:
    """Whether the weights are on this machine, without a look at the network."""
    if model == "tiny":
        return Finding("model", "tiny is part of the package")
    try:
        check_model_name(model)
    except ModelNotFoundError as error:
        return Finding("model", str(error), "problem")
    folder = local_folder(model) or _find_in_hub_cache(model, revision)
    if folder is None:
        text = f"the weights of {model} are not on this machine. {_ADVICE}"
        return Finding("model", text, "problem")
    missing = [name for name in ("config.json", "*.safetensors") if not any(folder.glob(name))]
    if missing:
        return Finding("model", f"{folder} has no {' and no '.join(missing)}", "problem")
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        text = f"{folder / 'config.json'} can't be read: {error}; download the model again"
        return Finding("model", text, "problem")
    if not isinstance(settings, dict) or settings.get("model_type") != "got_ocr2":
        text = f"{model} is no GOT-OCR2 in transformers' format: use {DEFAULT_MODEL}"
        return Finding("model", text, "problem")
    return Finding("model", f"{model}: the weights are in {folder}")


_ADVICE = (
    f"They are downloaded when first used; to do it now: hf download {DEFAULT_MODEL} "
    "(1.1 GB, into $HF_HOME). For a machine without a network: download on another one with "
    f"hf download {DEFAULT_MODEL} --local-dir FOLDER, copy FOLDER, and pass its path as model. "
    'To try the library without them: model="tiny"'
)


def _find_in_hub_cache(model: str, revision: str | None) -> Path | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        path = try_to_load_from_cache(model, "config.json", revision=revision)
    except HFValidationError:
        return None
    return Path(path).parent if isinstance(path, str) else None


def _check_server(engine: RemoteEngine) -> Iterator[Finding]:
    """Whether it answers, what it runs and how much at once, and whether it reads."""
    try:
        info = engine.info
    except GotLoadersError as error:
        yield Finding("engine", str(error), "problem")
        return
    at_once = "" if info.max_batch_size is None else f", {info.max_batch_size} requests at once"
    yield Finding("engine", f"{engine.url} answers: {info.fingerprint}{at_once}")
    yield _self_test(engine)


def _self_test(server: RemoteEngine | None = None) -> Finding:
    """Read one generated page, with the embedded model on the CPU or on a server."""
    from got_loaders.pipeline import read

    reader = "tiny" if server is None else "the server"
    engine = server or EngineConfig(model="tiny", device="cpu")
    try:
        (result,) = read(_test_page(), engine=engine, format=False, max_new_tokens=100)
    except GotLoadersError as error:
        return Finding("self-test", str(error), "problem")
    text = "" if result.ocr is None else result.ocr.text
    expected = "\n".join(_TEST_LINES)
    if text.strip() == expected:
        return Finding("self-test", f"{reader} read a page and every character is right")
    similarity = difflib.SequenceMatcher(None, expected, text, autojunk=False).ratio()
    message = f"{reader} read {text!r} where the page says {expected!r}"
    passed = similarity > 0.8 or server is not None  # its model may be any
    return Finding("self-test", message, "note" if passed else "problem")


def _test_page() -> bytes:
    """A PDF of one A4 page with the lines in 40 pt Helvetica."""
    places = enumerate(_TEST_LINES)
    return make_pdf(["".join(text_at(50, 720 - 60 * n, text, size=40) for n, text in places)])
