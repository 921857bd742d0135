"""The fake engine that users, too, test with."""

from __future__ import annotations

import pytest
from PIL import Image

from got_loaders.errors import EngineDeadError, PageError
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest, OcrResult

REQUEST = OcrRequest(images=(Image.new("RGB", (20, 10)),), format=True)


def test_it_answers_what_it_was_told() -> None:
    """A text, a result, or what a callable makes of the request."""
    assert FakeEngine("two words").submit(REQUEST).result().num_tokens == 2
    result = OcrResult(text="x", finish_reason="length", model="another")
    assert FakeEngine(result).submit(REQUEST).result() is result
    engine = FakeEngine(lambda request: f"format={request.format}")
    assert engine.submit(REQUEST).result().text == "format=True"


def test_its_results_name_it() -> None:
    """As a real engine's do, unless the result that it was given names another."""
    for reply in ("text", OcrResult(text="text")):
        result = FakeEngine(reply, fingerprint="fake@1").submit(REQUEST).result()
        assert (result, result.model) == (
            OcrResult(text="text", num_tokens=result.num_tokens),
            "fake@1",
        )


def test_it_fails_when_told() -> None:
    """An exception is the answer, whether given, returned or raised."""

    def fail(request: OcrRequest) -> str:
        raise PageError("no")

    for reply in (PageError("no"), lambda request: PageError("no"), fail):
        with pytest.raises(PageError, match="no"):
            FakeEngine(reply).submit(REQUEST).result()


def test_it_remembers_the_requests() -> None:
    """In the order in which they came."""
    engine = FakeEngine()
    engine.submit(REQUEST)
    engine.submit(REQUEST)
    assert engine.requests == [REQUEST, REQUEST]


def test_a_closed_one_is_dead() -> None:
    """As a real one is."""
    engine = FakeEngine(fingerprint="fake@1")
    assert engine.fingerprint == "fake@1"
    engine.close()
    with pytest.raises(EngineDeadError):
        engine.submit(REQUEST)
