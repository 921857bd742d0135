"""Tools for LlamaIndex's agents."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial, update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, Unpack

from llama_index.core.tools import ToolMetadata
from llama_index.core.tools.tool_spec.base import SPEC_FUNCTION_TYPE, BaseToolSpec
from llama_index.core.tools.utils import create_schema_from_function

from got_loaders.documents import Record
from got_loaders.errors import OptionError
from got_loaders.integrations.llama_index.events import dispatch_page_event
from got_loaders.integrations.tools import (
    AGENT_DEFAULTS,
    DocumentTools,
    ToolCall,
    arun_tool,
    run_tool,
)
from got_loaders.integrations.tools.arguments import argument_model, check_arguments
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["GotOcrToolSpec"]

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., object])

_READS = (DocumentTools.read_document, DocumentTools.read_region)
"""The tools of which handlers of events hear."""


def _sync(
    tool: Callable[Concatenate[DocumentTools, P], ToolCall | str],
) -> Callable[Concatenate[GotOcrToolSpec, P], str]:
    """A tool as a method that blocks."""
    checked = _checked(tool)

    def run(self: GotOcrToolSpec, /, *args: P.args, **kwargs: P.kwargs) -> str:
        call = partial(tool, self._tools, **checked(args, kwargs))
        return run_tool(call, dispatch_page_event if tool in _READS else None)

    return _described(run, tool)


def _async(
    tool: Callable[Concatenate[DocumentTools, P], ToolCall | str],
) -> Callable[Concatenate[GotOcrToolSpec, P], Coroutine[Any, Any, str]]:
    """A tool as an async method; the event loop stays free."""
    checked = _checked(tool)

    async def run(self: GotOcrToolSpec, /, *args: P.args, **kwargs: P.kwargs) -> str:
        call = partial(tool, self._tools, **checked(args, kwargs))
        return await arun_tool(call, _adispatch_page_event if tool in _READS else None)

    return _described(run, tool)


def _checked(
    tool: Callable[..., object],
) -> Callable[[Sequence[object], Mapping[str, object]], dict[str, Any]]:
    """Arguments by name, as agents give them: LlamaIndex passes them on as they come."""
    model = argument_model(tool)

    def check(args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, Any]:
        if len(args) > len(model.model_fields):
            raise OptionError(f"the arguments are {', '.join(model.model_fields)}")
        return check_arguments(
            model, dict(zip(model.model_fields, args, strict=False)) | {**kwargs}
        )

    return check


def _described(method: F, tool: Callable[..., object]) -> F:
    """``method`` with the tool's name, arguments and docstring."""
    update_wrapper(method, tool)
    signature = inspect.signature(tool).replace(return_annotation=str)
    method.__signature__ = signature  # type: ignore[attr-defined]  # inspect looks for it
    return method


async def _adispatch_page_event(record: Record) -> None:
    dispatch_page_event(record)


class GotOcrToolSpec(BaseToolSpec):
    """Lets LlamaIndex's agents read PDFs and images below ``root`` by GOT-OCR2.

    ``GotOcrToolSpec(root="scans").to_tool_list()`` gives five tools: list the documents, describe
    pages, list a page's regions, read pages, read a region. No path leads out of ``root``; URLs are
    refused unless ``urls=True`` is passed here, and at most ten pages are read in a call unless
    ``max_pages`` is. What goes wrong raises a :class:`GotLoadersError`, whose words agents are
    told. The other arguments are those of :class:`GotOcrReader`.
    """

    spec_functions: list[SPEC_FUNCTION_TYPE] = [  # noqa: RUF012  # as the base class has it
        ("list_documents", "alist_documents"),
        ("describe_pages", "adescribe_pages"),
        ("list_regions", "alist_regions"),
        ("read_document", "aread_document"),
        ("read_region", "aread_region"),
    ]

    @with_option_parameters(first=("root",), defaults=AGENT_DEFAULTS)
    def __init__(
        self,
        *,
        model: str | None = None,
        engine: Engine | EngineConfig | str | None = None,
        options: ReadOptions | None = None,
        **overrides: Unpack[ReadOverrides],
    ) -> None:
        self._tools = DocumentTools(options, overrides, model=model, engine=engine)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._tools.described())})"

    list_documents = _sync(DocumentTools.list_documents)
    alist_documents = _async(DocumentTools.list_documents)
    describe_pages = _sync(DocumentTools.describe_pages)
    adescribe_pages = _async(DocumentTools.describe_pages)
    list_regions = _sync(DocumentTools.list_regions)
    alist_regions = _async(DocumentTools.list_regions)
    read_document = _sync(DocumentTools.read_document)
    aread_document = _async(DocumentTools.read_document)
    read_region = _sync(DocumentTools.read_region)
    aread_region = _async(DocumentTools.read_region)

    def get_metadata_from_fn_name(
        self, fn_name: str, spec_functions: list[SPEC_FUNCTION_TYPE] | None = None
    ) -> ToolMetadata:
        """Name, description and arguments of a tool, as a model is told them."""
        del spec_functions
        function = getattr(self, fn_name)
        return ToolMetadata(
            name=fn_name,
            description=inspect.getdoc(function) or fn_name,
            fn_schema=create_schema_from_function(fn_name, function),
        )
