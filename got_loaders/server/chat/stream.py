"""A chat completion as server-sent events, each as soon as there is something to say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from got_loaders.server.chat.answer import ChatAnswer, WrittenToken
from got_loaders.server.chat.detokenizer import Detokenizer
from got_loaders.server.chat.question import ChatQuestion
from got_loaders.server.chat.task import ChatTask, Finished, Started
from got_loaders.server.disconnect import cancel_and_wait, until_disconnect
from got_loaders.server.errors import api_error
from got_loaders.server.stopping import closing

__all__ = ["ChatStream"]


class ChatStream(Response):
    """Tells the ``events`` of a task, the first of which is here already; owns ``running``."""

    def __init__(
        self, task: ChatTask, running: asyncio.Task[None], first: Started | Finished
    ) -> None:
        super().__init__(media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._task = task
        self._running = running
        self._first = first
        self._detokenizer = _detokenizer(first.answer)
        self._sent = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it; a client that hangs up cancels the reading."""
        try:
            await until_disconnect(receive, self._send_all(scope, send))
        finally:
            await cancel_and_wait(self._running)

    async def _send_all(self, scope: Scope, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        async for text in self._lines(scope):
            body = f"data: {text}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _lines(self, scope: Scope) -> AsyncGenerator[str]:
        question, answer = self._first.question, self._first.answer
        yield _text(_with_usage(answer.first(), question))
        event: Any = self._first
        while not isinstance(event, Finished):
            if isinstance(event, Exception):
                error = api_error(event)
                scope["error_code"] = error.code
                yield _text(error.to_json())
                return
            if isinstance(event, list):
                for chunk in self._deltas(answer, event):
                    yield _text(_with_usage(chunk, question))
            event = await self._next()
        for chunk in self._end(answer, event):
            yield _text(_with_usage(chunk, question))
        if question.include_usage:
            yield _text(answer.usage_chunk(event.result))
        yield "[DONE]"

    async def _next(self) -> Any:
        """The next event; where the server gives up what runs, the error that says so."""
        try:
            return await self._task.events.get()
        except asyncio.CancelledError:
            if not self._task.stopping:
                raise
            return closing()

    def _deltas(self, answer: ChatAnswer, tokens: list[WrittenToken]) -> list[dict[str, Any]]:
        """A chunk for the new tokens."""
        assert self._detokenizer is not None, "who hears tokens can write them"
        text = "".join(self._detokenizer.add(token.id) for token in tokens)
        self._sent += text
        tells = text or answer.logprobs or answer.token_ids
        return [answer.delta(text, tokens)] if tells else []

    def _end(self, answer: ChatAnswer, event: Finished) -> list[dict[str, Any]]:
        """What of the text is not sent yet, and how it ended."""
        result = event.result
        chunks = []
        unheard = [WrittenToken(each, 1.0) for each in result.token_ids[len(event.tokens) :]]
        if result.text.startswith(self._sent) and (result.text != self._sent or unheard):
            chunks.append(answer.delta(result.text[len(self._sent) :], unheard))
            self._sent = result.text
        chunks.append(answer.last(result, sent=self._sent))
        return chunks


def _detokenizer(answer: ChatAnswer) -> Detokenizer | None:
    return None if answer.decode is None else Detokenizer(answer.decode)


def _with_usage(chunk: dict[str, Any], question: ChatQuestion) -> dict[str, Any]:
    """OpenAI's chunks say null where the numbers come at the end."""
    return {**chunk, "usage": None} if question.include_usage else chunk


def _text(value: object) -> str:
    """In ASCII: there are clients that take U+2028 for the end of a line."""
    return json.dumps(value, separators=(",", ":"))
