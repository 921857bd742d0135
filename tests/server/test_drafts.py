"""A draft on its way: from a client of ours, or of OpenAI's, to the engine, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from got_loaders import OcrRequest, OcrResult, RemoteEngine
from got_loaders.engine.remote.dialect import Answer
from got_loaders.engine.remote.encode import encode_request
from got_loaders.engine.remote.own_dialect import OwnDialect
from got_loaders.engine.remote.protocol import MAX_DRAFT
from got_loaders.server.chat.question import parse_question
from got_loaders.server.errors import ApiError
from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from got_loaders.types import EngineInfo
from tests.server.pages import encoded, question
from tests.server.running import RunningServer, running_server

PATH = "/v1/chat/completions"
PICTURE = Image.new("L", (30, 40), "white")
RESULT = OcrResult(text="read", token_ids=(1, 2), num_tokens=2, accepted_tokens=7)
RESULT = replace(RESULT, rejected_tokens=5)


def as_body(value: object) -> bytes:
    """A request's, or an answer's."""
    return json.dumps(value).encode()


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    """What it answers was drafted."""
    return FakeEngine(RESULT)


@pytest.fixture(scope="module")
def server(engine: FakeEngine) -> Iterator[RunningServer]:
    """One for all that follows."""
    with running_server(engine, ServerSettings(port=0)) as running:
        yield running


@pytest.mark.parametrize("draft", ["what ≤ it\n\nsays \U0001d400", "", None, False])
def test_a_draft_reaches_the_engine_of_a_server(
    server: RunningServer, engine: FakeEngine, draft: Any
) -> None:
    """As it is; and the numbers of its tokens come back."""
    with RemoteEngine(server.url) as remote:
        result = remote.submit(OcrRequest(images=(PICTURE,), draft=draft)).result(60)
    assert engine.requests[-1].draft == draft
    assert type(engine.requests[-1].draft) is type(draft)
    assert (result.accepted_tokens, result.rejected_tokens) == (7, 5)


def test_what_openai_calls_a_prediction_is_a_draft(
    server: RunningServer, engine: FakeEngine
) -> None:
    """As a text or in parts; the answer says in OpenAI's words how much of it was right."""
    parts = [{"type": "text", "text": "two "}, {"type": "text", "text": "parts"}]
    for content, draft in (("one text", "one text"), (parts, "two parts"), ([], "")):
        prediction = {"type": "content", "content": content}
        answer = server.client.post(PATH, json=question(prediction=prediction)).json()
        assert engine.requests[-1].draft == draft
    assert answer["usage"] == {
        "prompt_tokens": 0,
        "completion_tokens": 2,
        "total_tokens": 2,
        "completion_tokens_details": {
            "accepted_prediction_tokens": 7,
            "rejected_prediction_tokens": 5,
        },
    }


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"draft": True}, "draft"),
        ({"draft": 3}, "draft"),
        ({"draft": ["a"]}, "draft"),
        ({"prediction": "text"}, "prediction"),
        ({"prediction": {"type": "content"}}, "prediction"),
        ({"prediction": {"type": "other", "content": "x"}}, "prediction"),
        ({"prediction": {"type": "content", "content": [{"type": "text"}]}}, "prediction"),
        ({"prediction": {"type": "content", "content": [{"type": "text", "text": 1}]}}, None),
        ({"draft": "a", "prediction": {"type": "content", "content": "a"}}, "prediction"),
    ],
)
def test_what_is_no_draft_is_refused(fields: dict[str, Any], param: str | None) -> None:
    """The field is named, and what it may be."""
    with pytest.raises(ApiError) as caught:
        parse_question(as_body(question(**fields)))
    assert (caught.value.code, caught.value.param) == ("invalid_option", param or "prediction")


def test_a_long_draft_is_cut_and_a_broken_one_mended() -> None:
    """It is a hint: on either side its beginning will do, and half a character stops nothing."""
    long = "a" * (MAX_DRAFT + 9)
    assert len(parse_question(as_body(question(draft=long))).options["draft"]) == MAX_DRAFT
    info = EngineInfo(model="m", fingerprint="m")
    sent = encode_request(OcrRequest(images=(PICTURE,), draft=f"\ud800{long}"), info)
    draft = parse_question(sent).options["draft"]
    assert (len(draft), draft[:3]) == (MAX_DRAFT, "?aa")


def test_an_older_server_is_sent_no_draft() -> None:
    """One that does not name the field would refuse the request for a hint."""
    told = {"model": "m", "fingerprint": "m", "fields": []}
    for fields, sent in ((["format"], False), (["format", "draft"], True)):
        info = OwnDialect().describe(Answer(200, as_body(told | {"fields": fields})))
        body = encode_request(OcrRequest(images=(PICTURE,), draft="mine"), info)
        assert (b"mine" in body) is sent
        assert encode_request(OcrRequest(images=(PICTURE,)), info).count(b"draft") == 0


def test_a_draft_is_no_part_of_what_is_asked(server: RunningServer) -> None:
    """A page with another draft is the same page, and what reads it is called the same."""
    picture = encoded(PICTURE)
    answers = [
        server.client.post(PATH, json=question(picture, draft=draft)).json()
        for draft in ("one", "other", False)
    ]
    assert len({answer["system_fingerprint"] for answer in answers}) == 1
    assert len({str(answer["choices"]) for answer in answers}) == 1
