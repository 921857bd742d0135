"""The fake engine that users, too, test with."""

from __future__ import annotations

import pytest
from PIL import Image

from got_loaders.errors import EngineDeadError, PageError
from got_loaders.testing import FakeEngine
from got_loaders.types import (
    EngineInfo,
    OcrRequest,
    OcrResult,
    get_engine_info,
    get_max_batch_size,
)

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


def test_it_says_its_words_to_who_listens() -> None:
    """Word by word, before it answers, as tokens that it can turn into the text again."""
    engine = FakeEngine("one  two\nthree two\n")
    heard: list[tuple[int, int, float]] = []
    result = engine.submit(REQUEST, listener=lambda *token: heard.append(token)).result()
    assert [index for index, _, _ in heard] == list(range(5))
    assert [token for _, token, _ in heard][:3] == [0, 1, 2]
    assert {probability for _, _, probability in heard} == {1.0}
    assert engine.decode(token for _, token, _ in heard) == result.text == engine.reply
    assert engine.decode(token for _, token, _ in heard[:2]) == "one  two"


def test_it_answers_though_a_listener_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A listener that raises hears no more, as with a real engine."""
    heard: list[int] = []

    def fail(index: int, token_id: int, probability: float) -> None:
        heard.append(index)
        raise ValueError("no ear for that")

    assert FakeEngine("two words").submit(REQUEST, listener=fail).result().text == "two words"
    assert heard == [0]
    assert len(caplog.records) == 1


def test_it_says_what_it_is() -> None:
    """Its name, and how many requests it runs at once, if it was told so."""
    engine = FakeEngine(fingerprint="fake@1", max_batch_size=300)
    assert get_engine_info(engine) == EngineInfo(
        model="fake@1", fingerprint="fake@1", max_batch_size=300
    )
    assert get_max_batch_size(engine) == 300
    assert get_max_batch_size(FakeEngine()) is None
