"""Many clients at once, of whom some are rude: what they do, and what they count."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

__all__ = ["CLIENTS", "Question", "Tally", "load"]

CLIENTS = 32
PATIENCE = 60.0
"""Seconds that an answer may take."""


@dataclass(frozen=True, slots=True)
class Question:
    """The body of a chat completion, and what its answer must say."""

    body: dict[str, Any]
    answer: str


@dataclass(slots=True)
class Tally:
    """What clients have counted: answers by status, and requests that they hung up on."""

    answered: Counter[int] = field(default_factory=Counter)
    hung_up: int = 0
    wrong: list[str] = field(default_factory=list)


async def load(
    url: str, questions: Sequence[Question], seed: int, ended: Callable[[int], bool]
) -> Tally:
    """So many clients, each asking until ``ended``, which is told how often it has; all are
    answered."""
    tally = Tally()
    timeout = httpx.Timeout(PATIENCE)
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(base_url=url, timeout=timeout, limits=limits) as connections:
        clients = [
            _Client(connections, questions, tally, random.Random(f"{seed} {number}"))
            for number in range(CLIENTS)
        ]
        await asyncio.gather(*(client.ask_until(ended) for client in clients))
    return tally


class _Client:
    """Asks one question after the other, in some way that it draws."""

    def __init__(
        self,
        connections: httpx.AsyncClient,
        questions: Sequence[Question],
        tally: Tally,
        chance: random.Random,
    ) -> None:
        self._connections = connections
        self._questions = questions
        self._tally = tally
        self._chance = chance
        ways: dict[Callable[[], Coroutine[Any, Any, None]], int] = {
            self._ask: 8,
            self._stream: 4,
            self._ask_wrongly: 2,
            self._hang_up: 4,
            self._hang_up_in_a_stream: 3,
            self._send_half: 2,
            self._look: 1,
        }
        self._ways = [way for way, weight in ways.items() for _ in range(weight)]

    async def ask_until(self, ended: Callable[[int], bool]) -> None:
        for asked in itertools.count():
            if ended(asked):
                return
            try:
                await self._chance.choice(self._ways)()
            except httpx.HTTPError as error:  # nobody but us hangs up
                self._tally.wrong.append(repr(error))

    async def _ask(self) -> None:
        question = self._question()
        answer = await self._connections.post("/v1/chat/completions", json=question.body)
        self._answered(answer, 200)
        text = answer.json()["choices"][0]["message"]["content"]
        self._compare(text, question)

    async def _stream(self) -> None:
        question = self._question()
        text, ended = "", False
        async with self._streamed(question) as answer:
            self._answered(answer, 200)
            async for line in answer.aiter_lines():
                event = line.removeprefix("data: ")
                ended = event == "[DONE]"
                if event and not ended:
                    choices = json.loads(event)["choices"]
                    text += "".join(c["delta"].get("content") or "" for c in choices)
                elif ended:
                    self._compare(text, question)

    async def _ask_wrongly(self) -> None:
        body = self._question().body
        picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,bm8="}}
        wrong = self._chance.choice(
            [
                {**body, "formt": True},
                {**body, "messages": [{"role": "user", "content": [picture]}]},
            ]
        )
        self._answered(await self._connections.post("/v1/chat/completions", json=wrong), 400)

    async def _hang_up(self) -> None:
        """At some moment before the answer, or just when it comes."""
        asking = asyncio.ensure_future(
            self._connections.post("/v1/chat/completions", json=self._question().body)
        )
        done, _ = await asyncio.wait([asking], timeout=self._chance.uniform(0, 0.05))
        if done:
            self._answered(await asking, 200)
            return
        asking.cancel()
        self._tally.hung_up += 1
        with suppress(asyncio.CancelledError):
            await asking

    async def _hang_up_in_a_stream(self) -> None:
        async with self._streamed(self._question()) as answer:
            if answer.status_code != 200:
                self._tally.wrong.append(f"{answer.status_code} for a stream")
            async for _ in answer.aiter_lines():
                break
        self._tally.hung_up += 1

    async def _send_half(self) -> None:
        """A body that ends before it is whole, by a client that is gone then."""
        url = self._connections.base_url
        _, writer = await asyncio.open_connection(url.host, url.port)
        body = json.dumps(self._question().body).encode()
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body[: self._chance.randrange(len(body))])
        self._tally.hung_up += 1
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _look(self) -> None:
        path = self._chance.choice(["/health", "/ready", "/metrics", "/v1/models"])
        answer = await self._connections.get(path)
        if answer.status_code != 200:
            self._tally.wrong.append(f"{answer.status_code} for {path}")

    def _question(self) -> Question:
        return self._chance.choice(self._questions)

    def _streamed(self, question: Question) -> Any:
        body = {**question.body, "stream": True}
        return self._connections.stream("POST", "/v1/chat/completions", json=body)

    def _answered(self, answer: httpx.Response, expected: int) -> None:
        self._tally.answered[answer.status_code] += 1
        if answer.status_code != expected:
            self._tally.wrong.append(f"{answer.status_code} in place of {expected}")

    def _compare(self, text: str, question: Question) -> None:
        if text != question.answer:
            self._tally.wrong.append(f"{text!r} in place of {question.answer!r}")
