"""Answers as they come, and clients that hang up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from got_loaders.errors import EngineError
from got_loaders.server.app import create_app
from got_loaders.server.chat.detokenizer import Detokenizer
from got_loaders.server.settings import ServerSettings
from got_loaders.types import OcrRequest, OcrResult
from tests.server.engines import PATIENCE, StepEngine
from tests.server.pages import question
from tests.server.running import RunningServer, running_server, until

PATH = "/v1/chat/completions"


@pytest.fixture(scope="module")
def engine() -> StepEngine:
    """Answers as the tests say."""
    return StepEngine()


@pytest.fixture(scope="module")
def server(engine: StepEngine) -> Iterator[RunningServer]:
    """One server for all."""
    with running_server(engine, ServerSettings(port=0, max_running=2)) as running:
        yield running


class Stream:
    """A streamed answer, read event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self) -> Any:
        """The next event's data; "[DONE]" as it is."""
        line = next(line for line in self._lines if line)
        data = line.removeprefix("data: ")
        return data if data == "[DONE]" else json.loads(data)

    def rest(self) -> list[Any]:
        """All that come."""
        found = [self.next()]
        while found[-1] != "[DONE]":
            found.append(self.next())
        return found


def text_of(chunks: list[Any]) -> str:
    """The text that chunks add up to."""
    choices = [choice for chunk in chunks if chunk != "[DONE]" for choice in chunk["choices"]]
    return "".join(choice["delta"].get("content", "") for choice in choices)


def test_words_come_as_they_are_read(server: RunningServer, engine: StepEngine) -> None:
    """A chunk is there as soon as its token, no character is ever cut, and the end says why."""
    body = question(stream=True, stream_options={"include_usage": True}, return_token_ids=True)
    opening = server.threads.submit(_open, server, body)
    asked = engine.asked()
    asked.say("A")
    response = opening.result(PATIENCE)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    stream = Stream(response)
    first, second = stream.next(), stream.next()
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert (first["object"], first["usage"]) == ("chat.completion.chunk", None)
    assert second["choices"][0]["delta"] == {"content": "A"}
    asked.say("€"[0].encode()[:2])
    asked.say("€".encode()[2:])
    asked.end()
    chunks = [second, *stream.rest()]
    response.close()
    assert text_of(chunks) == "A€"
    ids = [i for chunk in chunks[:-1] for c in chunk["choices"] for i in c.get("token_ids", [])]
    assert ids == list("A€".encode())
    last, usage, done = chunks[-3:]
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["ocr"]["confidence"] == 0.1 + 0.2
    assert "text" not in last["ocr"]
    assert (usage["choices"], usage["usage"]["total_tokens"], done) == ([], 11, "[DONE]")


def _open(server: RunningServer, body: dict[str, Any]) -> httpx.Response:
    request = server.client.build_request("POST", PATH, json=body)
    return server.client.send(request, stream=True)


def test_a_loop_that_was_sent_is_corrected_at_the_end(
    server: RunningServer, engine: StepEngine
) -> None:
    """Words can't be called back: the last chunk has the text without its repetition."""
    opening = server.threads.submit(_open, server, question(stream=True, logprobs=True))
    asked = engine.asked()
    asked.say("la la la ")
    asked.end(text="la ", num_tokens=3, token_ids=tuple(b"la "), finish_reason="repetition")
    chunks = Stream(opening.result(PATIENCE)).rest()
    last = chunks[-2]
    assert text_of(chunks) == "la la la "
    assert last["ocr"]["text"] == "la "
    assert last["ocr"]["finish_reason"] == "repetition"
    assert last["choices"][0]["finish_reason"] == "stop"
    opening.result().close()


def test_a_request_that_starts_anew_says_nothing_twice(
    server: RunningServer, engine: StepEngine
) -> None:
    """An engine short of memory begins a page again; its client sees one text."""
    opening = server.threads.submit(_open, server, question(stream=True))
    asked = engine.asked()
    asked.say("ab")
    asked.said = b""
    asked.say("abc")
    asked.end()
    assert text_of(Stream(opening.result(PATIENCE)).rest()) == "abc"
    opening.result().close()


class SilentEngine:
    """Says no tokens: the least that an engine may do."""

    fingerprint = "silent"

    def submit(self, request: OcrRequest) -> Future[OcrResult]:
        """Answer at once."""
        future: Future[OcrResult] = Future()
        future.set_result(OcrResult(text="all of it", token_ids=(1, 2), num_tokens=2))
        return future

    def close(self) -> None:
        """Nothing to do."""


def test_an_engine_without_tokens_streams_its_answer_at_once() -> None:
    """One that tells no tokens is streamed in one piece; how likely they were it can't say."""
    with running_server(SilentEngine()) as server:
        response = _open(server, question(stream=True, return_token_ids=True))
        chunks = Stream(response).rest()
        response.close()
        assert text_of(chunks) == "all of it"
        assert chunks[1]["choices"][0]["token_ids"] == [1, 2]
        refused = server.client.post(PATH, json=question(logprobs=True)).json()["error"]
    assert (refused["code"], refused["param"]) == ("invalid_option", "logprobs")


def test_an_error_before_the_first_word_has_a_status(
    server: RunningServer, engine: StepEngine
) -> None:
    """Where nothing was sent yet an error is an error; in mid-stream it is an event."""
    early = server.threads.submit(_open, server, question(stream=True))
    engine.asked().future.set_exception(EngineError("no such luck in /srv/models/x"))
    response = early.result(PATIENCE)
    response.read()
    assert response.status_code == 500
    assert response.json()["error"]["message"] == "no such luck in …"
    late = server.threads.submit(_open, server, question(stream=True))
    asked = engine.asked()
    asked.say("x")
    stream = Stream(late.result(PATIENCE))
    assert [stream.next()["choices"][0]["delta"] for _ in "12"][1] == {"content": "x"}
    asked.future.set_exception(EngineError("no such luck"))
    assert stream.next()["error"]["code"] == "engine_error"
    with pytest.raises((StopIteration, RuntimeError)):
        stream.next()
    stream.response.close()


@pytest.mark.parametrize("streamed", [False, True])
def test_a_client_that_hangs_up_leaves_the_batch(
    server: RunningServer, engine: StepEngine, streamed: bool
) -> None:
    """Its request is cancelled at once, before or after its first word."""
    with server.connect(PATH, question(stream=streamed)) as connection:
        asked = engine.asked()
        if streamed:
            asked.say("x")
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
    assert asked.gone.wait(PATIENCE)
    assert asked.future.cancelled()


def test_who_hangs_up_in_the_queue_leaves_it(server: RunningServer, engine: StepEngine) -> None:
    """A request that waits costs nothing any more once its client is gone."""
    running = [server.post(PATH, question()) for _ in range(2)]
    first, second = engine.asked(), engine.asked()
    count = len(engine.requests)
    with server.connect(PATH, question()):
        until(lambda: server.state.admission.waiting == 1)
    until(lambda: server.state.admission.waiting == 0)
    first.end()
    second.end()
    assert all(each.result(PATIENCE).status_code == 200 for each in running)
    assert len(engine.requests) == count


def test_the_official_client_reads_a_page(server: RunningServer, engine: StepEngine) -> None:
    """OpenAI's own client gets its own types back, whole and streamed, and its own errors."""
    messages: Any = question()["messages"]
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["step/model"]
        whole = server.threads.submit(
            lambda: client.chat.completions.create(
                model="step/model", messages=messages, logprobs=True, temperature=0
            )
        )
        asked = engine.asked()
        asked.say("hi")
        asked.end(finish_reason="length")
        answer = whole.result(PATIENCE)
        assert answer.choices[0].message.content == "hi"
        assert answer.choices[0].finish_reason == "length"
        assert answer.choices[0].logprobs is not None
        assert [t.token for t in answer.choices[0].logprobs.content or []] == ["h", "i"]
        assert answer.usage is not None
        assert answer.usage.completion_tokens == 2
        streaming = server.threads.submit(
            lambda: client.chat.completions.create(
                model="step/model",
                messages=messages,
                stream=True,
                stream_options={"include_usage": True},
                extra_body={"format": False, "crop_to_patches": True},
            )
        )
        asked = engine.asked()
        assert asked.request.crop_to_patches
        asked.say("hello")
        asked.end()
        with streaming.result(PATIENCE) as chunks:
            parts = list(chunks)
        told = [c.choices[0].delta.content or "" for c in parts if c.choices]
        assert "".join(told) == "hello"
        assert parts[-1].usage is not None
        with pytest.raises(openai.NotFoundError) as missing:
            client.chat.completions.create(model="gpt-5", messages=messages)
        assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
        with pytest.raises(openai.BadRequestError, match="did you mean 'max_new_tokens'"):
            client.chat.completions.create(
                model="step/model", messages=messages, extra_body={"max_new_token": 5}
            )


@pytest.mark.parametrize(
    "text", ["plain", "naïve €uro 漢字 👩‍👩‍👧 end", "\ufffd x \ufffd\ufffd", ""]
)
def test_text_is_never_cut_within_a_character(text: str) -> None:
    """Byte by byte, what was given is always a beginning of the text, and in the end all of it
    but for what only looks unfinished."""
    detokenizer = Detokenizer(lambda ids: bytes(ids).decode("utf-8", "replace"))
    given = ""
    for byte in text.encode():
        given += detokenizer.add(byte)
        assert text.startswith(given)
    assert given == text.rstrip("\ufffd")


def test_a_stream_that_the_server_breaks_off_says_so(tmp_path: Path) -> None:
    """When the grace time is over, a client is told in the stream that it should ask again."""
    engine = StepEngine()
    sent: list[bytes] = []

    async def stream() -> None:
        app = create_app(ServerSettings(jobs_dir=str(tmp_path)), engine)
        asked = [{"type": "http.request", "body": json.dumps(question(stream=True)).encode()}]
        said = asyncio.Event()

        async def receive() -> Any:
            return asked.pop() if asked else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))
            if b"word" in sent[-1]:
                said.set()

        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": PATH, "headers": headers}
        async with app.router.lifespan_context(app), asyncio.timeout(PATIENCE):
            answer = asyncio.create_task(app({**scope, "query_string": b""}, receive, send))
            (await asyncio.to_thread(engine.asked)).say("word")
            await said.wait()
            app.state.server.stopping.set()
            answer.cancel()
            await asyncio.wait({answer})

    asyncio.run(stream())
    assert json.loads(sent[-2].removeprefix(b"data: "))["error"]["code"] == "closing"
    assert sent[-1] == b""
