"""read and aread: what users call who want the results themselves, without a framework."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Unpack

from got_loaders.options import ReadOptions, ReadOverrides
from got_loaders.pipeline.reader import ReadJob
from got_loaders.results import PageResult
from got_loaders.types import Engine

if TYPE_CHECKING:
    from got_loaders.engine import EngineConfig

__all__ = ["aread", "read"]


def read(
    source: object,
    *,
    model: str | None = None,
    engine: Engine | EngineConfig | None = None,
    options: ReadOptions | None = None,
    **overrides: Unpack[ReadOverrides],
) -> Generator[PageResult]:
    """Read ``source`` page by page: a path, bytes, a binary file object, a folder, a list.

    ``model`` is a hub id (None: "stepfun-ai/GOT-OCR-2.0-hf"), a local folder or "tiny"; ``engine``
    takes its place. Wrong options raise here, at the call; documents are opened and the model is
    loaded when the first result is asked for. Results come in the order of the pages. Closing the
    generator cancels the pages that are queued. With regions there is a result for each, in reading
    order.
    """
    return ReadJob(source, model, engine, ReadOptions.of(options, overrides)).results()


def aread(
    source: object,
    *,
    model: str | None = None,
    engine: Engine | EngineConfig | None = None,
    options: ReadOptions | None = None,
    **overrides: Unpack[ReadOverrides],
) -> AsyncGenerator[PageResult]:
    """:func:`read` as an async generator; opening, rendering and waiting leave the loop free."""
    return ReadJob(source, model, engine, ReadOptions.of(options, overrides)).aresults()
