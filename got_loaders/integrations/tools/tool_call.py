"""One thing that an agent asked for: from the question to its answer, waited for or awaited."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from got_loaders._async import call_in_thread
from got_loaders.documents import Record, abuild, build
from got_loaders.errors import GotLoadersError
from got_loaders.integrations.tools.roots import Place
from got_loaders.pipeline.reader import ReadJob

__all__ = ["Answer", "Errand", "worded"]

Tell = Callable[[Place, Sequence[Record]], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agent is told, and the records that it was made from."""

    text: str
    records: tuple[Record, ...]


@contextmanager
def worded(place: Place) -> Iterator[None]:
    """Errors leave with the agent's own name for the place, and without paths of the machine."""
    try:
        yield
    except GotLoadersError as error:
        again = copy.copy(error)
        again.args = (place.told(str(error)),)
        raise again from error


@dataclass(frozen=True, slots=True)
class Errand:
    """A question that was understood. Run it once.

    Errors are a :class:`GotLoadersError` in words that an agent can act on. ``watch`` is called
    with each record as it comes. What is told needs all metadata; the keys that are ``omitted``
    leave the answer's records at the end.
    """

    place: Place
    reading: ReadJob
    tell: Tell
    omitted: Collection[str] = ()

    def run(self, watch: Callable[[Record], object] | None = None) -> Answer:
        """The answer; blocks."""
        reading, found = self.reading, list[Record]()
        with (
            worded(self.place),
            closing(build(reading)) as stream,
        ):
            for record in stream:
                found.append(record)
                if watch is not None:
                    watch(record)
            return self._answer(found)

    async def arun(self, watch: Callable[[Record], Awaitable[object]] | None = None) -> Answer:
        """The answer; the event loop stays free."""
        reading, found = self.reading, list[Record]()
        with worded(self.place):
            stream = abuild(reading)
            async with aclosing(stream):
                async for record in stream:
                    found.append(record)
                    if watch is not None:
                        await watch(record)
            return await call_in_thread(partial(self._answer, found))

    def _answer(self, found: Sequence[Record]) -> Answer:
        return Answer(self.tell(self.place, found), tuple(map(self._without_omitted, found)))

    def _without_omitted(self, record: Record) -> Record:
        kept = {key: value for key, value in record.metadata.items() if key not in self.omitted}
        return replace(record, metadata=kept)
