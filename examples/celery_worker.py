"""A worker that reads documents: tasks that may be repeated, one model, progress on the way.

Start it with ``celery -A celery_worker worker --pool threads --concurrency 4``, then call
``read_document.delay("scan.pdf")``, which names a file below ``SCANS``.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import Any

from celery import Celery, Task  # type: ignore[import-untyped]  # it ships no types
from celery.signals import worker_process_init  # type: ignore[import-untyped]  # likewise

from got_loaders import EngineConfig, PageResult, ProgressEvent, ReadOptions, read, shared_engine
from got_loaders.errors import EngineError

app = Celery(
    "reader",
    broker=os.environ.get("BROKER_URL", "redis://localhost/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://localhost/1"),
)
app.conf.update(
    task_acks_late=True,  # a task whose worker died is done again, from the cache
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,  # a long document holds up no other
    broker_connection_retry_on_startup=True,
)

CONFIG = EngineConfig(model=os.environ.get("GOT_MODEL", "tiny"))
OPTIONS = ReadOptions(
    root=os.environ.get("SCANS", "."),  # a task's path leads nowhere else
    urls=False,
    on_error="keep",
    cache=os.environ.get("GOT_CACHE", True),  # shared by all workers of a machine
    max_pages=2_000,
)
LIMIT_S = float(os.environ.get("LIMIT_S", "1800"))
"""The most seconds for a document, looked at after each page: in any pool, unlike Celery's."""


@worker_process_init.connect  # type: ignore[untyped-decorator]  # likewise
def warm(**_: object) -> None:
    """Load the model before the first task, in each child of a prefork pool: after the fork."""
    shared_engine(CONFIG)


class OutOfTimeError(Exception):
    """A document took longer than a task may; what was read of it is in the cache."""


@app.task(  # type: ignore[untyped-decorator]  # likewise
    bind=True, autoretry_for=(EngineError,), retry_backoff=True, max_retries=3
)
def read_document(self: Task, path: str, pages: str | None = None) -> dict[str, Any]:
    """The pages of a document as Markdown; one that failed says why.

    May be done twice: the second time what was read before comes from the cache. An engine that
    died is loaded anew by the next try.
    """
    ends = time.monotonic() + LIMIT_S

    def report(event: ProgressEvent) -> None:
        self.update_state(state="PROGRESS", meta={"done": event.done, "total": event.total})

    found = []
    results = read(path, engine=CONFIG, options=OPTIONS, pages=pages, progress=report)
    with closing(results):  # whatever ends the task, its pages leave the engine
        for result in results:
            found.append(about(result))
            if time.monotonic() > ends:
                raise OutOfTimeError(f"{path}: more than {LIMIT_S:g} s, after {len(found)} pages")
    return {"path": path, "pages": found}


def about(result: PageResult) -> dict[str, Any]:
    """A page as JSON; a file that can't be opened is one without a number."""
    return {
        "page": None if result.info.number is None else result.info.number + 1,
        "text": result.markdown,
        "cached": result.ocr is not None and result.ocr.cached,
        "error": result.error,
    }
