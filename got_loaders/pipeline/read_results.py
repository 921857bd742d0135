"""read and aread: what users call who want the results themselves, without a framework."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from types import MappingProxyType
from typing import TYPE_CHECKING, Unpack

from got_loaders.errors import OptionError, shown
from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.options.signature import with_option_parameters
from got_loaders.pipeline.reader import ReadJob
from got_loaders.results import PageResult
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["FOR_DOCUMENTS", "aread", "read"]

FOR_DOCUMENTS = MappingProxyType(
    {
        "output": (
            "take its .markdown, .html, .latex or .text, or .ocr.text, which is what the model "
            "wrote; format=False asks for a plain reading"
        ),
        "mode": r'join what you want: "\n\n".join(result.markdown for result in read(…))',
        "drop_blank": 'leave out those that say result.origin == "blank"',
        "omit_metadata": "it has no metadata: its .info says where the page comes from",
    }
)
"""The options that only shape Documents, and what to do instead with a result."""

_NO_CHANGE = MappingProxyType({"mode": ("page", "region")})
"""What of them says how to read, too: ``mode="region"`` finds regions."""

_REFUSED = frozenset(FOR_DOCUMENTS) - frozenset(_NO_CHANGE)


@with_option_parameters(left_out=_REFUSED)
def read(
    source: object,
    *,
    model: str | None = None,
    engine: Engine | EngineConfig | str | None = None,
    options: ReadOptions | None = None,
    **overrides: Unpack[ReadOverrides],
) -> Generator[PageResult]:
    """Read ``source`` page by page: a path, bytes, a picture, a folder, any number of these.

    ``model`` is a hub id (None: "stepfun-ai/GOT-OCR-2.0-hf"), a local folder or "tiny"; ``engine``
    takes its place. Wrong options raise here, at the call; documents are opened and the model is
    loaded when the first result is asked for. Results come in the order of the pages. Closing the
    generator cancels the pages that are queued. With regions there is a result for each, in reading
    order. Each has its text in all forms (``result.markdown``); so options that only shape
    Documents (``output``, ``mode="single"``, ``drop_blank``, ``omit_metadata``) are refused.
    """
    return ReadJob(source, model, engine, _options(options, overrides)).results()


@with_option_parameters(left_out=_REFUSED)
def aread(
    source: object,
    *,
    model: str | None = None,
    engine: Engine | EngineConfig | str | None = None,
    options: ReadOptions | None = None,
    **overrides: Unpack[ReadOverrides],
) -> AsyncGenerator[PageResult]:
    """:func:`read` as an async generator; opening, rendering and waiting leave the loop free."""
    return ReadJob(source, model, engine, _options(options, overrides)).aresults()


def _options(options: ReadOptions | None, overrides: ReadOverrides) -> ReadOptions:
    """The options; :class:`OptionError` where one is set that would change nothing in a result."""
    chosen, default = ReadOptions.of(options, overrides), ReadOptions()
    for name, instead in FOR_DOCUMENTS.items():
        value, unset = getattr(chosen, name), getattr(default, name)
        if value != unset and value not in _NO_CHANGE.get(name, ()):
            raise OptionError(
                f"{name}={shown(value)} is for Documents, and read() gives results: {instead}"
            )
    return chosen
