"""A small server that speaks the wire, for what no proper one does: die, lie, stall, babble.

Every request is noted; ``reply`` may answer in the place of the engine.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Self

from PIL import Image

from got_loaders.testing import FakeEngine
from got_loaders.types import Box, Engine, OcrRequest, OcrResult
from got_loaders.types.requests import REQUEST_FIELDS


@dataclass(frozen=True)
class Seen:
    """A request as it came: ``number`` counts those to the same path, from 0."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    number: int
    connection: int

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What is sent back; ``raw`` is sent as it is, and the connection closed."""

    status: int = 200
    value: object = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    raw: bytes | None = None

    @classmethod
    def error(cls, status: int, code: str, message: str = "no", **headers: str) -> Reply:
        """An error in OpenAI's shape."""
        error = {"message": message, "type": "t", "param": None, "code": code}
        return cls(status, {"error": error}, {k.replace("_", "-"): v for k, v in headers.items()})

    def to_bytes(self) -> bytes:
        """As HTTP/1.1 has it."""
        if self.raw is not None:
            return self.raw
        body = json.dumps(self.value).encode() if self.body is None else self.body
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {self.status} Status"]
        lines += [f"{name}: {value}" for name, value in (headers | self.headers).items()]
        return "\r\n".join([*lines, "", ""]).encode() + body


Answerer = Callable[[Seen], Awaitable[Reply | None]]


class StandIn:
    """A server in a thread of its own; ``stop`` kills it, ``start`` brings it back."""

    def __init__(
        self,
        engine: Engine | None = None,
        reply: Answerer | None = None,
        *,
        max_batch_size: int = 4,
        image_size: int | None = 64,
    ) -> None:
        self.engine = engine or FakeEngine()
        self.reply = reply
        self.max_batch_size, self.image_size = max_batch_size, image_size
        self.seen: list[Seen] = []
        self.running = self.most_running = self.connections = 0
        self.hung_up = threading.Semaphore(0)
        self.port = 0
        self._changed = threading.Condition()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def reads(self) -> list[Seen]:
        """The readings that were asked for."""
        return [seen for seen in self.seen if seen.method == "POST"]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on the same port as before."""
        started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(started)))
        self._thread.start()
        started.result(60)

    def stop(self) -> None:
        """Cut every connection, as a process that is killed does."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(60)
            assert not self._thread.is_alive(), "a connection outlives its server"

    def wait_for(self, condition: Callable[[Self], bool]) -> None:
        """Wait until the server has seen what is waited for."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), 60)

    async def _main(self, started: Future[None]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        started.set_result(None)
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        connection = self.connections
        try:
            while (seen := await self._receive(reader, connection)) is not None:
                if not await self._answer(seen, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # asyncio would log that a connection's task was cancelled
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _receive(self, reader: asyncio.StreamReader, connection: int) -> Seen | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:
            return None
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        with self._changed:
            number = sum(each.path == path for each in self.seen)
            seen = Seen(method, path, headers, body, number, connection)
            self.seen.append(seen)
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            self._changed.notify_all()
        return seen

    async def _answer(
        self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer, unless the client hangs up before; False closes the connection."""
        reply = asyncio.ensure_future(self._reply(seen))
        gone = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait({reply, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not reply.done():
                self.hung_up.release()
                return False
            given = reply.result()
            writer.write(given.to_bytes())
            await writer.drain()
            return given.raw is None
        finally:
            with self._changed:
                self.running -= 1
                self._changed.notify_all()
            reply.cancel()
            gone.cancel()
            await asyncio.gather(reply, gone, return_exceptions=True)

    async def _reply(self, seen: Seen) -> Reply:
        given = None if self.reply is None else await self.reply(seen)
        if given is not None:
            return given
        if seen.path.endswith("/v1/capabilities"):
            return Reply(value=self.capabilities())
        if not seen.path.endswith("/v1/chat/completions"):
            return Reply.error(404, "not_found")
        result = await asyncio.wrap_future(self.engine.submit(to_request(seen.json)))
        return Reply(value=to_answer(result, self.engine.fingerprint))

    def capabilities(self) -> dict[str, object]:
        """What it says of itself."""
        return {
            "object": "capabilities",
            "model": "tiny",
            "fingerprint": self.engine.fingerprint,
            "max_batch_size": self.max_batch_size,
            "max_context": 8192,
            "image_size": self.image_size,
            "resample": "bicubic",
            "unsupported": [],
            "fields": [*REQUEST_FIELDS, "draft"],
        }


def to_request(body: dict[str, Any]) -> OcrRequest:
    """The request that a body means."""
    parts = body["messages"][0]["content"]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    fields = {name: body[name] for name in (*REQUEST_FIELDS, "draft") if name in body}
    if "box" in fields:
        fields["box"] = Box(*fields["box"])
    thumbnail = _picture(body["thumbnail"]) if "thumbnail" in body else None
    return OcrRequest(images=tuple(map(_picture, urls)), thumbnail=thumbnail, **fields)


def _picture(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def to_answer(result: OcrResult, fingerprint: str) -> dict[str, object]:
    """A result on the wire."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": result.text},
        "finish_reason": "length" if result.finish_reason == "length" else "stop",
        "token_ids": result.token_ids,
    }
    ocr = {
        "finish_reason": result.finish_reason,
        "confidence": result.confidence,
        "num_tokens": result.num_tokens,
        "cached": result.cached,
        "markup": result.markup,
    }
    usage = {
        "prompt_tokens": result.prompt_tokens,
        "completion_tokens": result.num_tokens,
        "completion_tokens_details": {
            "accepted_prediction_tokens": result.accepted_tokens,
            "rejected_prediction_tokens": result.rejected_tokens,
        },
    }
    return {
        "id": "chatcmpl-1",
        "model": "tiny",
        "system_fingerprint": fingerprint,
        "choices": [choice],
        "usage": usage,
        "ocr": ocr,
    }
