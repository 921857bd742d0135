"""LlamaIndex's instrumentation: an event for each Document that was read."""

from __future__ import annotations

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # its home
from llama_index.core.instrumentation.events import BaseEvent

from got_loaders.documents import Record, Value

__all__ = ["GotOcrPageEvent", "dispatch_page_event", "dispatcher"]

dispatcher = get_dispatcher("got_loaders.integrations.llama_index")


class GotOcrPageEvent(BaseEvent):
    """A Document was read: a page, a region or a file, by the reader's ``mode``.

    ``metadata`` is the Document's, as it was before the caller's own was added.
    """

    metadata: dict[str, Value]

    @classmethod
    def class_name(cls) -> str:
        """The name that handlers see."""
        return "GotOcrPageEvent"


def dispatch_page_event(record: Record) -> None:
    """Let the event handlers know of ``record``."""
    dispatcher.event(GotOcrPageEvent(metadata=record.metadata))
