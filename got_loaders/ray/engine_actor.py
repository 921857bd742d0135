"""One engine in an actor of Ray's pool: pages that are rendered in, pages that are answered out.

Many batches are in it at once, each in a thread of its own that hands its pages to the engine, so
that the engine is full while the slowest page of each batch is waited for. A page is unpickled when
it is its turn to be asked about: until then its pixels are in Ray's shared memory alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from typing import TypeGuard

import pyarrow as pa
import ray

from got_loaders.documents import build
from got_loaders.documents.records import Record
from got_loaders.errors import EngineDeadError, EngineError, GotLoadersError, SourceError
from got_loaders.pipeline import ReadJob
from got_loaders.pipeline.handover import (
    AnsweredPage,
    DetachedPage,
    answer,
    failed_page,
    file_info,
)
from got_loaders.ray.bounded_engine import BoundedEngine
from got_loaders.ray.resume import check_fingerprint
from got_loaders.ray.settings import ReadPlan
from got_loaders.ray.stages import WholeFile, from_column, to_column
from got_loaders.ray.storage import FileFetcher
from got_loaders.ray.strikes import MAX_DEATHS, MAX_STRIKES, OneAtATime, Strikes
from got_loaders.types import Engine

__all__ = ["EngineActor"]

_log = logging.getLogger(__name__)

Item = DetachedPage | AnsweredPage | WholeFile
Answered = AnsweredPage | list[Record]


class EngineActor:
    """Loads the engine when it is made; ``threads`` batches are read at once.

    Of all their pages, ``in_flight`` are asked about at once.

    An engine that stopped for good ends the process: Ray starts another one and gives it the
    batches that this one had.
    """

    def __init__(self, plan: ReadPlan, run: str, threads: int, in_flight: int) -> None:
        self._plan = plan
        self._options = plan.enter()
        self._strikes = Strikes(run, ray.get_runtime_context().get_actor_id() or "")
        try:
            self._engine = BoundedEngine(self._loaded(), in_flight)
        except BaseException:
            self._strikes.leave()  # Ray ends the process as if it were killed, and starts no other
            raise
        self._one_at_a_time = OneAtATime()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="got-loaders-batch")

    def _loaded(self) -> Engine:
        """The engine; an error where those before it died, or where it is not the run's."""
        if self._strikes.count_dead():
            _log.warning("an engine's process died here; its pages are read again")
        if self._strikes.deaths >= MAX_DEATHS:
            text = f"an engine's process died {self._strikes.deaths} times and read nothing"
            raise EngineError(self._with_reason(text))
        self._provider = self._plan.engine.make(self._options)
        if self._plan.read_by:
            check_fingerprint(self._plan.read_by, self._provider.get().fingerprint)
        return self._provider.get()

    async def __call__(self, batch: pa.Table) -> pa.Table:
        """Rows of pages → rows of what the engine said, in the same order."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, batch)

    def _read(self, batch: pa.Table) -> pa.Table:
        try:
            return self._answers(batch)
        except EngineDeadError as error:
            if self._plan.engine.is_url:
                raise  # a server does not come back because this process ends
            self._strikes.note_reason(str(error))
            _log.critical("the engine stopped: %s; its process ends, and is started again", error)
            logging.shutdown()
            os._exit(1)

    def _answers(self, batch: pa.Table) -> pa.Table:
        """What was said of each row, in their order; what may kill the engine is asked last."""
        engine = self._engine
        answered: dict[int, Answered] = {}
        suspects: list[int] = []
        with FileFetcher(self._options, self._plan.filesystem) as fetcher:
            with self._one_at_a_time.shared(), ExitStack() as marks:
                waiting = dict[int, Callable[[], Answered]]()
                for index, item in enumerate(from_column(batch)):
                    if self._asks(item) and self._strikes.of(item.key):
                        suspects.append(index)
                    else:
                        waiting[index] = self._begin(item, engine, fetcher, marks)
                answered |= {index: wait() for index, wait in waiting.items()}
            for index in suspects:
                (item,) = from_column(batch.slice(index, 1))
                answered[index] = self._alone(item, engine, fetcher)
        return to_column([answered[index] for index in range(len(answered))])

    @staticmethod
    def _asks(item: Item) -> TypeGuard[DetachedPage | WholeFile]:
        """Whether the engine is asked about it."""
        return isinstance(item, WholeFile) or (isinstance(item, DetachedPage) and item.requests > 0)

    def _begin(
        self, item: Item, engine: Engine, fetcher: FileFetcher, marks: ExitStack
    ) -> Callable[[], Answered]:
        """Ask about one row; what is returned waits for the answer."""
        if isinstance(item, AnsweredPage):
            return lambda: item
        mark = marks.enter_context(ExitStack())
        if self._asks(item):
            mark.enter_context(self._strikes.marked(item.key))
        wait = self._ask(item, engine, fetcher)

        def end() -> Answered:
            with mark:
                return wait()

        return end

    def _alone(
        self, item: DetachedPage | WholeFile, engine: Engine, fetcher: FileFetcher
    ) -> Answered:
        """Read what the engine died during before, while it reads nothing else."""
        strikes = self._strikes.of(item.key)
        if strikes >= MAX_STRIKES:
            text = f"{item.key[0]}: the engine's process died {strikes} times while it read this"
            return item.failed(self._with_reason(text))
        with self._one_at_a_time.alone(), self._strikes.marked(item.key):
            answered = self._ask(item, engine, fetcher)()
        self._strikes.clear(item.key)
        return answered

    def _ask(
        self, item: DetachedPage | WholeFile, engine: Engine, fetcher: FileFetcher
    ) -> Callable[[], Answered]:
        asks = self._asks(item)
        named = item.without_pixels() if isinstance(item, DetachedPage) else item

        def end() -> Answered:
            try:
                answered = wait()
            except GotLoadersError:
                raise  # it concerns all pages, or shall end the run
            except Exception as error:  # noqa: BLE001  # one page, not the archive
                _log.error("%s: a mistake of got_loaders", named.key[0], exc_info=error)
                return named.failed(f"{named.key[0]}: {error}")
            if asks:
                self._strikes.has_read()
            return answered

        if isinstance(item, WholeFile):
            wait: Callable[[], Answered] = partial(self._whole_file, item, engine, fetcher)
        else:
            wait = answer(item, engine, self._options, local=fetcher.fetch)
        return end

    def _whole_file(self, file: WholeFile, engine: Engine, fetcher: FileFetcher) -> Answered:
        try:
            source = fetcher.fetch(file.source)
        except SourceError as error:
            return failed_page(file_info(file.source), error)
        with closing(build(ReadJob(source, None, engine, self._options))) as records:
            return list(records)

    def _with_reason(self, text: str) -> str:
        reason = self._strikes.reason
        return f"{text}; the last time: {reason}" if reason else text
