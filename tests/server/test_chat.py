"""Chat completions: what may be asked, what is answered."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from got_loaders.engine import EngineConfig, shared_engine
from got_loaders.errors import OptionError
from got_loaders.server.chat.fields import IGNORED, KNOWN, NEUTRAL
from got_loaders.server.chat.question import parse_question
from got_loaders.server.chat.schema import PROPERTIES
from got_loaders.server.errors import ApiError
from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from got_loaders.types import REQUEST_FIELDS, OcrRequest, OcrResult
from tests.server.engines import StepEngine
from tests.server.pages import bomb, data_url, encoded, question
from tests.server.running import PATIENCE, RunningServer, running_server

PATH = "/v1/chat/completions"
RED = Image.new("RGB", (30, 20), "red")


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    """What is asked is recorded there."""
    result = OcrResult(
        text="read ≤ €", token_ids=(5, 6), num_tokens=2, confidence=0.1 + 0.2, prompt_tokens=11
    )
    return FakeEngine(result)


@pytest.fixture(scope="module")
def server(engine: FakeEngine) -> Iterator[RunningServer]:
    """One server for all that follows."""
    limits = ServerSettings(port=0, max_image_pixels=1_000_000, max_body_bytes=3_000_000)
    with running_server(engine, limits) as running:
        yield running


def ask(server: RunningServer, body: object) -> httpx.Response:
    """Post a body."""
    return server.client.post(PATH, json=body)


def test_an_answer_has_the_shape_of_openai(server: RunningServer) -> None:
    """Text, reason, tokens and numbers stand where OpenAI's clients look; the rest in ``ocr``."""
    response = ask(server, question(return_token_ids=True))
    answer = response.json()
    assert answer["id"].startswith("chatcmpl-")
    assert (answer["object"], answer["model"]) == ("chat.completion", "fake")
    assert answer["system_fingerprint"] == "fake"
    (choice,) = answer["choices"]
    assert choice["message"] == {"role": "assistant", "content": "read ≤ €", "refusal": None}
    assert (choice["finish_reason"], choice["logprobs"]) == ("stop", None)
    assert choice["token_ids"] == [5, 6]
    assert answer["usage"] == {"prompt_tokens": 11, "completion_tokens": 2, "total_tokens": 13}
    assert answer["ocr"] == {
        "finish_reason": "stop",
        "confidence": 0.1 + 0.2,
        "num_tokens": 2,
        "cached": False,
        "markup": "mathpix",
    }
    assert "token_ids" not in ask(server, question()).json()["choices"][0]


def test_what_is_asked_arrives_at_the_engine(server: RunningServer, engine: FakeEngine) -> None:
    """Each field of a request means what it means in Python; pictures keep every pixel."""
    gray = Image.frombytes("L", (20, 10), bytes(range(200)))
    fields: dict[str, Any] = {
        "format": True,
        "crop_to_patches": True,
        "min_patches": 2,
        "max_patches": 6,
        "stop_on_repetition": True,
        "max_completion_tokens": 77,
        "temperature": 0.7,
        "seed": None,
        "n": 1,
        "tools": [],
        "response_format": {"type": "text"},
    }
    body = question(encoded(gray), text=" ocr  with Format: ", **fields)
    assert ask(server, body).status_code == 200
    request = engine.requests[-1]
    assert (request.format, request.crop_to_patches, request.max_new_tokens) == (True, True, 77)
    assert (request.min_patches, request.max_patches) == (2, 6)
    assert request.stop_on_repetition
    assert (request.images[0].mode, request.images[0].tobytes()) == ("L", gray.tobytes())
    assert ask(server, question(encoded(RED), text=None, box=[0, 1.5, 10, 20])).status_code == 200
    box = engine.requests[-1].box
    assert box is not None
    assert (*box,) == (0, 1.5, 10, 20)
    pages = question(encoded(RED), encoded(gray), multi_page=True)
    assert ask(server, pages).status_code == 200
    assert len(engine.requests[-1].images) == 2


@pytest.mark.parametrize(
    ("content", "same"),
    [
        (encoded(RED), True),
        (encoded(RED, "WEBP", lossless=True), True),
        (encoded(RED, "TIFF"), True),
        (encoded(RED.convert("P"), "GIF"), True),
        (encoded(RED, "JPEG", quality=95), False),
        (encoded(RED.convert("RGBA"), "PNG"), True),
    ],
    ids=["png", "webp", "tiff", "gif", "jpeg", "rgba"],
)
def test_pictures_of_many_formats_are_read(
    server: RunningServer, engine: FakeEngine, content: bytes, same: bool
) -> None:
    """What the library reads from files it takes here, whatever the URL calls it."""
    assert ask(server, question(data_url(content, "image/whatever"))).status_code == 200
    image = engine.requests[-1].images[0]
    assert image.size == RED.size
    assert not same or image.convert("RGB").tobytes() == RED.tobytes()


USER = {"role": "user", "content": question()["messages"][0]["content"]}


@pytest.mark.parametrize(
    ("change", "code", "param", "says"),
    [
        ({"max_tokns": 5}, "unknown_field", "max_tokns", "did you mean 'max_tokens'"),
        ({"images": []}, "unknown_field", "images", "not a field"),
        ({"\ud800": 1}, "unknown_field", "\\ud800", "not a field"),
        ({"n": 2}, "invalid_option", "n", "n=2"),
        ({"n": True}, "invalid_option", "n", "n=True"),
        ({"tools": [{}]}, "invalid_option", "tools", "leave it out"),
        ({"stop": ["x"]}, "invalid_option", "stop", "leave it out"),
        ({"top_logprobs": 3}, "invalid_option", "top_logprobs", "leave it out"),
        ({"response_format": {"type": "json_object"}}, "invalid_option", "response_format", "t"),
        ({"audio": {}}, "invalid_option", "audio", "leave it out"),
        ({"format": True}, "invalid_option", "format", "asks for the other"),
        ({"format": "yes"}, "invalid_option", "format", "true or false"),
        ({"stream": "yes"}, "invalid_option", "stream", "true or false"),
        ({"stream_options": []}, "invalid_option", "stream_options", "an object"),
        ({"max_tokens": 5, "max_new_tokens": 6}, "invalid_option", "max_new_tokens", "one thing"),
        ({"max_tokens": 0}, "invalid_option", "max_new_tokens", "max_new_tokens=0"),
        ({"max_tokens": 5.0}, "invalid_option", "max_new_tokens", "max_new_tokens=5.0"),
        ({"box": [1, 2, 3]}, "invalid_option", "box", "box="),
        ({"box": "1,2,3,4"}, "invalid_option", "box", "box="),
        ({"box": [900, 900, 950, 950]}, "invalid_option", "box", "outside the image"),
        ({"color": "pink"}, "invalid_option", "color", "red, green, blue"),
        ({"color": "red", "box": [1, 1, 5, 5]}, "invalid_option", "box", "exclude each other"),
        ({"multi_page": True, "crop_to_patches": True}, "invalid_option", "crop_to_patches", "m"),
        ({"thumbnail": 7}, "invalid_option", "thumbnail", "expected a data: URL"),
        ({"thumbnail": "http://x/y.png"}, "invalid_option", "thumbnail", "expected a data: URL"),
        ({"thumbnail": "data:,x"}, "invalid_image", "thumbnail", "thumbnail"),
        ({"thumbnail": data_url(encoded(RED))}, "invalid_option", "thumbnail", "crop_to_patches"),
        ({"min_patches": 9, "max_patches": 3}, "invalid_option", "min_patches", "more than"),
        ({"model": "gpt-5"}, "model_not_found", "model", "the model here is 'fake'"),
        ({"model": 5}, "invalid_option", "model", "expected a name"),
        ({"messages": None}, "invalid_option", "messages", "one message"),
        ({"messages": []}, "invalid_option", "messages", "one message"),
        ({"messages": [USER, USER]}, "invalid_option", "messages[1]", "conversation"),
        (
            {"messages": [{"role": "system", "content": "Be kind"}, USER]},
            *("invalid_option", "messages[0]", "instructions"),
        ),
        ({"max_patches": 10**9}, "invalid_option", "max_patches", "at most 64"),
        ({"messages": ["x"]}, "invalid_option", "messages[0]", "an object"),
        (
            {"messages": [{"role": "user", "content": "OCR"}]},
            *("invalid_option", "messages[0].content", "no picture"),
        ),
        (
            question(text="Translate this"),
            *("invalid_option", "messages[0].content[1]", "'OCR' or 'OCR with format'"),
        ),
        (
            question("https://example.com/page.png"),
            *("invalid_option", "messages[0].content[0].image_url.url", "--urls"),
        ),
    ],
)
def test_a_wrong_request_is_told_by_name(
    server: RunningServer, change: dict[str, Any], code: str, param: str, says: str
) -> None:
    """A 400 says which field is wrong, and what would be right."""
    body = json.dumps(question() | change).encode()
    headers = {"content-type": "application/json"}
    response = server.client.post(PATH, content=body, headers=headers)
    error = response.json()["error"]
    assert (error["code"], error["param"]) == (code, param)
    assert response.status_code == (404 if code == "model_not_found" else 400)
    assert says in error["message"]


IMAGE = "messages[0].content[0].image_url.url"


@pytest.mark.parametrize(
    ("url", "status", "code", "says"),
    [
        ("not a url", 400, "invalid_image", "expected data:"),
        ("file:///etc/passwd", 400, "invalid_image", "expected data:"),
        ("data:image/png;base64,@@@@", 400, "invalid_image", "not base64"),
        ("data:image/png;base64,", 400, "invalid_image", "nothing in it"),
        (data_url(b"just some words"), 400, "invalid_image", "neither a PDF nor an image"),
        (data_url(b"%PDF-1.7 broken"), 400, "invalid_image", ""),
        (data_url(encoded(RED)[:60]), 400, "invalid_image", "damaged"),
        (data_url(bomb(60_000, 60_000)), 413, "too_large", "60000 × 60000 pixels"),
        (data_url(bomb(1001, 1000)), 413, "too_large", "1001 × 1000 pixels"),
        (
            data_url(encoded(RED, "GIF", save_all=True, append_images=[RED.convert("L")])),
            *(400, "invalid_image", "2 pages"),
        ),
    ],
    ids=range(10),
)
def test_what_is_no_small_picture_is_told(
    server: RunningServer, url: str, status: int, code: str, says: str
) -> None:
    """Not an image, a damaged one, or a bomb: an error that names the part, and no place here."""
    response = ask(server, question(url))
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (status, code, IMAGE)
    assert says in error["message"]
    assert "/tmp" not in error["message"]
    assert ask(server, question()).status_code == 200


def test_pictures_are_bounded_together(server: RunningServer) -> None:
    """Many pictures that are each small enough may still be too much."""
    half = encoded(Image.new("L", (1000, 600)))
    response = ask(server, question(half, half, multi_page=True))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"box": [NaN]}', b"[" * 90_000, b"9" * 5000],
    ids=range(8),
)
def test_what_is_no_json_object_is_told(server: RunningServer, body: bytes) -> None:
    """However broken a body is, the answer is a 400 in the usual shape."""
    response = server.client.post(PATH, content=body, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", [PATH, "/v1/ocr", "/v1/jobs"])
def test_a_small_text_does_not_become_a_million_values(server: RunningServer, path: str) -> None:
    """JSON that would fill the memory, and hold up all others while it is parsed, is refused."""
    for body in (b'{"messages": [%s[]]}' % (b"[]," * 100_001), b'{%s"a":1}' % (b'"a":1,' * 60_000)):
        headers = {"content-type": "application/json"}
        response = server.client.post(path, content=body, headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_request")
        assert "more than 100000 values" in response.json()["error"]["message"]


def test_a_long_request_is_not_told_back(server: RunningServer) -> None:
    """An error is short, whatever it is about."""
    long = "x" * 1_000_000
    assert len(ask(server, question(model=long)).content) < 1000
    for path in (PATH, "/v1/ocr", "/v1/jobs"):
        assert len(server.client.post(path, json={long: 1}).content) < 1000


def test_escapes_in_a_data_url_cost_little(server: RunningServer) -> None:
    """Base64 may be escaped as URLs are; a picture of escapes alone is refused."""
    head, noise = data_url(encoded(Image.effect_noise((90, 60), 99))).split(",")
    escaped = noise.replace("+", "%2b").replace("/", "%2F").replace("=", "%3D")
    assert ask(server, question(f"{head},{escaped}")).status_code == 200
    for start in (head, "data:image/png"):
        response = ask(server, question(f"{start},{'%41' * 200_000}"))
        assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_image")


def test_a_reading_that_the_engine_cancels_is_told() -> None:
    """A client is not left waiting where the engine drops its request."""
    engine = StepEngine()
    with running_server(engine) as server:
        for streamed in (False, True):
            answer = server.post(PATH, question(stream=streamed))
            assert engine.asked().future.cancel()
            response = answer.result(PATIENCE)
            assert (response.status_code, response.json()["error"]["code"]) == (500, "engine_error")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "image_url", "url", "role", "content"]), inner
        )
    ),
    max_leaves=8,
)
PARTS = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["text", "image_url", "file"])})
    | st.fixed_dictionaries({"type": st.just("image_url"), "image_url": JSON})
    | st.fixed_dictionaries({"type": st.just("text"), "text": JSON}),
    max_size=3,
)
BODIES = st.dictionaries(st.sampled_from(KNOWN), JSON, max_size=4) | st.fixed_dictionaries(
    {"messages": st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": PARTS}))}
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(BODIES)
def test_any_json_is_a_question_or_a_told_error(change: dict[str, Any]) -> None:
    """Whatever stands in a field, it is taken or refused by name, and never stumbled over."""
    body = json.dumps(question() | change, allow_nan=True).encode()
    with suppress(ApiError, OptionError):
        OcrRequest(images=(RED,), **parse_question(body).options)


def test_urls_of_this_network_are_not_opened() -> None:
    """With ``urls`` pictures are downloaded, but from public addresses alone; which address a name
    has is not told."""
    with running_server(FakeEngine(), ServerSettings(port=0, urls=True)) as server:
        response = ask(server, question("http://localhost:1/page.png"))
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "unreadable_document")
    assert error["param"] == IMAGE
    assert "127.0.0.1" not in error["message"]


def test_a_body_says_that_it_is_json(server: RunningServer) -> None:
    """A form, which a browser would send for any web page, is not taken."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {"content-type": kind} if kind else {}
        response = server.client.post(PATH, content=json.dumps(question()), headers=headers)
        assert response.status_code == 415
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert server.client.post(PATH, content=b"x", headers=headers).status_code == 415


def test_the_schema_knows_the_fields() -> None:
    """What ``/docs`` lists is what is taken."""
    refused = {name for name, values in NEUTRAL.items() if not values}
    assert set(PROPERTIES) == set(KNOWN) - refused
    assert set(REQUEST_FIELDS) <= set(PROPERTIES)
    assert not set(IGNORED) & set(NEUTRAL)


def test_the_model_says_what_it_is(server: RunningServer) -> None:
    """Its name is listed, and what clients prepare their pictures by."""
    (model,) = server.client.get("/v1/models").json()["data"]
    assert (model["id"], model["object"]) == ("fake", "model")
    assert server.client.get("/v1/models/fake").json()["id"] == "fake"
    assert server.client.get("/v1/models/other/name").status_code == 404
    told = server.client.get("/v1/capabilities").json()
    assert (told["object"], told["fingerprint"]) == ("capabilities", "fake")
    assert told["fields"] == [*REQUEST_FIELDS, "draft"]
    assert told["limits"]["max_image_pixels"] == 1_000_000


def test_logprobs_are_those_of_the_tokens() -> None:
    """Each token comes with its text, its bytes if they are whole, and the logarithm of its
    probability."""
    engine = StepEngine()
    with running_server(engine) as server:
        body = question(logprobs=True, return_token_ids=True)
        answer = server.post(PATH, body)
        asked = engine.asked()
        asked.say("a", 0.25)
        asked.say("é", 0.0)
        asked.end()
        choice = answer.result(PATIENCE).json()["choices"][0]
    tokens = choice["logprobs"]["content"]
    assert [token["token"] for token in tokens] == ["a", "\ufffd", "\ufffd"]
    assert [token["bytes"] for token in tokens] == [[97], None, None]
    assert [token["logprob"] for token in tokens] == [math.log(0.25), -9999.0, -9999.0]
    assert choice["token_ids"] == list("aé".encode())


def test_a_reading_is_the_local_engine_s() -> None:
    """Through the server the model says the same, to the last digit, as it does in this process.

    Which goes on with it when the server is closed.
    """
    image = Image.new("RGB", (300, 200), "white")
    image.paste("black", (40, 60, 120, 90))
    config = EngineConfig(model="tiny", device="cpu")
    with closing(shared_engine(config)) as engine:
        expected = engine.submit(OcrRequest(images=(image,), max_new_tokens=8)).result()
        with running_server(config) as server:
            body = question(encoded(image), max_tokens=8, return_token_ids=True)
            answer = ask(server, body).json()
            tiled: dict[str, Any] = {"crop_to_patches": True, "min_patches": 12, "max_tokens": 1}
            tiles = ask(server, question(encoded(image), **tiled))
            over = ask(server, question(encoded(image), max_tokens=1_000_000))
        assert engine.alive
    assert answer["choices"][0]["message"]["content"] == expected.text
    assert answer["choices"][0]["token_ids"] == list(expected.token_ids)
    assert answer["ocr"]["confidence"] == expected.confidence
    assert (answer["ocr"]["finish_reason"], answer["ocr"]["num_tokens"]) == (
        expected.finish_reason,
        expected.num_tokens,
    )
    assert tiles.json()["usage"]["completion_tokens"] == 1  # of 13 tiles
    assert over.json()["error"]["code"] == "request_too_long"
