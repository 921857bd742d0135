"""An engine in this process: one thread owns the device, callers talk to it through ``submit``.

Callers prepare their own images, put the request in the inbox and get a Future. The engine's thread
takes the inbox, steps the :class:`~got_loaders.engine.step_loop.EngineLoop` and, whatever ends it,
leaves no Future pending.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from traceback import clear_frames
from typing import TYPE_CHECKING, Self

from got_loaders.engine.config import EngineConfig, fingerprint
from got_loaders.engine.request_failures import broken_engine_error, engine_error, fail_all
from got_loaders.engine.sequence import Sequence, build_sequence
from got_loaders.engine.step_loop import EngineLoop
from got_loaders.errors import EngineDeadError, GotLoadersError, OptionError
from got_loaders.types import EngineInfo, OcrRequest, OcrResult, TokenListener

if TYPE_CHECKING:
    from got_loaders.engine.model.loader import LoadedModel

__all__ = ["LocalEngine"]

_log = logging.getLogger(__name__)


class LocalEngine:
    """A GOT-OCR2 on one device that answers requests, many at a time.

    The constructor loads the model, which takes seconds at full size, and raises
    :class:`ModelNotFoundError` or :class:`EngineError` if that fails. All methods may be called
    from any thread. Close the engine, or use it in a ``with`` block, to free its memory.
    """

    def __init__(self, config: EngineConfig | None = None) -> None:
        config = (config or EngineConfig()).resolved()
        if isinstance(config.device, tuple):
            raise OptionError(f"device={config.device!r}: one LocalEngine runs on one device")
        self.config = config
        self._changed = threading.Condition()
        self._inbox: list[Sequence] = []
        self._queued = 0
        self._closed = False
        self._fatal_error: BaseException | None = None
        self._pid = os.getpid()
        loaded: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(loaded,), name="got-loaders-engine", daemon=True
        )
        self._thread.start()
        loaded.result()
        atexit.register(self.close)

    @property
    def alive(self) -> bool:
        """Whether a request submitted now would be answered."""
        return not self._closed and self._fatal_error is None and os.getpid() == self._pid

    @property
    def fatal_error(self) -> BaseException | None:
        """The error that ended this engine; None while it runs, and if it was closed."""
        return self._fatal_error

    @property
    def info(self) -> EngineInfo:
        """What those who prepare its requests elsewhere have to know."""
        return self._info

    @property
    def max_batch_size(self) -> int:
        """How many requests decode together at most."""
        return self._loop.max_batch_size

    @property
    def num_running(self) -> int:
        """How many requests decode now."""
        return self._loop.running

    @property
    def num_waiting(self) -> int:
        """How many requests wait for a place, those included that are just being read in."""
        return self._queued

    @property
    def num_completed(self) -> int:
        """How many requests have got a result."""
        return self._loop.num_completed

    def submit(
        self, request: OcrRequest, *, listener: TokenListener | None = None
    ) -> Future[OcrResult]:
        """Queue ``request``; blocks while the queue is full.

        Preparing the images happens here, in the caller's thread. Raises
        :class:`RequestTooLongError` for a request that can never fit and
        :class:`EngineDeadError` if the engine is closed or broken. ``listener`` hears each token.
        """
        self._check_alive()
        try:
            prepared = self._preprocessor.prepare(request)
        except GotLoadersError:
            raise
        except Exception as error:  # noqa: BLE001  # Pillow raises what it likes on odd images
            failed: Future[OcrResult] = Future()
            failed.set_exception(engine_error("the images can't be prepared", error))
            return failed
        sequence = build_sequence(
            prepared,
            request,
            max_context=self._max_context,
            no_repeat_ngram_size=self.config.no_repeat_ngram_size,
        )
        sequence.listener = listener
        return self._enqueue(sequence)

    def decode(self, token_ids: Iterable[int]) -> str:
        """The text of ``token_ids``, as a result has it. A closed engine can still tell."""
        return self._preprocessor.decode(list(token_ids))

    def close(self) -> None:
        """Stop, answer what is pending with :class:`EngineDeadError`, and free the memory.

        Returns when the engine's thread has ended; the step in flight is computed to its end.
        """
        if os.getpid() != self._pid:
            return  # the parent's thread does not run here, and its lock may be held for ever
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # In the caller's thread.

    def _check_alive(self) -> None:
        if os.getpid() != self._pid:
            raise EngineDeadError(
                "this engine belongs to the parent process; after a fork make one of your own"
            )
        if self._fatal_error is not None:
            raise broken_engine_error(self._fatal_error) from self._fatal_error
        if self._closed:
            raise EngineDeadError("the engine was closed")

    def _enqueue(self, sequence: Sequence) -> Future[OcrResult]:
        with self._changed:
            # A Future's callback may submit; it runs in the thread that alone can make room.
            if threading.current_thread() is not self._thread:
                self._changed.wait_for(
                    lambda: self._queued < self.config.max_queued or not self.alive
                )
            self._check_alive()
            self._inbox.append(sequence)
            self._queued += 1
            self._changed.notify_all()
        return sequence.future

    # In the engine's thread.

    def _load(self, config: EngineConfig, device: str) -> None:
        """Load the model here: a thread that has once computed with torch keeps a pool of threads.

        Where more of these are than cores, GNU's OpenMP puts them to sleep between any two of them,
        and a step with its hundreds of short products takes several times as long.
        """
        from got_loaders.engine.build import build_info, build_preprocessor
        from got_loaders.engine.device.device import set_device
        from got_loaders.engine.device.number_format import warn_of_emulation
        from got_loaders.engine.model.loader import load_model

        set_device(device)
        warn_of_emulation(config.dtype, device)
        loaded = load_model(config, device)
        self.fingerprint = fingerprint(config, loaded.revision)
        self._preprocessor = build_preprocessor(loaded, config)
        try:
            self._loop = self._new_loop(loaded, device)
        except Exception as error:
            raise engine_error(
                f"model={config.model!r} can't be set up on {device}", error
            ) from error
        self._max_context = loaded.max_context(config.max_context)
        self._info = build_info(
            loaded,
            config,
            fingerprint=self.fingerprint,
            max_batch_size=self._loop.max_batch_size,
        )

    def _run(self, loaded: Future[None]) -> None:
        try:
            self._load(self.config, str(self.config.device))
        except BaseException as error:  # noqa: BLE001  # the constructor raises it
            self._closed = True
            loaded.set_exception(error)
            return
        loaded.set_result(None)
        try:
            while self._receive():
                self._loop.step()
        except BaseException as error:  # noqa: BLE001  # whatever it is, nobody may wait forever
            _log.exception("the engine broke down")
            clear_frames(error.__traceback__)  # their tensors are the model's and the cache's
            self._fatal_error = error
        with self._changed:
            self._closed = True
            orphans, self._inbox = self._inbox, []
            self._queued = 0
            self._changed.notify_all()
        fail_all(orphans, self._fatal_error)
        try:
            self._loop.shutdown(self._fatal_error)
        except Exception:  # noqa: BLE001  # where the device is lost, so is its memory
            _log.warning("the engine's memory can't be given back", exc_info=True)
        atexit.unregister(self.close)

    def _new_loop(self, loaded: LoadedModel, device: str) -> EngineLoop:
        from got_loaders.engine.build import build_loop

        return build_loop(
            loaded, self.config, device, self._preprocessor, fingerprint=self.fingerprint
        )

    def _receive(self) -> bool:
        """Hand the inbox to the loop, waiting if there is nothing to do. False when closed."""
        with self._changed:
            self._queued = len(self._inbox) + self._loop.waiting  # the step has begun some of them
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or self._inbox or self._loop.busy)
            inbox, self._inbox = self._inbox, []
            self._loop.receive(inbox)
            self._queued = self._loop.waiting
            self._changed.notify_all()
            return not self._closed
