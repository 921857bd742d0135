"""PDFs and images in, LangChain and LlamaIndex Documents out, through one GOT-OCR2 engine.

Importing the package loads none of torch, transformers, PyMuPDF, Pillow or a framework: every
public name is looked up when it is first used (PEP 562).
"""

import importlib as _importlib  # underscores: what completes names offers no others
import sys as _sys
import typing as _typing

__all__ = [
    "Agreement",
    "Box",
    "Corrected",
    "Correction",
    "Engine",
    "EngineConfig",
    "Figure",
    "GotOcrLoader",
    "GotOcrParser",
    "GotOcrReader",
    "GotOcrTool",
    "GotOcrToolSpec",
    "GotOcrToolkit",
    "GotOcrTransform",
    "LocalEngine",
    "Location",
    "OcrRequest",
    "OcrResult",
    "PageInfo",
    "PageResult",
    "ProgressEvent",
    "ReadOptions",
    "Region",
    "RemoteEngine",
    "Rendered",
    "TextSpan",
    "__version__",
    "aread",
    "draw_location",
    "load_corrections",
    "locate",
    "read",
    "render",
    "save_corrections",
    "shared_engine",
    "write_report",
]

if _typing.TYPE_CHECKING:
    from got_loaders._version import __version__
    from got_loaders.documents.provenance.locate import locate
    from got_loaders.engine import EngineConfig, LocalEngine, shared_engine
    from got_loaders.engine.remote import RemoteEngine
    from got_loaders.integrations.langchain import (
        GotOcrLoader,
        GotOcrParser,
        GotOcrTool,
        GotOcrToolkit,
    )
    from got_loaders.integrations.llama_index import GotOcrReader, GotOcrToolSpec, GotOcrTransform
    from got_loaders.options import ReadOptions
    from got_loaders.pages import draw_location
    from got_loaders.pipeline.read_results import aread, read
    from got_loaders.rendering import Rendered, render
    from got_loaders.report import write_report
    from got_loaders.results import Agreement, PageResult, TextSpan
    from got_loaders.results.corrections import load_corrections, save_corrections
    from got_loaders.types import (
        Box,
        Corrected,
        Correction,
        Engine,
        Figure,
        Location,
        OcrRequest,
        OcrResult,
        PageInfo,
        ProgressEvent,
        Region,
    )

_HOME = {
    "__version__": "_version",
    "Agreement": "results",
    "Box": "types",
    "Corrected": "types",
    "Correction": "types",
    "Engine": "types",
    "EngineConfig": "engine",
    "Figure": "types",
    "GotOcrLoader": "integrations.langchain",
    "GotOcrParser": "integrations.langchain",
    "GotOcrReader": "integrations.llama_index",
    "GotOcrTool": "integrations.langchain",
    "GotOcrToolSpec": "integrations.llama_index",
    "GotOcrToolkit": "integrations.langchain",
    "GotOcrTransform": "integrations.llama_index",
    "LocalEngine": "engine",
    "Location": "types",
    "OcrRequest": "types",
    "OcrResult": "types",
    "PageInfo": "types",
    "PageResult": "results",
    "ProgressEvent": "types",
    "ReadOptions": "options",
    "Region": "types",
    "RemoteEngine": "engine.remote",
    "Rendered": "rendering",
    "TextSpan": "results",
    "aread": "pipeline",
    "draw_location": "pages",
    "load_corrections": "results.corrections",
    "locate": "documents.provenance",
    "read": "pipeline",
    "render": "rendering",
    "save_corrections": "results.corrections",
    "shared_engine": "engine",
    "write_report": "report",
}


if not _typing.TYPE_CHECKING:  # to a type checker a misspelt name is an error

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=_sys.modules[__name__])  # "Did you mean"
        value = getattr(_importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The public names, and those that every module has; not what was loaded for them."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
