"""``POST /v1/chat/completions``."""

from __future__ import annotations

import asyncio
import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from got_loaders.server.bodies import json_body
from got_loaders.server.chat.schema import OPENAPI
from got_loaders.server.chat.stream import ChatStream
from got_loaders.server.chat.task import ENDPOINT, ChatTask, Finished, Started
from got_loaders.server.disconnect import cancel_and_wait, until_disconnect
from got_loaders.server.state import get_state

__all__ = ["router"]

router = APIRouter()


@router.post(ENDPOINT, tags=["reading"], summary="Read pages", openapi_extra=OPENAPI)
async def chat_completions(request: Request) -> Response:
    """Pages as pictures in, their text out, in the shape of OpenAI's chat completions."""
    state = get_state(request)
    state.stopping.check()
    await state.engine_source.get()
    task = ChatTask(state, await json_body(request))
    running = asyncio.ensure_future(task.run())
    streamed = False
    try:
        first = await until_disconnect(request.receive, task.events.get())
        if isinstance(first, Exception):
            raise first
        assert isinstance(first, Started | Finished), "tokens come after the start"
        if first.question.stream:
            streamed = True
            return ChatStream(task, running, first)
        assert isinstance(first, Finished), "what is not streamed tells its end alone"
        answer = first.answer.whole(first.result, first.tokens)
        return Response(json.dumps(answer), media_type="application/json")
    finally:
        if not streamed:
            await cancel_and_wait(running)
