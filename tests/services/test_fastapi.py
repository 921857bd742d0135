"""The example of an upload endpoint: many clients at once, bad files, clients who hang up."""

from __future__ import annotations

import asyncio
import importlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from got_loaders.errors import ModelNotFoundError
from got_loaders.testing import FakeEngine
from got_loaders.types import Engine
from tests.fakes import HeldEngine, picture, says_number
from tests.pages import making

EXAMPLES = Path(__file__).parents[2] / "examples"

Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The example's module, whose engine is its own again afterwards."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    module = importlib.import_module("fastapi_upload")
    monkeypatch.setattr(module, "shared_engine", module.shared_engine)
    return module


@asynccontextmanager
async def serving(service: Any, engine: Engine) -> AsyncIterator[Post]:
    """The service with ``engine``, and what posts a file to it."""
    service.shared_engine = lambda _config: engine
    async with service.lifespan(service.app):
        transport = httpx.ASGITransport(app=service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

            async def post(data: bytes, name: str = "a.pdf", **params: str) -> httpx.Response:
                files = {"file": (name, data)}
                password = params.pop("password", None)
                form = {} if password is None else {"password": password}
                return await client.post("/read", files=files, params=params, data=form)

            yield post


def tiff(*numbers: int) -> bytes:
    """Pages of which each shows its number."""
    first, *others = (picture(number) for number in numbers)
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others)
    return file.getvalue()


def test_twenty_clients_get_their_own_pages(service: Any) -> None:
    """All at once, in one process: none gets another's text, or pages in another order."""

    async def talk() -> list[httpx.Response]:
        async with serving(service, FakeEngine(says_number)) as post:
            files = [(tiff(10 * n, 10 * n + 1, 10 * n + 2), f"{n}.tif") for n in range(20)]
            return await asyncio.gather(*(post(*file) for file in files))

    for number, response in enumerate(asyncio.run(talk())):
        answer = response.json()
        assert (response.status_code, answer["name"]) == (200, f"{number}.tif")
        texts = [page["text"] for page in answer["pages"]]
        assert texts == [f"page {10 * number + page}" for page in range(3)]
        assert [page["page"] for page in answer["pages"]] == [1, 2, 3]


def test_what_goes_wrong_is_a_status(service: Any) -> None:
    """With a reason that names the upload and no path; the service goes on."""

    async def talk() -> None:
        async with serving(service, FakeEngine("read")) as post:
            for data, params, status, told in [
                (b"garbage", {}, 415, "a.pdf: it is neither a PDF nor an image"),
                (b"", {}, 422, "a.pdf: there are no bytes in it"),
                (b"%PDF-1.7 nothing", {}, 422, "a.pdf: the PDF is damaged"),
                (b"garbage", {"on_error": "keep"}, 422, "a.pdf: it is neither"),
                (making.locked_pdf("open sesame"), {}, 422, "password"),
                (making.locked_pdf("open sesame"), {"password": "wrong"}, 422, "password"),
                (bytes(service.MAX_BYTES + 1), {}, 413, "more than 20,000,000 bytes"),
                (making.pdf(*"x" * 51), {}, 413, "it has 51 pages, more than max_pages=50 pages"),
                (making.pdf("one"), {"pages": "2"}, 422, "the document has 1 page"),
                (making.pdf("one"), {"pages": "x"}, 422, "pages='x'"),
            ]:
                response = await post(data, **params)
                assert response.status_code == status, told
                assert told in response.json()["detail"]
            response = await post(making.locked_pdf("open sesame"), password="open sesame")
            assert response.json()["pages"][0]["text"] == "read"

    asyncio.run(talk())


def test_an_engine_s_errors_are_told_apart(service: Any) -> None:
    """A page that fails is the request's, or stands in its place; a model that is not there 503."""

    def reply(request: Any) -> str | Exception:
        text = says_number(request)
        return RuntimeError("hard") if text == "page 1" else text

    async def talk() -> None:
        async with serving(service, FakeEngine(reply)) as post:
            assert (await post(tiff(0, 1, 2))).status_code == 422
            pages = (await post(tiff(0, 1, 2), on_error="keep")).json()["pages"]
            assert [page["text"] for page in pages] == ["page 0", "", "page 2"]
            assert "page 2: hard" in pages[1]["error"]
        async with serving(service, FakeEngine(ModelNotFoundError("no weights"))) as post:
            assert (await post(tiff(0))).status_code == 503

    asyncio.run(talk())


def test_a_client_that_hangs_up_leaves_the_engine(service: Any) -> None:
    """Its pages are cancelled, and the next client's are read."""
    engine = HeldEngine(answers_first=False)

    async def talk() -> None:
        async with serving(service, engine):
            request = httpx.Request("POST", "http://test/read", files={"file": ("a", tiff(1, 2))})
            messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
            messages.put_nowait({"type": "http.request", "body": request.read()})
            sent: list[dict[str, Any]] = []

            async def send(message: dict[str, Any]) -> None:
                sent.append(message)

            scope = {
                "type": "http",
                "method": "POST",
                "path": "/read",
                "query_string": b"",
                "headers": [(key.lower(), value) for key, value in request.headers.raw],
            }
            serve = asyncio.create_task(service.app(scope, messages.get, send))
            await engine.asked(2)
            messages.put_nowait({"type": "http.disconnect"})
            await serve
            assert engine.cancelled == [True, True]
            assert sent[0]["status"] == 499

    asyncio.run(talk())
