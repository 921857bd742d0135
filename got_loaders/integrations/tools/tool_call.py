"""One call of a tool by an agent: from its checked arguments to its result."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from pydantic import BaseModel

from got_loaders._async import call_in_thread
from got_loaders.documents import Record, abuild, build
from got_loaders.errors import GotLoadersError
from got_loaders.integrations.tools.roots import ResolvedPath
from got_loaders.pipeline.reader import ReadJob

__all__ = [
    "ContentBuilder",
    "Formatter",
    "ToolCall",
    "ToolResult",
    "agent_errors",
    "arun_tool",
    "run_tool",
]

Formatter = Callable[[ResolvedPath, Sequence[Record]], str]

ContentBuilder = Callable[[ResolvedPath, Sequence[Record]], BaseModel]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The text that the agent gets, the records that it was made from, and its facts as values."""

    text: str
    records: tuple[Record, ...]
    content: BaseModel


@contextmanager
def agent_errors(target: ResolvedPath) -> Iterator[None]:
    """Errors leave with the agent's own name for the path, and without paths of the machine."""
    try:
        yield
    except GotLoadersError as error:
        redacted = copy.copy(error)
        redacted.args = (target.redact(str(error)),)
        raise redacted from error


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A read that was asked for by a tool's arguments, which were right. Run it once.

    Errors are a :class:`GotLoadersError` in words that an agent can act on. ``on_record`` is called
    with each record as it comes. ``formatter`` and ``content`` need all metadata; the keys that
    are ``omitted`` leave the result's records at the end.
    """

    target: ResolvedPath
    job: ReadJob
    formatter: Formatter
    content: ContentBuilder
    omitted: Collection[str] = ()

    def run(self, on_record: Callable[[Record], object] | None = None) -> ToolResult:
        """The result; blocks."""
        records: list[Record] = []
        with agent_errors(self.target), closing(build(self.job)) as stream:
            for record in stream:
                records.append(record)
                if on_record is not None:
                    on_record(record)
            return self._result(records)

    async def arun(
        self, on_record: Callable[[Record], Awaitable[object]] | None = None
    ) -> ToolResult:
        """The result; the event loop stays free."""
        records: list[Record] = []
        with agent_errors(self.target):
            async with aclosing(abuild(self.job)) as stream:
                async for record in stream:
                    records.append(record)
                    if on_record is not None:
                        await on_record(record)
            return await call_in_thread(partial(self._result, records))

    def _result(self, records: Sequence[Record]) -> ToolResult:
        text = self.formatter(self.target, records)
        kept = tuple(map(self._without_omitted, records))
        return ToolResult(text, kept, self.content(self.target, records))

    def _without_omitted(self, record: Record) -> Record:
        kept = {key: value for key, value in record.metadata.items() if key not in self.omitted}
        return replace(record, metadata=kept)


def run_tool(
    tool: Callable[[], ToolCall | str], on_record: Callable[[Record], object] | None = None
) -> str:
    """What the agent gets of a tool of :class:`DocumentTools` and its arguments; blocks."""
    call = tool()
    return call if isinstance(call, str) else call.run(on_record).text


async def arun_tool(
    tool: Callable[[], ToolCall | str],
    on_record: Callable[[Record], Awaitable[object]] | None = None,
) -> str:
    """:func:`run_tool`; the event loop stays free."""
    call = await call_in_thread(tool)  # it looks at names and folders
    return call if isinstance(call, str) else (await call.arun(on_record)).text
