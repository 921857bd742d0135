"""The protocol of engines, and what an engine may say of itself beyond it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from got_loaders.types.requests import OcrRequest, OcrResult

__all__ = [
    "Engine",
    "EngineInfo",
    "TokenListener",
    "get_engine_info",
    "get_max_batch_size",
    "get_max_side",
    "get_unsupported",
]


@runtime_checkable
class Engine(Protocol):
    """Answers requests: local, replicated, remote, cached and fake engines are all this.

    An engine may have attributes more. ``max_batch_size`` is how many requests it runs at once; who
    reads many pages keeps a quarter more in flight. ``info`` is an :class:`EngineInfo`. Two of that
    may be known before anything is asked or loaded, and are its own then: ``max_side``, for pages
    to be shown in their own shape, and ``unsupported``, for options to be refused at once.
    """

    @property
    def fingerprint(self) -> str:
        """Model, revision and all else that changes its text: a cache's key, and ``ocr_model``."""

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Queue a request. May block while the queue is full. ``Future.cancel()`` always works."""

    def close(self) -> None:
        """Free the memory, the device's included. Pending futures get EngineDeadError."""


class TokenListener(Protocol):
    """Hears each token of a request as it is written, in the engine's thread: it must be quick.

    The end token is heard, too. A request that starts anew, for want of memory, says its first
    tokens again; one that repeats itself (``stop_on_repetition``) has said more than its result
    keeps. A listener that raises hears no more, and its request goes on.
    """

    def __call__(self, index: int, token_id: int, probability: float) -> None:
        """Token ``index``, from 0, and the probability, 0 to 1, with which it was chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """What an engine says of itself, to those who prepare its requests elsewhere.

    ``model`` is the name by which a server's clients ask for it. ``max_batch_size``: how many
    requests it runs at once. ``max_context``: tokens of prompt and answer. ``image_size`` is the
    side, in pixels, of the square that the model sees, and ``resample`` how a picture is brought
    to it (Pillow's names, in small letters); None: pictures are taken as they are. ``unsupported``
    are the fields of :class:`OcrRequest` that it can't do. ``max_side`` is set for a model that
    sees pictures in their own shape: pixels along the longer side. None stands for "it does not
    say".
    """

    model: str
    fingerprint: str
    max_batch_size: int | None = None
    max_context: int | None = None
    image_size: int | None = None
    resample: str = "bicubic"
    unsupported: frozenset[str] = frozenset()
    max_side: int | None = None


def get_engine_info(engine: Engine) -> EngineInfo:
    """What the engine says of itself; where it says nothing, what its fingerprint tells."""
    info = getattr(engine, "info", None)
    if isinstance(info, EngineInfo):
        return info
    fingerprint = engine.fingerprint
    size = get_max_batch_size(engine)
    return EngineInfo(model=fingerprint, fingerprint=fingerprint, max_batch_size=size)


def get_max_batch_size(engine: Engine) -> int | None:
    """How many requests the engine runs at once; None where it does not say, or not yet."""
    size = getattr(engine, "max_batch_size", None)
    return size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None


def get_max_side(engine: object) -> int | None:
    """Pixels along the longer side of the pictures that an engine wants in their own shape; None
    for those that squeeze them, and where it does not say."""
    side = getattr(engine, "max_side", None)
    return side if isinstance(side, int) and not isinstance(side, bool) and side > 0 else None


def get_unsupported(engine: object) -> frozenset[str]:
    """The fields of a request that an engine can't do, as far as it says so unasked."""
    fields = getattr(engine, "unsupported", None)
    return frozenset(fields) if isinstance(fields, frozenset | set) else frozenset()
