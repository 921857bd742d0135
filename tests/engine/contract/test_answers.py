"""The right answer to each request, whoever asks and whatever else is read at the time."""

from __future__ import annotations

import random
import threading
from concurrent.futures import Future
from dataclasses import replace

import pytest
from PIL import Image

from got_loaders.errors import GotLoadersError, OptionError, RequestTooLongError
from got_loaders.types import Engine, OcrRequest, OcrResult, get_engine_info, get_max_batch_size
from tests.engine.contract.asking import (
    MODES,
    PICTURES,
    WAIT,
    Expected,
    ask,
    broken_picture,
    check,
    submit,
)
from tests.engine.contract.engines import EngineCase
from tests.engine.contract.stand_in import LOOPING_SIZE

PLAIN = MODES["plain"]


def test_it_is_an_engine(engine: Engine, expected: Expected) -> None:
    """It says by a fingerprint what reads, the same for the same model, and more if it likes."""
    assert isinstance(engine, Engine)
    assert engine.fingerprint == engine.fingerprint == expected(PLAIN).model
    ask(engine, PLAIN)
    info, size = get_engine_info(engine), get_max_batch_size(engine)
    assert info.fingerprint == engine.fingerprint
    assert info.max_batch_size == size
    assert size is None or size >= 1
    assert info.model
    assert not info.model.startswith("/")


def test_answers_do_not_depend_on_the_order(engine: Engine, expected: Expected) -> None:
    """Requests of all modes at the same time: each has its own answer, in every field.

    A mode that the engine can't do is refused, and by its name.
    """
    modes = random.Random(7).sample(sorted(MODES), len(MODES))
    futures = {mode: submit(engine, MODES[mode]) for mode in modes}
    for mode, request in MODES.items():
        check(futures[mode], expected(request), mode)


def test_pictures_are_read_as_files_have_them(engine: Engine, expected: Expected) -> None:
    """Whatever their mode of colours, however small; and the caller's picture stays as it is."""
    requests = {
        name: OcrRequest(images=(picture,), max_new_tokens=6) for name, picture in PICTURES.items()
    }
    before = {name: _pixels(picture) for name, picture in PICTURES.items()}
    futures = {name: submit(engine, request) for name, request in requests.items()}
    for name, request in requests.items():
        check(futures[name], expected(request))
    assert {name: _pixels(picture) for name, picture in PICTURES.items()} == before


def _pixels(picture: Image.Image) -> tuple[object, ...]:
    return picture.mode, picture.size, picture.tobytes(), sorted(picture.info)


def test_an_answer_says_how_it_ended(case: EngineCase, engine: Engine, expected: Expected) -> None:
    """By itself, by ``max_new_tokens``, or because it repeated itself."""
    looping = OcrRequest(images=(Image.new("RGB", LOOPING_SIZE),), max_new_tokens=30)
    cut, whole = replace(PLAIN, max_new_tokens=3), replace(PLAIN, max_new_tokens=300)
    found = [ask(engine, request) for request in (cut, whole)]
    assert [each.finish_reason for each in found] == ["length", "stop"]
    assert found[0].num_tokens == 3
    assert found[1].token_ids[: found[0].num_tokens - 1] == found[0].token_ids[:-1]
    if not case.reads:
        watched = ask(engine, replace(looping, stop_on_repetition=True))
        assert (watched.finish_reason, watched.text.count("again")) == ("repetition", 1)
        assert ask(engine, looping).finish_reason == "length"


def test_answers_are_complete(engine: Engine) -> None:
    """Tokens, their number and that of the prompt's, how sure it was, and who read."""
    for request in (PLAIN, MODES["multi_page"]):
        found = ask(engine, request)
        assert found.num_tokens == len(found.token_ids) > 0
        assert 0 < (found.confidence or 0) <= 1
        assert found.prompt_tokens > 0
        assert found.model == engine.fingerprint
        assert found.markup in ("mathpix", "markdown")


def test_32_threads_may_ask_at_the_same_time(engine: Engine, expected: Expected) -> None:
    """Each gets its own answer; the same question gets the same one."""
    names = ["plain", "format", "box", "color"]
    rights = {name: expected(MODES[name]) for name in names}
    asked: list[tuple[str, Future[OcrResult]]] = []

    def work(number: int) -> None:
        name = names[number % len(names)]
        asked.append((name, submit(engine, MODES[name])))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
        assert not thread.is_alive(), "submit hangs"
    assert len(asked) == 32
    for name, future in asked:
        check(future, rights[name], name)


def test_what_can_t_be_read_fails_alone(engine: Engine, expected: Expected) -> None:
    """Too long a request, or a picture that is none: by ``submit`` or by the Future."""
    right = expected(PLAIN)
    too_long = submit(engine, replace(PLAIN, max_new_tokens=10**6))
    good = [submit(engine, PLAIN)]
    broken = submit(engine, OcrRequest(images=(broken_picture(),), max_new_tokens=4))
    good.append(submit(engine, PLAIN))
    with pytest.raises(RequestTooLongError, match="max_new_tokens"):
        too_long.result(WAIT)
    with pytest.raises(GotLoadersError) as caught:
        broken.result(WAIT)
    assert not isinstance(caught.value, OptionError)
    for future in good:
        check(future, right)


def test_who_listens_hears_the_answer(case: EngineCase, engine: Engine, expected: Expected) -> None:
    """Every token in its place, as text the same; a listener that raises harms nobody."""
    if not case.listens:
        pytest.skip("takes no listener")
    heard: list[tuple[int, int, float]] = []

    def fail(index: int, token_id: int, probability: float) -> None:
        raise ValueError("no ear for that")

    listening: object = engine  # beyond the protocol
    future = listening.submit(PLAIN, listener=lambda *token: heard.append(token))  # type: ignore[attr-defined]  # see above
    deaf = listening.submit(PLAIN, listener=fail)  # type: ignore[attr-defined]  # see above
    for each in (future, deaf):
        check(each, expected(PLAIN))
    assert [index for index, _, _ in heard] == list(range(len(heard)))
    assert all(0 < probability <= 1 for _, _, probability in heard)
    text = listening.decode([token for _, token, _ in heard])  # type: ignore[attr-defined]  # see above
    assert text == future.result().text
