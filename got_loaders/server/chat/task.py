"""One chat completion from its body to its end: queued, decoded, read, told as it goes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from got_loaders.errors import EngineError, shown
from got_loaders.server.chat.answer import ChatAnswer, WrittenToken
from got_loaders.server.chat.listening import Listener
from got_loaders.server.chat.question import ChatQuestion, parse_question
from got_loaders.server.data_url import decode_data_url
from got_loaders.server.disconnect import within
from got_loaders.server.downloads import download, is_web_url
from got_loaders.server.errors import ApiError
from got_loaders.server.metered_engine import MeteredEngine
from got_loaders.server.pictures import decode_pictures
from got_loaders.server.state import ServerState
from got_loaders.server.submit import submit_in_thread
from got_loaders.types import OcrRequest, OcrResult

__all__ = ["ChatTask", "Finished", "Started"]

ENDPOINT = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Started:
    """A streamed reading has begun to come; its answers are made by ``answer``."""

    question: ChatQuestion
    answer: ChatAnswer


@dataclass(frozen=True, slots=True)
class Finished:
    """It is read. ``tokens`` are those that were heard, where somebody listened."""

    question: ChatQuestion
    answer: ChatAnswer
    result: OcrResult
    tokens: tuple[WrittenToken, ...]


class ChatTask:
    """``events`` gets ``Started`` and lists of tokens, if it is streamed; then ``Finished``, or
    the error that ended it. Cancelling :meth:`run` takes it out of the queue, or the batch."""

    def __init__(self, state: ServerState, body: bytes) -> None:
        self.events: asyncio.Queue[Started | list[WrittenToken] | Finished | Exception] = (
            asyncio.Queue()
        )
        self._state = state
        self._body = body
        self._received = time.monotonic()

    @property
    def stopping(self) -> bool:
        """Whether the server is closing."""
        return self._state.stopping.is_set()

    async def run(self) -> None:
        """All of it; raises nothing but being cancelled."""
        try:
            seconds = self._state.settings.request_seconds
            self.events.put_nowait(await within(seconds, self._read()))
        except asyncio.CancelledError:  # by us, or it was the engine's future
            self.events.put_nowait(EngineError("the engine has cancelled the request"))
            raise
        except Exception as error:  # noqa: BLE001  # told to the client, whatever it is
            self.events.put_nowait(error)

    async def _read(self) -> Finished:
        body, self._body = self._body, b""
        question = await self._in_thread(partial(parse_question, body))
        del body  # what waits is kept once
        web = await self._download(question)
        async with self._state.admission.place():
            self._state.metrics.queue_seconds.observe(time.monotonic() - self._received)
            engine = await self._state.engine_source.get()
            answer = _answer(question, engine)
            return await self._read_with(engine, question, answer, web)

    async def _read_with(
        self,
        engine: MeteredEngine,
        question: ChatQuestion,
        answer: ChatAnswer,
        web: dict[str, bytes],
    ) -> Finished:
        tokens: list[WrittenToken] = []
        listener = None
        if answer.decode is not None and (question.stream or question.logprobs):
            listener = Listener(self._hears(tokens, question, answer))

        def submit() -> Future[OcrResult]:
            request = self._request(question, web)
            return engine.submit(request, listener=listener, endpoint=ENDPOINT)

        future = await submit_in_thread(self._state.threads, submit)
        result = await asyncio.wrap_future(future)
        if listener is not None:
            listener.flush()
        return Finished(question, answer, result, tuple(tokens[: result.num_tokens]))

    def _hears(
        self, tokens: list[WrittenToken], question: ChatQuestion, answer: ChatAnswer
    ) -> Callable[[list[WrittenToken]], None]:
        started = time.monotonic()

        def hear(new: list[WrittenToken]) -> None:
            if not tokens:
                seconds = time.monotonic() - started
                self._state.metrics.first_token_seconds.observe(seconds)
                if question.stream:
                    self.events.put_nowait(Started(question, answer))
            tokens.extend(new)
            if question.stream:
                self.events.put_nowait(new)

        return hear

    async def _download(self, question: ChatQuestion) -> dict[str, bytes]:
        """What lies at the URLs of the web, before a place at the engine is taken."""
        stopped = self._state.stopping.is_set
        return {
            picture.param: await asyncio.to_thread(
                download, picture.url, picture.param, self._state.settings, stopped
            )
            for picture in question.pictures
            if is_web_url(picture.url)
        }

    def _request(self, question: ChatQuestion, web: dict[str, bytes]) -> OcrRequest:
        """Decodes the pictures; blocks."""
        decode = partial(decode_data_url, code="invalid_image")
        contents = [
            (web.get(each.param) or decode(each.url, each.param), each.param)
            for each in question.pictures
        ]
        images = decode_pictures(contents, self._state.settings.limits)
        thumbnail = images[-1] if question.has_thumbnail else None
        images = images[:-1] if question.has_thumbnail else images
        return OcrRequest(images=images, thumbnail=thumbnail, **question.options)

    async def _in_thread(self, step: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._state.threads, step)


def _answer(question: ChatQuestion, engine: MeteredEngine) -> ChatAnswer:
    info = engine.info
    if question.model not in (None, info.model, info.fingerprint):
        raise ApiError(
            "model_not_found",
            f"model={shown(question.model)}: the model here is {info.model!r}",
            param="model",
        )
    if question.logprobs and engine.decode is None:
        raise ApiError(
            "invalid_option", "logprobs=True: this engine does not say them", param="logprobs"
        )
    return ChatAnswer(
        info=info,
        logprobs=question.logprobs,
        token_ids=question.return_token_ids,
        decode=engine.decode,
    )
